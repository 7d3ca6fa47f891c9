import { createWake } from "../../../functions/shared/wake";

const QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs";
const sent = async (delaySeconds: number) => {
  const messages: object[] = [];
  const wake = createWake(QUEUE, (input) => {
    messages.push(input);
    return Promise.resolve({});
  });
  await wake("linux-x64", delaySeconds);
  return messages;
};

describe("a wake-up", () => {
  it("is a message on the jobs queue that names the fleet, and comes in whole seconds, not too early", async () => {
    expect(await sent(5.5)).toEqual([
      { QueueUrl: QUEUE, MessageBody: JSON.stringify({ wake: "linux-x64" }), DelaySeconds: 6 },
    ]);
  });

  it.each([
    ["at once for a time that has passed", -3, 0],
    ["after a quarter of an hour at the latest, the longest that a message is kept back", 3600, 900],
  ])("comes %s", async (_, asked, delay) => {
    expect(await sent(asked)).toMatchObject([{ DelaySeconds: delay }]);
  });

  it("that cannot be sent is told to who asked for it", async () => {
    const wake = createWake(QUEUE, () => Promise.reject(new Error("no queue")));

    await expect(wake("linux-x64", 1)).rejects.toThrow("no queue");
  });
});
