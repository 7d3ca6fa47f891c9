import { wholeSettings } from "../../../functions/shared/whole-settings";
import { ssmMemory } from "../../support/ssm-memory";

interface Settings {
  readonly name: string;
  readonly list?: readonly string[];
}

const names = ["/p/0", "/p/1"];

describe("wholeSettings", () => {
  it("asks nobody where all settings stand in the environment", async () => {
    const { read, stub } = ssmMemory({});

    expect(await wholeSettings<Settings>({ name: "a" }, read)()).toEqual({ name: "a" });
    expect(stub.calls()).toEqual([]);
  });

  it("joins the pieces in their order, wherever they are cut, and reads them once", async () => {
    const { read, stub } = ssmMemory({ "/p/0": '{"list":["one","t', "/p/1": 'wo"]}' });
    const whole = wholeSettings<Settings>({ name: "a", settingsParameters: names }, read);

    expect(await Promise.all([whole(), whole()])).toEqual(Array(2).fill({ name: "a", list: ["one", "two"] }));
    expect(stub.calls()).toHaveLength(1);
  });

  it.each([
    [{ "/p/0": '{"list":[]}' }, "The parameter /p/1 is missing: apply the stack again."],
    [
      { "/p/0": '{"list":[', "/p/1": "]" },
      "The parameters /p/0 and following hold no JSON object: apply the stack again.",
    ],
  ])("refuses %j, and reads again the next time", async (values: Record<string, string>, message) => {
    const { read, stub } = ssmMemory(values);
    const whole = wholeSettings<Settings>({ name: "a", settingsParameters: names }, read);

    await expect(whole()).rejects.toThrow(message);
    await expect(whole()).rejects.toThrow(message);
    expect(stub.calls()).toHaveLength(2);
  });
});
