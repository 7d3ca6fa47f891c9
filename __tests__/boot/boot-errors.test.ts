import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { BOOT_SECONDS, ran, stepsOf, useWorld } from "./world";

const { live } = useWorld();

/** Stands before the system's own `nft`. */
const replaceNft = (script: string) => (root: string) =>
  writeFileSync(join(root, "usr/local/sbin/nft"), script, { mode: 0o755 });

describe("a boot error powers the machine off, and no runner starts", () => {
  it("when no registration comes in time", async () => {
    // A try a second, of which a slow machine has no more than four.
    const outcome = await live({ environment: null, props: { registrationWaitSeconds: 6 } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.calls.filter(({ target }) => target.endsWith("DeleteItem")).length).toBeGreaterThanOrEqual(
      4,
    );
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS + 6);
    expect(outcome.shipped.join("\n")).toContain("no registration in time");
  });

  it("when the registration has expired, which is left to the sweeper", async () => {
    const outcome = await live({ expiresIn: -1, props: { registrationWaitSeconds: 2 } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.left).toHaveLength(1);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS + 2);
  });

  it("when the runner's archive has another checksum", async () => {
    const outcome = await live({ props: { runnerSha256: "0".repeat(64) } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.shipped.join("\n")).toContain("computed checksum did NOT match");
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("when a command of the team fails, and runs no further one", async () => {
    const outcome = await live({
      props: { setupCommands: ['echo "$(id -un) $((1 + 1))"', "false", "echo third-$((1 + 1))"] },
    });
    expect(ran(outcome)).toBe(false);
    expect(stepsOf(outcome)["setup"]?.status).toBe(1);
    expect(outcome.shipped).toContain("bash: root 2");
    expect(outcome.shipped.join("\n")).not.toContain("third-2");
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("when the firewall rule cannot be set", async () => {
    const outcome = await live({ change: replaceNft("#!/bin/sh\nexit 1\n") });
    expect(ran(outcome)).toBe(false);
    expect(stepsOf(outcome)["close-network"]?.status).toBe(1);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("when the metadata service answers the runner's user in spite of the rule", async () => {
    const outcome = await live({ change: replaceNft("#!/bin/sh\nexit 0\n") });
    expect(ran(outcome)).toBe(false);
    expect(outcome.shipped.join("\n")).toContain("169.254.169.254 is not closed to the runner");
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("when user data fails before systemd has taken over", async () => {
    const outcome = await live({
      change: (root) => writeFileSync(join(root, "opt/ephemeral-runner"), "in the way"),
    });
    expect(outcome.journal).not.toContain("ephemeral-runner-boot.service");
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("when the boot script is killed, as for want of memory", async () => {
    const outcome = await live({ props: { setupCommands: ["kill -KILL $PPID; sleep 60"] } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });
});
