import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bootLogOf, createReadBootLog, LAST_STEP } from "../../../functions/sweep/boot-log";

const line = (step: unknown, status: unknown, program = "bash"): string =>
  `${program}: ${JSON.stringify({ message: "boot step", step, status, milliseconds: 5 })}`;

describe("the log of a machine's boot", () => {
  it.each([
    [
      "the first step that failed, and the last that did not",
      [line("user", 0), line("setup", 2)],
      "setup",
      "user",
    ],
    [
      "not a step that was ended since another had failed",
      [line("registration", 143), line("download", 22)],
      "download",
      undefined,
    ],
    ["a step that was ended, where no other failed", [line("user", 0), line("setup", 143)], "setup", "user"],
    ["no step, when all went well", [line("user", 0), line(LAST_STEP, 0)], undefined, LAST_STEP],
  ])("names %s", (_, lines, failed, done) => {
    const log = bootLogOf(lines);

    expect([log?.failed?.step, log?.done]).toEqual([failed, done]);
  });

  it.each([
    ["nothing", []],
    ["what programs print", ["bash: {", "systemd: Started.", line("setup", 1).replace("boot step", "other")]],
    ["a report that a job made up of other things", [line(7, 1), line("setup", "1"), line(null, 0)]],
  ])("is none with %s in it", (_, lines) => {
    expect(bootLogOf(lines)).toBeUndefined();
  });

  it("is read from the end of the machine's own stream", async () => {
    const asked: object[] = [];
    const read = createReadBootLog("acme", (input) => {
      asked.push(input);
      return Promise.resolve({ events: [{ message: line("setup", 1) }, {}, { message: 5 }] });
    });

    expect(await read("linux", "i-0123456789abcdef0")).toMatchObject({
      failed: { step: "setup", status: 1 },
    });
    expect(asked).toEqual([
      {
        logGroupName: "/ephemeral-runners/acme/linux",
        logStreamName: "i-0123456789abcdef0",
        startFromHead: false,
        limit: 200,
      },
    ]);
  });

  it("is none where there is no stream, and every other refusal is told", async () => {
    const refused = (name: string) =>
      createReadBootLog("acme", () => Promise.reject(Object.assign(new Error(name), { name })))(
        "linux",
        "i-1",
      );

    expect(await refused("ResourceNotFoundException")).toBeUndefined();
    await expect(refused("AccessDeniedException")).rejects.toThrow("AccessDeniedException");
  });

  it("has the last step of the boot script, and the form that the script reports in", () => {
    const boot = readFileSync(join(__dirname, "../../../functions/boot/boot.sh"), "utf8");
    const steps = [...boot.matchAll(/(?:^\s*|\] \|\| )step ([a-z-]+) /gm)].map(([, name]) => name);
    const [, format = ""] = /printf '(.*)\\n'/.exec(boot) ?? [];
    const reported = format.replace("%s", "setup").replace("%d", "1").replace("%d", "20");

    expect(steps.length).toBeGreaterThan(8);
    expect(steps.at(-1)).toBe(LAST_STEP);
    expect(bootLogOf([`bash: ${reported}`])).toEqual({
      failed: { step: "setup", status: 1 },
      done: undefined,
    });
  });
});
