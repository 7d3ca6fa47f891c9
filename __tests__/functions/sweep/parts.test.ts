import { EC2Client } from "@aws-sdk/client-ec2";
import type { Invoke } from "../../../functions/shared/invoke-function";
import { createSweepParts } from "../../../functions/sweep/parts";
import { newDatabase } from "../../support/fleet-world";
import { SweepWorld } from "./sweep-world";

describe("what the sweep works with", () => {
  it("has the rotation function send deliveries again, and hands on its answer", async () => {
    const world = await SweepWorld.start();
    await world.github.stop();
    const redelivered = { ids: ["1"], failing: [], until: "2026-09-01T12:00:00.000Z" };
    const invocations: Parameters<Invoke>[] = [];
    const invoke: Invoke = (...invocation) => {
      invocations.push(invocation);
      return Promise.resolve({ payload: JSON.stringify({ tokens: [], redelivered }) });
    };
    const parts = createSweepParts(
      { ...world.settings, rotateFunction: "rotate-tokens" },
      {
        documents: newDatabase().client(),
        ec2: new EC2Client({ region: "eu-central-1" }),
        readParameters: () => Promise.resolve({}),
        invoke,
        wake: () => Promise.resolve(),
        now: () => world.time,
      },
    );

    const answer = await parts.redeliver({ since: "2026-09-01T11:00:00.000Z", except: ["2"] });

    expect(answer).toEqual(redelivered);
    const [[functionName, payload]] = invocations as [Parameters<Invoke>];
    expect(functionName).toBe("rotate-tokens");
    expect(JSON.parse(payload)).toEqual({
      redeliver: { since: "2026-09-01T11:00:00.000Z", except: ["2"] },
    });
  });
});
