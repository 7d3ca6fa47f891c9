import { machineOperations } from "../support/rights/machine-calls";
import { ONE_JOB, jitConfig, registrationToken, roleId } from "./scenario";
import type { Outcome } from "./scenario";
import { BOOT_SECONDS, FINISH_SECONDS, ran, stepsOf, useWorld } from "./world";

const { live, note } = useWorld();

/** What a curious job finds, each answer told by itself. */
const curiousJob = `
tell id "$(id)"
tell sudo "$(sudo -n true 2>&1; echo "exit $?")"
curl --silent --max-time 3 http://169.254.169.254/latest/meta-data/instance-id; tell metadata $?
curl --silent --globoff --max-time 1 'http://[fd00:ec2::254]/latest/meta-data/instance-id'; tell metadata6 $?
tell registration "$(cat /run/ephemeral-runner/registration 2>&1; echo "exit $?")"
mkdir -p _diag
echo "the listener's own diagnosis" >_diag/Runner_1.log
ln -s /etc/shadow _diag/Runner_2.log
tell done yes`;

describe("what is under way while the firewall goes up", () => {
  const AFTER_MS = 1500;
  let outcome: Outcome;

  beforeAll(async () => {
    outcome = await live({ baked: true, firstMetadataAfterMs: AFTER_MS });
  });

  it("gets its answer all the same", () => {
    expect(ran(outcome)).toBe(true);
    // What is never answered is given up after 5 s, and tried again.
    const { registration } = stepsOf(outcome);
    expect(registration?.milliseconds).toBeGreaterThanOrEqual(AFTER_MS);
    expect(registration?.milliseconds).toBeLessThan(AFTER_MS + 3000);
  });
});

describe("a machine whose image brings the runner, with a JIT configuration", () => {
  let outcome: Outcome;

  beforeAll(async () => {
    const listener = `unset ACTIONS_RUNNER_INPUT_JITCONFIG\n${ONE_JOB}`;
    outcome = await live({ baked: true, listener, job: curiousJob, restart: true });
    const timeOf = (event: string): number =>
      Date.parse(new RegExp(`(\\S+) \\S+ systemd\\[1\\]: ${event}`).exec(outcome.journal)?.[1] ?? "");
    const boot = timeOf("Starting ephemeral-runner-boot.service");
    note(
      `${timeOf("Started ephemeral-runner.service") - boot} ms from the boot script's start to the runner's`,
    );
    note(JSON.stringify(stepsOf(outcome)));
  });

  it("runs the job and powers off", () => {
    expect(outcome.told.get("run-environ")).toContain(`ACTIONS_RUNNER_INPUT_JITCONFIG=${jitConfig}`);
    expect(outcome.told.get("done")).toBe("yes");
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS);
    expect(outcome.secondsSinceRunner).toBeLessThan(FINISH_SECONDS);
  });

  it("takes its registration in one call, with a condition on the expiry", () => {
    const taken = outcome.calls.filter(({ target }) => target.endsWith("DeleteItem"));
    expect(taken).toHaveLength(1);
    expect(JSON.parse(taken[0]?.body ?? "")).toMatchObject({
      Key: { instance: { S: `${roleId}:${outcome.instanceId}` } },
      ConditionExpression: "expiresAt > :now",
      ReturnValues: "ALL_OLD",
    });
  });

  it("asks AWS for what its program says, and for nothing else", () => {
    const operations = outcome.calls.map(({ target }) => {
      const [service = "", name] = target.split(".");
      return `${service.replace(/_.*/, "").toLowerCase()}:${name}`;
    });
    expect([...new Set(operations)].sort()).toEqual(machineOperations());
  });

  it("leaves nothing to a second taking", () => {
    expect(outcome.left).toEqual([]);
  });

  it("gives the job neither sudo nor docker nor the registration", () => {
    expect(outcome.told.get("id")).toMatch(/^uid=\d+\(runner\) gid=\d+\(runner\) groups=\d+\(runner\)$/);
    expect(outcome.told.get("sudo")).toMatch(/exit [1-9]/);
    expect(outcome.told.get("registration")).toMatch(/Permission denied\nexit 1/);
  });

  it("refuses the metadata service to the job, and answers root", () => {
    expect(outcome.told.get("metadata")).toBe("7");
    expect(["7", "28"]).toContain(outcome.told.get("metadata6"));
    expect(outcome.calls.at(-1)?.target).toBe("Logs_20140328.PutLogEvents");
  });

  it("ships the boot's steps with their times", () => {
    const success = { status: 0, milliseconds: expect.any(Number) as number };
    expect(stepsOf(outcome)).toMatchObject({
      registration: success,
      user: success,
      packages: success,
      "close-network": success,
      runner: success,
      "prove-metadata-closed": success,
    });
  });

  it("ships of _diag what the runner's user may read, and nothing that the job linked into it", () => {
    expect(outcome.shipped).toContain("the listener's own diagnosis");
    expect(outcome.shipped.join("\n")).not.toContain("root:*:");
  });

  it("powers off when it is restarted, without running anything", () => {
    expect(outcome.restartSeconds).toBeLessThan(BOOT_SECONDS);
    expect(outcome.journal.match(/Started ephemeral-runner\.service/g)).toHaveLength(1);
  });
});

describe("a machine that is given a registration token", () => {
  const group = String.raw`ACTIONS_RUNNER_INPUT_RUNNERGROUP="Big" \machines $HOME`;
  const environment = [
    "ACTIONS_RUNNER_INPUT_URL=https://github.com/acme",
    `ACTIONS_RUNNER_INPUT_TOKEN=${registrationToken}`,
    "ACTIONS_RUNNER_INPUT_EPHEMERAL=true",
    group,
  ].join("\n");

  it("registers first, and runs the job with the token nowhere", async () => {
    const outcome = await live({ environment, job: 'tell job "$(env)"; sleep 1' });
    expect(outcome.told.get("config-arguments")).toBe("--no-default-labels");
    const given = outcome.told.get("config-environ")?.split("\n");
    expect(given).toEqual(expect.arrayContaining(environment.split("\n")));
    expect(outcome.told.get("run-environ")).not.toContain("ACTIONS_RUNNER_INPUT_");
    expect(outcome.told.get("job")).not.toContain("ACTIONS_RUNNER_INPUT_");
    const seen = outcome.watch.sightings.filter(({ secret }) => secret === registrationToken);
    expect(seen).not.toEqual([]);
    expect(seen.filter(({ at }) => at >= (outcome.toldAt.get("run-environ") ?? 0))).toEqual([]);
  });
});

describe("a job", () => {
  it("outlives the idle limit while its worker lives", async () => {
    const outcome = await live({
      props: { idleBackstopMinutes: 0.05, idleRecheckSeconds: 1 },
      job: "sleep 9; tell job done",
    });
    expect(outcome.told.get("job")).toBe("done");
  });

  it("gets no answer from the metadata service where the firewall rule is gone: its unit denies it as well", async () => {
    const dropIn = "/etc/systemd/system/ephemeral-runner.service.d";
    const outcome = await live({
      props: {
        setupCommands: [
          `mkdir -p ${dropIn}`,
          `printf '[Service]\\nExecStartPre=+nft flush ruleset\\n' >${dropIn}/open.conf`,
          "systemctl daemon-reload",
        ],
      },
      job: "curl --silent --max-time 2 http://169.254.169.254/; tell metadata $?",
    });
    expect(outcome.told.get("metadata")).toBe("28");
  });
});
