import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ran, useWorld } from "./world";

const { live } = useWorld();

/** Groups whose members are root when they want to be, or read what only root should. */
const POWERFUL = ["adm", "disk", "docker", "lxd", "shadow", "sudo", "systemd-journal", "wheel"];

/** As an image that brings a user `runner`, in these groups, with Docker's as its first. */
const bringUser =
  (uid: number) =>
  (root: string): void => {
    const groups = POWERFUL.map((name, index) => `${name}:x:${900 + index}:runner\n`);
    writeFileSync(join(root, "etc/group"), ["root:x:0:\n", "nogroup:x:65534:\n", ...groups].join(""));
    appendFileSync(
      join(root, "etc/passwd"),
      `runner:x:${uid}:${900 + POWERFUL.indexOf("docker")}::/home/runner:/bin/bash\n`,
    );
    appendFileSync(join(root, "etc/shadow"), "runner:*:19000:0:99999:7:::\n");
    mkdirSync(join(root, "home/runner"));
    mkdirSync(join(root, "var/lib/systemd/linger"), { recursive: true });
    writeFileSync(join(root, "var/lib/systemd/linger/runner"), "");
    writeFileSync(join(root, "etc/sudoers.d/image"), "runner ALL=(ALL) NOPASSWD:ALL\n", { mode: 0o440 });
  };

describe("a user runner that the image brings", () => {
  it("keeps no group but its own, and its rule in sudoers is worth nothing", async () => {
    const outcome = await live({
      change: bringUser(1500),
      job: 'tell id "$(id)"; tell sudo "$(sudo -n true 2>&1; echo "exit $?")"',
    });

    expect(outcome.told.get("id")).toMatch(/^uid=1500\(runner\) gid=(\d+)\(runner\) groups=\1\(runner\)$/);
    expect(outcome.told.get("sudo")).toMatch(/no new privileges[^]*exit 1$/);
  });

  it("has no manager left that lingers, and starts none", async () => {
    const outcome = await live({
      change: bringUser(1500),
      job: `
        tell before "$(systemctl is-active user@1500.service)"
        loginctl --no-ask-password enable-linger runner
        sleep 2
        tell after "$(systemctl is-active user@1500.service; pgrep --uid 1500 --exact systemd | wc -l)"`,
    });

    expect(outcome.journal).toContain("Started user@1500.service");
    expect(outcome.told.get("before")).toMatch(/^(inactive|failed)$/);
    expect(outcome.told.get("after")).toMatch(/^(inactive|failed)\n0$/);
  });

  it("gets no job when it is root", async () => {
    const outcome = await live({ change: bringUser(0) });

    expect(ran(outcome)).toBe(false);
    expect(outcome.shipped.join("\n")).toContain("169.254.169.254 is not closed to the runner");
  });
});
