import { hostileJob } from "./scenario";
import type { Outcome } from "./scenario";
import { FINISH_SECONDS, useWorld } from "./world";

const { live } = useWorld();

/** TimeoutStopSec= of the runner's unit, which the second runner uses up. */
const STOP_SECONDS = 30;

const DENIED = /(Permission denied|Operation not permitted)[^]*exit 1$/;
const NOT_ADMITTED = /(Interactive authentication required|Access denied)[^]*exit 1$/;
const NO_CONNECTION = /^curl: \(7\)[^]*exit 7$/;

type Attempt = readonly [name: string, stoppedBy: string, outcome: RegExp];

/** Each attempt of hostile/job.sh, and what it must come to. */
const attempts: readonly Attempt[] = [
  ["metadata", "firewall", NO_CONNECTION],
  ["metadata-ipv6", "firewall, address filter of the unit", /exit (7|28)$/],
  ["metadata-mapped", "firewall", NO_CONNECTION],
  ["metadata-by-device", "firewall", NO_CONNECTION],
  ["metadata-token", "firewall", NO_CONNECTION],
  ["metadata-udp", "firewall, address filter of the unit", /PermissionError[^]*exit 1$/],
  ["metadata-raw-socket", "no capability", /PermissionError[^]*exit 1$/],
  ["metadata-packet-socket", "no capability", /PermissionError[^]*exit 1$/],
  ["metadata-user-namespace", "firewall: every user but the machine's root", NO_CONNECTION],
  ["metadata-user-namespace-raw", "no capability outside the namespace", /PermissionError[^]*exit 1$/],
  ["metadata-network-namespace", "no way out of the namespace", NO_CONNECTION],
  ["metadata-container-link", "no capability outside the namespace", /exit [1-9]\d*$/],
  ["firewall", "no capability outside the namespace", DENIED],
  ["firewall-seen", "no capability", DENIED],

  ["address", "no capability", /Operation not permitted[^]*exit 2$/],
  ["route", "no capability", /Operation not permitted[^]*exit 2$/],
  ["neighbour", "no capability", /Operation not permitted[^]*exit 2$/],
  ["promiscuous", "no capability", /Operation not permitted[^]*exit 2$/],
  ["low-port", "no capability", /PermissionError[^]*exit 1$/],
  ["leave-cgroup", "file permissions", DENIED],

  ["registration", "file permissions; deleted before the job", DENIED],
  ["boot-files", "file permissions", /Permission denied[^]*exit 2$/],
  ["user-data", "file permissions", DENIED],
  ["user-data-script", "file permissions", DENIED],
  ["user-data-cloud-init", "cloud-init", /redacted for non-root user[^]*exit 0$/],
  ["boot-journal", "file permissions", /insufficient permissions[^]*exit 1$/],
  ["boot-log", "file permissions", DENIED],
  ["processes", "ProtectProc=", /^exit 1$/],
  ["environment", "ProtectProc=", /No such file or directory[^]*exit 1$/],
  ["memory-of-1", "ProtectProc=", /No such file or directory[^]*exit 1$/],
  ["credentials", "none is on the machine", /No such file or directory[^]*exit 1$/],
  ["credentials-on-disk", "none is on the machine", /^exit [12]$/],
  ["take-another", "file permissions; no credentials", /exit 2$/],
  ["unsigned-call", "no credentials", /AccessDeniedException[^]*exit 0$/],

  ["sudo", "sudoers, NoNewPrivileges=", /exit 1$/],
  ["su", "NoNewPrivileges=", /exit 1$/],
  ["pkexec", "NoNewPrivileges=", /exit 12[67]$/],
  ["groups", "no group but its own", /^runner\nexit 0$/],
  ["setuid-root", "file permissions", /^1000\nexit 0$/],
  ["setuid-programs", "NoNewPrivileges=", /^\d+\n0{16} 0{16} 1\nexit 0$/],
  ["become-root", "no capability", /Operation not permitted[^]*exit 127$/],
  ["hard-link", "fs.protected_hardlinks", DENIED],
  ["mount", "no capability", /(must be superuser|permission denied)[^]*exit (1|32)$/],
  ["mount-user-namespace", "what it mounts is its own", /^made\nexit 1$/],
  ["trace", "traces nobody but its own user", /^exit 0$/],
  ["core-pattern", "file permissions", DENIED],
  ["kernel-module", "no capability", /^Operation not permitted\nexit 1$/],
  ["kernel-log", "no capability", DENIED],
  ["writable", "file permissions", /^exit 0$/],
  ["docker-socket", "docker group", /Permission denied[^]*exit 7$|Couldn't connect[^]*exit 7$/],

  ["unit-file", "file permissions", DENIED],
  ["unit-drop-in", "file permissions", DENIED],
  ["program", "file permissions", DENIED],
  ["stop-limit", "systemd and polkit", NOT_ADMITTED],
  ["stop-finish", "systemd and polkit", NOT_ADMITTED],
  ["mask-finish", "systemd and polkit", NOT_ADMITTED],
  ["stop-idle", "systemd and polkit", NOT_ADMITTED],
  ["set-property", "systemd and polkit", NOT_ADMITTED],
  ["exit-system", "systemd and polkit", NOT_ADMITTED],
  ["kill-limit", "signals go to the own user only", /Operation not permitted[^]*exit 1$/],
  ["cancel-shutdown", "nothing is scheduled there", /^2\nexit 0$/],
  ["restart", "systemd and polkit", /exit [1-9]\d*$/],
  ["clock", "no capability", DENIED],
  ["clock-of-systemd", "polkit", /exit [1-9]\d*$/],
  ["realtime", "no capability", DENIED],
  ["inhibit-block", "polkit", NOT_ADMITTED],
  ["notify", "NotifyAccess=none", /exit 0$/],
  ["notify-effect", "NotifyAccess=none", /^exit 0$/],

  ["user-manager", "the user's manager is masked", /escaped: No such file or directory\nexit 2$/],
  ["system-run", "systemd and polkit", NOT_ADMITTED],
  ["at", "NoNewPrivileges=", /exit 1$/],
  ["cron", "NoNewPrivileges=", /Permission denied[^]*exit 1$/],
  ["cron-file", "file permissions", DENIED],
  ["second-job", "the control group: it ends with the first", /^2\nexit 0$/],
  ["double-fork", "the control group: it ends with the first", /^exit 0$/],
  ["resources", "limits of the unit", /^CPUWeight=50\nMemoryMax=\d+\nTasksMax=\d+\nexit 0$/],
];

describe("a hostile job, as the runner's user", () => {
  let outcome: Outcome;
  let endedAt: number;

  beforeAll(async () => {
    outcome = await live({ job: hostileJob("job.sh"), props: { setupCommands: ["true"] } });
    endedAt = Date.now();
  });

  it.each(attempts)("%s: is stopped by %s", (name, _stoppedBy, expected) => {
    expect(outcome.told.get(name)).toMatch(expected);
  });

  it("has no attempt that is not told here", () => {
    const known = ["run-environ", "second-run", "daemon", "end", ...attempts.map(([name]) => name)];
    expect([...outcome.told.keys()].sort()).toEqual(known.sort());
  });

  it("ends with all that it left behind, and ships its logs", () => {
    const lived = (outcome.toldAt.get("daemon") ?? 0) - (outcome.toldAt.get("end") ?? 0);
    expect(lived).toBeLessThan(FINISH_SECONDS * 1000);
    expect(endedAt - (outcome.toldAt.get("end") ?? 0)).toBeLessThan((STOP_SECONDS + FINISH_SECONDS) * 1000);
    expect(outcome.calls.at(-1)?.target).toBe("Logs_20140328.PutLogEvents");
  });

  it("made no call to AWS that was signed", () => {
    const targets = outcome.calls.map(({ target }) => target);
    expect(targets.filter((target) => target.startsWith("DynamoDB"))).toEqual([
      "DynamoDB_20120810.DeleteItem",
    ]);
  });
});
