import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { registrationToken } from "./scenario";
import type { Scenario } from "./scenario";
import { BOOT_SECONDS, ran, stepsOf, useWorld } from "./world";

const { live } = useWorld();

/** As of a fleet that names no version. */
const unpinned = { runnerUrl: undefined, runnerSha256: undefined };
const renewed = (sha256: string): string => `http://127.0.0.1:8000/renewed.tar.gz ${sha256}`;

describe("the version that comes with the registration", () => {
  it("is downloaded and checked in place of that in the user data, and the job sees nothing of it", async () => {
    const outcome = await live({ props: unpinned, runner: renewed, job: 'tell job "$(env)"' });

    expect(outcome.downloads).toEqual(["/renewed.tar.gz"]);
    expect(outcome.told.get("job")).not.toMatch(/renewed|#/);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("is refused when its archive has another checksum", async () => {
    const outcome = await live({ props: unpinned, runner: () => renewed("0".repeat(64)) });

    expect(ran(outcome)).toBe(false);
    expect(stepsOf(outcome)["download"]?.status).toBe(1);
    expect(outcome.shipped.join("\n")).toContain("computed checksum did NOT match");
  });

  it("comes beside a registration token as well", async () => {
    const environment = [
      `ACTIONS_RUNNER_INPUT_TOKEN=${registrationToken}`,
      "ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE=1",
    ].join("\n");
    const outcome = await live({ props: unpinned, environment, runner: renewed });

    expect(outcome.downloads).toEqual(["/renewed.tar.gz"]);
    expect(outcome.told.get("config-environ")).toContain("RETURN_VERSION_DEPRECATED_EXIT_CODE=1");
    expect(ran(outcome)).toBe(true);
  });

  it("is left alone by a machine whose fleet names its own", async () => {
    const outcome = await live({ runner: () => renewed("0".repeat(64)) });

    expect(ran(outcome)).toBe(true);
    expect(outcome.downloads).toEqual(["/runner.tar.gz"]);
  });

  it("is left alone by a machine whose image brings a runner", async () => {
    const outcome = await live({ baked: true, props: unpinned, runner: renewed });

    expect(ran(outcome)).toBe(true);
    expect(outcome.downloads).toEqual([]);
  });

  it("does no harm to a machine of a launch template that was made before it was known", async () => {
    const outcome = await live({ userData: standing, runner: () => renewed("0".repeat(64)) });

    expect(ran(outcome)).toBe(true);
    expect(outcome.downloads).toEqual(["/runner.tar.gz"]);
    expect(outcome.told.get("run-environ")).not.toContain("renewed");
  });
});

describe("a version that GitHub refuses", () => {
  const refused: Scenario = { baked: true, listener: "exit 7" };

  it.each([
    ["a JIT configuration", undefined],
    ["a registration token", `ACTIONS_RUNNER_INPUT_TOKEN=${registrationToken}`],
  ])("is told as a step of the boot that failed, with %s, and powers the machine off", async (_what, own) => {
    const outcome = await live({ ...refused, ...(own !== undefined && { environment: own }) });

    expect(stepsOf(outcome)["runner-version"]).toEqual({ status: 7 });
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("is told as the code of the step that registers, where that is refused", async () => {
    const outcome = await live({
      baked: true,
      environment: `ACTIONS_RUNNER_INPUT_TOKEN=${registrationToken}`,
      change: (root) => writeFileSync(join(root, "opt/actions-runner/config-code"), "7"),
    });

    expect(ran(outcome)).toBe(false);
    expect(stepsOf(outcome)["register"]?.status).toBe(7);
  });

  it("is not told of a runner that ends in another way", async () => {
    const outcome = await live({ baked: true, listener: "exit 1" });

    expect(ran(outcome)).toBe(true);
    expect(stepsOf(outcome)).not.toHaveProperty("runner-version");
  });
});

/** The user data of a launch template that release 0.1.0 applied, with the settings of this machine. */
function standing(script: string): string {
  const released = readFileSync(join(__dirname, "released/0.1.0.sh"), "utf8");
  const settings = /(?:^[A-Z0-9_]+='.*'\n)+/m;
  return released.replace(settings, () => settings.exec(script)?.[0] ?? "");
}
