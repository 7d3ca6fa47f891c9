import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startMoto } from "../support/moto";
import type { Moto } from "../support/moto";
import { ONE_JOB, jitConfig, play, prepareAws, registrationToken, roleId } from "./scenario";
import type { Outcome, Scenario } from "./scenario";
import { instanceCredentials } from "./stand-ins";

let moto: Moto;
const figures: string[] = [];

beforeAll(async () => {
  moto = await startMoto();
  await prepareAws(moto.endpoint);
}, 120_000);

afterAll(async () => {
  await moto.stop();
  process.stdout.write(
    `\nseconds from container start to power-off, and from the runner's start\n${figures.join("\n")}\n`,
  );
});

const live = async (scenario: Scenario): Promise<Outcome> => {
  const outcome = await play(moto.endpoint, scenario);
  const title = expect.getState().currentTestName ?? "";
  figures.push(`${outcome.seconds.toFixed(1)}\t${outcome.secondsSinceRunner?.toFixed(1) ?? "-"}\t${title}`);
  expectNoSecrets(outcome);
  return outcome;
};

/** The rule for every machine, whatever becomes of it. */
const expectNoSecrets = ({ watch, journal, shipped }: Outcome): void => {
  const secrets = [jitConfig, registrationToken, ...Object.values(instanceCredentials)];
  expect([...watch.commandLines].join("\n")).toContain("/usr/local/lib/ephemeral-runner/");
  expect(watch.sightings.filter(({ where }) => where === "cmdline")).toEqual([]);
  for (const secret of secrets) {
    expect(journal).not.toContain(secret);
    expect(shipped.join("\n")).not.toContain(secret);
  }
};

/** Boot takes so long here at most; what a limit adds comes on top. */
const BOOT_SECONDS = 25;

const ran = (outcome: Outcome): boolean => outcome.told.has("run-environ");

const stepsOf = (outcome: Outcome): Record<string, { status: number; milliseconds: number }> =>
  Object.fromEntries(
    outcome.shipped.flatMap((line) => {
      const json = /\{"message":"boot step".*\}/.exec(line)?.[0];
      if (json === undefined) return [];
      const { step, status, milliseconds } = JSON.parse(json) as Record<string, never>;
      return [[step, { status, milliseconds }]];
    }),
  );

const tokenRegistration = [
  "ACTIONS_RUNNER_INPUT_URL=https://github.com/acme",
  `ACTIONS_RUNNER_INPUT_TOKEN=${registrationToken}`,
  "ACTIONS_RUNNER_INPUT_NAME=ci-linux-i-0123",
  "ACTIONS_RUNNER_INPUT_EPHEMERAL=true",
  String.raw`ACTIONS_RUNNER_INPUT_RUNNERGROUP="Big" \machines $HOME`,
].join("\n");

/** What a curious job finds, each answer told by itself. */
const curiousJob = `
tell id "$(id)"
tell sudo "$(sudo -n true 2>&1; echo "exit $?")"
for address in 169.254.169.254 '[fd00:ec2::254]'; do
  curl --silent --globoff --max-time 3 "http://$address/latest/meta-data/instance-id"; codes+=" $?"
done
tell metadata "$codes"
tell registration "$(cat /run/ephemeral-runner/registration 2>&1; echo "exit $?")"
mkdir -p _diag
echo "listener's own diagnosis" >_diag/Runner_1.log
ln -s /etc/shadow _diag/Runner_2.log
sleep 0.3`;

const jobOfJit = `unset ACTIONS_RUNNER_INPUT_JITCONFIG\n${ONE_JOB}`;

describe("a machine whose image brings the runner, with a JIT configuration", () => {
  let outcome: Outcome;

  beforeAll(async () => {
    outcome = await live({ baked: true, listener: jobOfJit, job: curiousJob, restart: true });
    const boot = /(\S+) vm systemd\[1\]: Starting ephemeral-runner-boot.service/.exec(outcome.journal)?.[1];
    const runner = /(\S+) vm systemd\[1\]: Started ephemeral-runner.service/.exec(outcome.journal)?.[1];
    figures.push(`${Date.parse(runner ?? "") - Date.parse(boot ?? "")} ms from boot unit to runner, baked`);
    figures.push(JSON.stringify(stepsOf(outcome)));
  });

  it("runs one job and powers off", () => {
    expect(outcome.told.get("run-environ")).toContain(`ACTIONS_RUNNER_INPUT_JITCONFIG=${jitConfig}`);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
    expect(outcome.secondsSinceRunner).toBeLessThan(5);
  });

  it("takes its registration once, with a condition on the expiry", () => {
    const taken = outcome.calls.filter(({ target }) => target.endsWith("DeleteItem"));
    expect(taken).toHaveLength(1);
    expect(JSON.parse(taken[0]?.body ?? "")).toMatchObject({
      Key: { instance: { S: `${roleId}:${outcome.instanceId}` } },
      ConditionExpression: "expiresAt > :now",
      ReturnValues: "ALL_OLD",
    });
    expect(outcome.left).toEqual([]);
  });

  it("gives the job neither sudo nor docker nor the registration", () => {
    expect(outcome.told.get("id")).toMatch(/^uid=\d+\(runner\) gid=\d+\(runner\) groups=\d+\(runner\)$/);
    expect(outcome.told.get("sudo")).toMatch(/exit [1-9]/);
    expect(outcome.told.get("registration")).toMatch(/Permission denied\nexit 1/);
  });

  it("refuses the metadata service to the job, and answers root", () => {
    expect(outcome.told.get("metadata")?.trim()).toBe("7 7");
    expect(outcome.calls.at(-1)?.target).toBe("Logs_20140328.PutLogEvents");
  });

  it("ships the boot's steps with their times, and what the runner's user may read of _diag", () => {
    expect(stepsOf(outcome)).toMatchObject({
      packages: { status: 0, milliseconds: expect.any(Number) as number },
      registration: { status: 0 },
      "prove-metadata-closed": { status: 0 },
    });
    expect(outcome.shipped).toContain("listener's own diagnosis");
    expect(outcome.shipped.join("\n")).not.toContain("root:*:");
  });

  it("powers off when it is restarted, without running anything", () => {
    expect(outcome.restartSeconds).toBeLessThan(BOOT_SECONDS);
    expect(outcome.journal.match(/Started ephemeral-runner.service/g)).toHaveLength(1);
  });
});

describe("a machine that is given a registration token", () => {
  it("registers first, and runs the job without the token anywhere", async () => {
    let atJob = 0;
    const outcome = await live({ environment: tokenRegistration, job: 'tell job "$(env)"; sleep 1' });
    expect(outcome.told.get("config-environ")).toContain(`ACTIONS_RUNNER_INPUT_TOKEN=${registrationToken}`);
    expect(outcome.told.get("config-environ")).toContain(
      String.raw`ACTIONS_RUNNER_INPUT_RUNNERGROUP="Big" \machines $HOME`,
    );
    expect(outcome.told.get("config-arguments")).toBe("");
    expect(outcome.told.get("run-environ")).not.toContain("ACTIONS_RUNNER_INPUT_");
    expect(outcome.told.get("job")).not.toContain(registrationToken);
    atJob = outcome.toldAt.get("run-environ") ?? 0;
    const sightings = outcome.watch.sightings.filter(({ secret }) => secret === registrationToken);
    expect(sightings.length).toBeGreaterThan(0);
    expect(sightings.filter(({ at }) => at >= atJob)).toEqual([]);
  });
});

describe("every exit powers off", () => {
  it("when the runner fails", async () => {
    const outcome = await live({ listener: "exit 3" });
    expect(outcome.journal).toMatch(/ephemeral-runner.service: Failed with result 'exit-code'/);
    expect(outcome.secondsSinceRunner).toBeLessThan(5);
  });

  it("when no registration comes", async () => {
    const outcome = await live({ environment: null, props: { registrationWaitSeconds: 4 } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.calls.filter(({ target }) => target.endsWith("DeleteItem")).length).toBeGreaterThanOrEqual(
      4,
    );
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS + 4);
    expect(outcome.shipped.join("\n")).toContain("no registration in time");
  });

  it("when the registration has expired, and leaves it to the sweeper", async () => {
    const outcome = await live({ expiresIn: -1, props: { registrationWaitSeconds: 2 } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.left).toHaveLength(1);
  });

  it("when the runner's archive has another checksum", async () => {
    const outcome = await live({ props: { runnerSha256: "0".repeat(64) } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
    expect(outcome.shipped.join("\n")).toMatch(/computed checksum did NOT match/);
  });

  it("when a command of the team fails, and runs no further one", async () => {
    const outcome = await live({
      props: { setupCommands: ["id -un; echo in-$((1 + 1))", "false", "echo third-$((1 + 1))"] },
    });
    expect(ran(outcome)).toBe(false);
    expect(stepsOf(outcome)["setup"]?.status).toBe(1);
    expect(outcome.shipped).toContain("bash: in-2");
    expect(outcome.shipped.join("\n")).not.toContain("third-2");
  });

  it("when the firewall rule cannot be set", async () => {
    const outcome = await live({
      change: (root) =>
        writeFileSync(join(root, "usr/local/sbin/nft"), "#!/bin/sh\nexit 1\n", { mode: 0o755 }),
    });
    expect(ran(outcome)).toBe(false);
    expect(stepsOf(outcome)["close-metadata"]?.status).toBe(1);
  });

  it("when the firewall rule is set and the metadata service answers all the same", async () => {
    const outcome = await live({
      change: (root) => writeFileSync(join(root, "usr/local/sbin/nft"), "#!/bin/sh\n", { mode: 0o755 }),
    });
    expect(ran(outcome)).toBe(false);
    expect(outcome.shipped.join("\n")).toContain("169.254.169.254 is not closed to the runner");
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
  });

  it("when user data stops before systemd has taken over", async () => {
    const outcome = await live({
      change: (root) => writeFileSync(join(root, "usr/local/lib/ephemeral-runner"), "in the way"),
    }).catch((error: unknown) => error as Error);
    expect(outcome).not.toBeInstanceOf(Error);
  });

  it("when the boot hangs: the idle limit bounds it", async () => {
    const outcome = await live({ props: { setupCommands: ["sleep 300"], idleBackstopMinutes: 0.1 } });
    expect(ran(outcome)).toBe(false);
    expect(outcome.seconds).toBeGreaterThan(6);
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS + 8);
  });

  it("when no job comes: after the idle limit and a second look", async () => {
    const outcome = await live({ listener: "sleep 300", props: { idleBackstopMinutes: 0.1 } });
    expect(outcome.secondsSinceRunner).toBeGreaterThan(7);
    expect(outcome.secondsSinceRunner).toBeLessThan(13);
    expect(outcome.shipped.join("\n")).toContain("no job: the idle limit ends the machine");
  });

  it("when a job never ends and asks systemd for more time: at the hard limit", async () => {
    const outcome = await live({
      props: { hardLimitMinutes: 0.25, idleBackstopMinutes: 0.05 },
      job: `
        trap '' TERM INT HUP
        export NOTIFY_SOCKET=/run/systemd/notify
        systemd-notify EXTEND_TIMEOUT_USEC=3600000000; systemd-notify --pid=1 MAINPID=1; systemd-notify WATCHDOG=trigger
        setsid bash -c 'trap "" TERM; while :; do sleep 1; done' &
        while :; do tell alive yes; sleep 0.2; done`,
    });
    expect(outcome.secondsSinceRunner).toBeGreaterThan(10);
    expect(outcome.secondsSinceRunner).toBeLessThan(20);
    expect(outcome.shipped.join("\n")).not.toContain("no job");
  });

  it("when a job leaves a daemon behind that ignores signals", async () => {
    const outcome = await live({
      job: `(trap '' TERM HUP; setsid sleep 500 & ); setsid bash -c 'trap "" TERM HUP; while :; do sleep 1; done' &
        sleep 0.2`,
    });
    expect(outcome.secondsSinceRunner).toBeLessThan(30 + 6);
  });

  it("when the log service does not answer", async () => {
    const outcome = await live({ hang: (target) => target.startsWith("Logs_") });
    expect(outcome.secondsSinceRunner).toBeLessThan(30 + 6);
    expect(outcome.shipped).toEqual([]);
  });
});

describe("a job with a worker", () => {
  it("outlives the idle limit", async () => {
    const outcome = await live({
      props: { idleBackstopMinutes: 0.05, idleRecheckSeconds: 1 },
      job: "sleep 9; tell job done",
    });
    expect(outcome.told.get("job")).toBe("done");
  });

  it("finds the metadata service closed by its unit, too, where the firewall rule is gone", async () => {
    const dropIn = "/etc/systemd/system/ephemeral-runner.service.d";
    const outcome = await live({
      props: {
        setupCommands: [
          `mkdir -p ${dropIn}`,
          `printf '[Service]\\nExecStartPre=+nft flush ruleset\\n' >${dropIn}/open.conf`,
          "systemctl daemon-reload",
        ],
      },
      job: "curl --silent --max-time 3 http://169.254.169.254/; tell metadata $?",
    });
    expect(outcome.told.get("metadata")).toBe("7");
  });
});
