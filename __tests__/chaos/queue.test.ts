import { Clock } from "./clock";
import { Queue, type EventSource } from "./queue";
import { Random } from "./random";

const SECOND = 1000;

/** A queue whose functions take ten seconds each, and what they were given, and when. */
const queueWith = (source: EventSource) => {
  const clock = new Clock(0);
  const batches: { readonly size: number; readonly at: number }[] = [];
  let running = 0;
  let most = 0;
  const queue = new Queue(clock, new Random("queue"), {
    visibilityMs: 3600 * SECOND,
    maximumReceives: 5,
    source,
    tell: () => undefined,
    consume: async (batch) => {
      batches.push({ size: batch.length, at: clock.now });
      most = Math.max(most, ++running);
      await clock.sleep(10 * SECOND);
      running--;
      return [];
    },
  });
  const send = (count: number): void => {
    for (let index = 0; index < count; index++) queue.send(`message ${index}`);
  };
  return {
    queue,
    send,
    batches,
    /** Ends at that time, and not with what happens next. */
    runFor: (milliseconds: number) => {
      clock.after(milliseconds - clock.now, () => undefined);
      return clock.runUntil(() => clock.now >= milliseconds);
    },
    mostAtOnce: () => most,
  };
};

describe("the simulated event source", () => {
  it("hands over what is there at once when it does not gather", async () => {
    const { send, batches, runFor } = queueWith({ batchSize: 10, windowMs: 0, concurrency: 5 });
    send(1);
    await runFor(SECOND);
    expect(batches).toEqual([{ size: 1, at: expect.any(Number) as number }]);
    expect(batches[0]?.at).toBeLessThan(200);
  });

  it("gives no function more than its batch, and runs no more of them than it may", async () => {
    const { send, batches, runFor, mostAtOnce } = queueWith({ batchSize: 10, windowMs: 0, concurrency: 2 });
    send(100);
    await runFor(120 * SECOND);
    expect(Math.max(...batches.map(({ size }) => size))).toBe(10);
    expect(mostAtOnce()).toBe(2);
  });

  it("lets a lone message wait for the end of a long poll when it gathers", async () => {
    const { send, batches, runFor } = queueWith({ batchSize: 10, windowMs: SECOND, concurrency: 5 });
    send(1);
    await runFor(30 * SECOND);
    expect(batches).toHaveLength(1);
    expect(batches[0]?.at).toBeGreaterThanOrEqual(20 * SECOND);
  });

  it("gathers more than ten messages, ten a receipt", async () => {
    const { queue, send, batches, runFor } = queueWith({ batchSize: 40, windowMs: SECOND, concurrency: 1 });
    send(80);
    await runFor(5 * SECOND);
    expect(batches.map(({ size }) => size)).toEqual([40]);
    const { receive } = queue.requests;
    await runFor(15 * SECOND);
    expect(batches.map(({ size }) => size)).toEqual([40, 40]);
    expect(queue.requests.receive - receive).toBe(4);
  });

  it("begins with five functions, and adds five a second while messages wait", async () => {
    const { send, batches, runFor } = queueWith({ batchSize: 1, windowMs: 0, concurrency: 100 });
    send(100);
    await runFor(9 * SECOND);
    const startedBy = (second: number): number => batches.filter(({ at }) => at <= second * SECOND).length;
    expect(startedBy(0.2)).toBeLessThanOrEqual(6);
    expect(startedBy(2)).toBeGreaterThanOrEqual(12);
    expect(startedBy(2)).toBeLessThanOrEqual(15);
    expect(startedBy(9)).toBeGreaterThanOrEqual(46);
  });
});
