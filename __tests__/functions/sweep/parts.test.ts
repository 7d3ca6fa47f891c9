import { EC2Client } from "@aws-sdk/client-ec2";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { mockClient } from "aws-sdk-client-mock";
import { createSweepParts } from "../../../functions/sweep/parts";
import { newDatabase } from "../../support/fleet-world";
import { SweepWorld } from "./sweep-world";

describe("what the sweep works with", () => {
  it("has the rotation function send deliveries again, and hands on its answer", async () => {
    const world = await SweepWorld.start();
    await world.github.stop();
    const redelivered = { ids: ["1"], failing: [], until: "2026-09-01T12:00:00.000Z" };
    const lambda = mockClient(LambdaClient);
    lambda
      .on(InvokeCommand)
      .resolves({ Payload: Buffer.from(JSON.stringify({ tokens: [], redelivered })) as never });
    const parts = createSweepParts(
      { ...world.settings, rotateFunction: "rotate-tokens" },
      {
        documents: newDatabase().client(),
        ec2: new EC2Client({ region: "eu-central-1" }),
        ssm: new SSMClient({ region: "eu-central-1" }),
        lambda: new LambdaClient({ region: "eu-central-1" }),
        wake: () => Promise.resolve(),
        now: () => world.time,
      },
    );

    const answer = await parts.redeliver({ since: "2026-09-01T11:00:00.000Z", except: ["2"] });

    expect(answer).toEqual(redelivered);
    const [{ input }] = lambda.commandCalls(InvokeCommand).map(({ args }) => args[0]) as [InvokeCommand];
    expect(input.FunctionName).toBe("rotate-tokens");
    expect(JSON.parse(Buffer.from(input.Payload as Uint8Array).toString())).toEqual({
      redeliver: { since: "2026-09-01T11:00:00.000Z", except: ["2"] },
    });
  });
});
