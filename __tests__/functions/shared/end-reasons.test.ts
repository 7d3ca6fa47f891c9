import { readFileSync } from "node:fs";
import { join } from "node:path";
import { adviceFor, endedBecause, meaningOf } from "../../../functions/shared/end-reasons";

/** AWS's own list, as its SDK carries it: the documentation of `StateReason.Message`. */
const codes = (): string[] => {
  const models = join(__dirname, "../../../node_modules/@aws-sdk/client-ec2/dist-types/models/models_1.d.ts");
  const text = readFileSync(models, "utf8");
  const [, documented = ""] = /export interface StateReason \{([^]*?)\n\}/.exec(text) ?? [];
  return [...documented.matchAll(/<code>((?:Client|Server)\.[\w.]+)<\/code>/g)].map(([, code]) => code ?? "");
};

describe("the reasons for which EC2 ends machines", () => {
  it("are all that AWS names", () => {
    expect(codes().length).toBeGreaterThan(9);
    expect(codes().filter((code) => meaningOf(code) === undefined)).toEqual([]);
  });

  it.each([
    ["Client.InternalError", "launch"],
    ["Server.InsufficientInstanceCapacity", "launch"],
    ["Server.SpotInstanceTermination", "interruption"],
    ["Client.InstanceInitiatedShutdown", "machine"],
    ["Client.UserInitiatedShutdown", "caller"],
    ["Server.SomethingNew", "unknown"],
  ])("tell who it was: %s, %s", (code, by) => {
    expect(endedBecause(code)).toBe(by);
  });

  it("come with advice where it was EC2, at the launch", () => {
    const ofLaunch = codes().filter((code) => endedBecause(code) === "launch");

    expect(ofLaunch.filter((code) => adviceFor(code) === undefined)).toEqual([]);
  });
});
