import {
  INTERRUPTION,
  REBALANCE,
  takeNotice,
  type InterruptionParts,
  type Notice,
} from "../../../functions/interruption/interruption";
import { createLedger } from "../../../functions/shared/ledger";
import {
  FLEET,
  HANDOFF_TABLE,
  INSTALLATION,
  LEDGER_TABLE,
  newDatabase,
  START,
} from "../../support/fleet-world";
import { captureLogs, type CapturedLogs } from "../../support/logs";

const OURS = "i-0123456789abcdef0";
const NOW = new Date(START).toISOString();

const notice = (kind: Notice["detail-type"], instanceId = OURS): Notice => ({
  id: "12345678-1234-1234-1234-123456789012",
  version: "0",
  account: "123456789012",
  time: "2026-09-01T12:00:00Z",
  region: "eu-central-1",
  source: "aws.ec2",
  resources: [`arn:aws:ec2:eu-central-1a:instance/${instanceId}`],
  "detail-type": kind,
  detail: { "instance-id": instanceId },
});

/** A ledger with one machine, in the second of two fleets. */
const world = async () => {
  const database = newDatabase();
  const woken: [fleet: string, delaySeconds: number][] = [];
  const clock = { time: START };
  const ledger = createLedger({
    client: database.client((_call, run) => Promise.resolve().then(run)),
    table: LEDGER_TABLE,
    handoffTable: HANDOFF_TABLE,
    installation: INSTALLATION,
    now: () => clock.time,
  });
  const machine = { instanceId: OURS, launchId: "launch-1", market: "spot" as const, launchedAt: NOW };
  await ledger.settle(FLEET, [{ machine }]);
  const parts: InterruptionParts = {
    installation: INSTALLATION,
    fleets: ["linux-arm64", FLEET],
    ledger,
    wake: (fleet, delaySeconds) => Promise.resolve(void woken.push([fleet, delaySeconds])),
  };
  const items = () => structuredClone(database.items(LEDGER_TABLE));
  return { ledger, parts, woken, clock, items };
};

let logs: CapturedLogs;
beforeEach(() => {
  logs = captureLogs();
});
afterEach(() => logs.restore());

describe("the notice of an interruption", () => {
  it("marks the machine, in the fleet where it is", async () => {
    const { parts, ledger } = await world();

    await takeNotice(parts, notice(INTERRUPTION));

    const { machines } = await ledger.read(FLEET);
    expect(machines).toMatchObject([{ instanceId: OURS, interruptedAt: NOW }]);
  });

  it("leaves the tasks: remove the runner's record, run the job again", async () => {
    const { parts, ledger } = await world();

    await takeNotice(parts, notice(INTERRUPTION));

    const { tasks } = await ledger.read(FLEET);
    expect(tasks).toEqual([
      expect.objectContaining({ kind: "remove-runner", instanceId: OURS, createdAt: NOW }),
      expect.objectContaining({ kind: "rerun-job", instanceId: OURS, createdAt: NOW }),
    ]);
  });

  it("has the fleet looked at at once", async () => {
    const { parts, woken } = await world();

    await takeNotice(parts, notice(INTERRUPTION));

    expect(woken).toEqual([[FLEET, 0]]);
  });

  it("wakes nobody before all is written down", async () => {
    const { parts, ledger } = await world();
    let seen: unknown;
    const wake = async (): Promise<void> => {
      const { machines, tasks } = await ledger.read(FLEET);
      seen = [machines[0]?.interruptedAt, tasks.length];
    };

    await takeNotice({ ...parts, wake }, notice(INTERRUPTION));

    expect(seen).toEqual([NOW, 2]);
  });

  it("is as old as EC2 says, though it is repeated minutes later", async () => {
    const { parts, ledger, clock } = await world();
    clock.time += 5 * 60_000;
    jest.useFakeTimers({ now: clock.time, doNotFake: ["nextTick", "queueMicrotask", "setImmediate"] });

    await takeNotice(parts, { ...notice(INTERRUPTION), time: "2026-09-01T12:01:30Z" }).finally(() =>
      jest.useRealTimers(),
    );

    const { machines, tasks } = await ledger.read(FLEET);
    const at = "2026-09-01T12:01:30.000Z";
    expect(machines.map(({ interruptedAt }) => interruptedAt)).toEqual([at]);
    expect(tasks.map(({ kind, createdAt }) => [kind, createdAt])).toEqual([
      ["remove-runner", at],
      ["rerun-job", at],
    ]);
  });

  it("changes nothing when it comes twice", async () => {
    const { parts, clock, items } = await world();
    await takeNotice(parts, notice(INTERRUPTION));
    const before = items();
    clock.time += 30_000;

    await takeNotice(parts, notice(INTERRUPTION));

    expect(items()).toEqual(before);
  });

  it("brings no task back that is done", async () => {
    const { parts, ledger } = await world();
    await takeNotice(parts, notice(INTERRUPTION));
    const { tasks } = await ledger.read(FLEET);
    await Promise.all(tasks.map((task) => ledger.endTask(FLEET, task)));

    await takeNotice(parts, notice(INTERRUPTION));

    expect((await ledger.read(FLEET)).tasks).toEqual([]);
  });

  it("is finished by its repetition when it was cut off before the mark", async () => {
    const { parts, ledger, clock } = await world();
    await ledger.addTask(FLEET, { kind: "rerun-job", instanceId: OURS, createdAt: NOW });
    clock.time += 60_000;

    await takeNotice(parts, notice(INTERRUPTION));

    const { machines, tasks } = await ledger.read(FLEET);
    expect(tasks).toHaveLength(2);
    expect(machines[0]?.interruptedAt).toBe(NOW);
  });

  it("wakes again when it was cut off after the mark", async () => {
    const { parts, woken } = await world();
    const cutOff = takeNotice(
      { ...parts, wake: () => Promise.reject(new Error("lost")) },
      notice(INTERRUPTION),
    );
    await expect(cutOff).rejects.toThrow("lost");

    await takeNotice(parts, notice(INTERRUPTION));

    expect(woken).toEqual([[FLEET, 0]]);
  });

  it("fails, and leaves no mark, when a task cannot be written down, so that Lambda repeats it", async () => {
    const { parts, ledger, woken } = await world();
    const addTask = () => Promise.reject(new Error("throttled"));

    const act = takeNotice({ ...parts, ledger: { ...ledger, addTask } }, notice(INTERRUPTION));

    await expect(act).rejects.toThrow("throttled");
    expect((await ledger.read(FLEET)).machines[0]?.interruptedAt).toBeUndefined();
    expect(woken).toEqual([]);
  });

  it("is no matter of ours for an instance that the ledger does not know", async () => {
    const { parts, woken, items } = await world();
    const before = items();

    await takeNotice(parts, notice(INTERRUPTION, "i-0fedcba9876543210"));

    expect(items()).toEqual(before);
    expect(woken).toEqual([]);
    expect(logs.lines().map(({ level }) => level)).toEqual(["DEBUG"]);
  });
});

describe("a rebalance recommendation", () => {
  it("is counted, and changes nothing", async () => {
    const { parts, woken, items } = await world();
    const before = items();

    await takeNotice(parts, notice(REBALANCE));

    expect(logs.lines()).toMatchObject([
      { level: "INFO", instanceId: OURS, installation: INSTALLATION, RebalanceRecommendations: 1 },
    ]);
    expect(items()).toEqual(before);
    expect(woken).toEqual([]);
  });

  it("is not counted for an instance of somebody else", async () => {
    const { parts } = await world();

    await takeNotice(parts, notice(REBALANCE, "i-0fedcba9876543210"));

    expect(logs.text()).not.toContain("RebalanceRecommendations");
  });
});
