import { LONGEST_WAIT_MS } from "../../../functions/shared/ledger-items";
import { runnerName } from "../../../functions/shared/contract";
import { event, FLEET, INSTALLATION, LEDGER_TABLE, START } from "../../support/fleet-world";
import { LedgerWorld, recordedMachine } from "../../support/ledger-world";

describe("the ledger, told of a job", () => {
  it("has it waiting, among what is open, oldest first", async () => {
    const world = new LedgerWorld();

    await world.ledger.record([event("queued", 2, 1), event("queued", 1, 2)]);

    const { waiting } = await world.ledger.read(FLEET);
    expect(waiting.map(({ jobId }) => jobId)).toEqual([1, 2]);
    expect(waiting[0]).toMatchObject({ state: "waiting", repository: "acme/app", runId: 1, runAttempt: 1 });
  });

  it("reads what is open page by page", async () => {
    const world = new LedgerWorld();
    world.database.pageSize = 2;

    await world.ledger.record([1, 2, 3, 4, 5].map((id) => event("queued", id, id)));

    expect((await world.ledger.read(FLEET)).waiting).toHaveLength(5);
  });

  it("sees no job as waiting whose machine it sees as busy, though both moved while it read", async () => {
    const world = new LedgerWorld();
    const id = "i-0123456789abcdef0";
    await world.ledger.record([event("queued", 1, 1)]);
    await world.ledger.settle(FLEET, [recordedMachine(id)]);
    world.database.pageSize = 1;
    const began = event("in_progress", 1, 2, { runnerName: runnerName(INSTALLATION, FLEET, id) });
    let pages = 0;
    const { ledger } = world.parts(async (call, run) => {
      const page: unknown = await Promise.resolve().then(run);
      if (call === "Query" && ++pages === 1) await world.ledger.record([began]);
      return page;
    });

    const { waiting, machines } = await ledger.read(FLEET);

    expect(waiting).toEqual([]);
    expect(machines.map(({ state }) => state)).toEqual(["busy"]);
  });

  it("withdraws a job that waits for its environment, and renews it at the second queued", async () => {
    const world = new LedgerWorld();

    await world.ledger.record([event("queued", 1, 1)]);
    await world.ledger.record([event("waiting", 1, 2)]);
    expect((await world.ledger.read(FLEET)).waiting).toHaveLength(0);
    await world.ledger.record([event("queued", 1, 3)]);

    expect((await world.ledger.read(FLEET)).waiting).toHaveLength(1);
  });

  it("does not renew a withdrawn job for an older queued", async () => {
    const world = new LedgerWorld();

    await world.ledger.record([event("waiting", 1, 2)]);
    const [late] = await world.ledger.record([event("queued", 1, 1)]);

    expect(late).toEqual({ outcome: "unchanged" });
    expect(world.stateOf(1)).toBe("withdrawn");
  });

  it("lets a job that is done go after eight days, and keeps nothing of it open", async () => {
    const world = new LedgerWorld();

    await world.ledger.record([event("queued", 1, 1)]);
    await world.ledger.record([event("completed", 1, 5, { conclusion: "success" })]);

    const job = world.item("job#1");
    expect(job).toMatchObject({ state: "done", conclusion: "success" });
    expect(job?.expiresAt).toBe(START / 1000 + 5 + 8 * 86_400);
    expect(job).not.toHaveProperty("open");
  });

  it("moves the machine that took the job, in the machine's own fleet", async () => {
    const world = new LedgerWorld();
    const id = "i-0123456789abcdef0";
    await world.ledger.settle("other-fleet", [recordedMachine(id)]);

    await world.ledger.record([
      event("in_progress", 1, 1, { runnerName: runnerName(INSTALLATION, "other-fleet", id) }),
    ]);
    expect(world.item(`machine#${id}`, "other-fleet")).toMatchObject({
      state: "busy",
      jobId: 1,
      runnerId: 7,
    });
    await world.ledger.record([
      event("completed", 1, 2, { runnerName: runnerName(INSTALLATION, "other-fleet", id) }),
    ]);

    expect(world.item(`machine#${id}`, "other-fleet")).toMatchObject({ state: "ending" });
  });

  it("leaves runners of others alone", async () => {
    const world = new LedgerWorld();

    await world.ledger.record([
      event("in_progress", 1, 1, { runnerName: runnerName("desk", FLEET, "i-0123456789abcdef0") }),
    ]);

    expect(world.database.items(LEDGER_TABLE)).toHaveLength(1);
  });

  it("does not make a machine busy again that has ended", async () => {
    const world = new LedgerWorld();
    const name = runnerName(INSTALLATION, FLEET, "i-0123456789abcdef0");

    await world.ledger.record([event("completed", 1, 2, { runnerName: name })]);
    await world.ledger.record([event("in_progress", 1, 1, { runnerName: name })]);

    expect(world.item("machine#i-0123456789abcdef0")?.state).toBe("ending");
  });

  it("writes ten events in one call, and each by itself when one of them is refused", async () => {
    const world = new LedgerWorld();
    const ten = Array.from({ length: 10 }, (_, id) => event("queued", id, 1));

    await world.ledger.record(ten);
    expect(world.calls).toEqual(["TransactWriteItems"]);
    const again = await world.ledger.record([...ten.slice(0, 9), event("queued", 99, 2)]);

    expect(again.map(({ outcome }) => outcome)).toEqual([...Array<string>(9).fill("unchanged"), "moved"]);
    expect(world.stateOf(99)).toBe("waiting");
  });

  it("fails for the one event that cannot be written, and for no other", async () => {
    const world = new LedgerWorld();
    const poison = event("queued", 2, 1, { fleet: "" });

    const [good, bad] = await world.ledger.record([event("queued", 1, 1), poison]);

    expect(good).toEqual({ outcome: "moved" });
    expect(bad).toMatchObject({ outcome: "failed" });
  });

  it("runs a job again for a higher attempt, whatever is said of the one before, and not for a lower", async () => {
    const world = new LedgerWorld();
    await world.ledger.record([event("completed", 1, 5)]);

    await world.ledger.record([event("queued", 1, 6, { runAttempt: 2 })]);
    expect(world.item("job#1")).toMatchObject({ state: "waiting", runAttempt: 2 });
    const late = await world.ledger.record([event("in_progress", 1, 7), event("completed", 1, 8)]);

    expect(late.map(({ outcome }) => outcome)).toEqual(["unchanged", "unchanged"]);
    expect((await world.ledger.read(FLEET)).waiting).toMatchObject([{ runAttempt: 2 }]);
  });

  it("has a job that was given up wait again at a later queued, and not at an older one", async () => {
    const world = new LedgerWorld();
    const job = { jobId: 1, runAttempt: 1, createdAt: event("queued", 1, 1).createdAt };
    await world.ledger.record([event("queued", 1, 1)]);
    world.time = START + 10_000;
    expect(await world.ledger.moveJob(FLEET, "givenUp", { ...job, reason: "not at GitHub" })).toBe(true);
    expect(world.item("job#1")).toMatchObject({ state: "givenUp", reason: "not at GitHub" });

    await world.ledger.record([event("queued", 1, 9)]);
    expect((await world.ledger.read(FLEET)).waiting).toEqual([]);
    await world.ledger.record([event("queued", 1, 11)]);

    expect((await world.ledger.read(FLEET)).waiting).toHaveLength(1);
    expect(world.item("job#1")).not.toHaveProperty("reason");
  });

  it("forgets with a new wait what was found out about the one before", async () => {
    const world = new LedgerWorld();
    await world.ledger.record([event("queued", 1, 1)]);
    expect(await world.ledger.note(FLEET, "job#1", { servedAt: "then", checkedAt: "then" })).toBe(true);

    await world.ledger.record([event("waiting", 1, 2)]);
    await world.ledger.record([event("queued", 1, 3)]);

    expect(world.item("job#1")).not.toHaveProperty("servedAt");
    expect(world.item("job#1")).not.toHaveProperty("checkedAt");
  });

  it("tells jobs that have waited for a day from those that wait", async () => {
    const world = new LedgerWorld();
    await world.ledger.record([event("queued", 1, 0), event("queued", 2, 1)]);

    world.time = START + LONGEST_WAIT_MS;

    const { waiting, overdue } = await world.ledger.read(FLEET);
    expect(overdue.map(({ jobId }) => jobId)).toEqual([1]);
    expect(waiting.map(({ jobId }) => jobId)).toEqual([2]);
  });

  it("moves a job by what GitHub said, and by nothing that it said before", async () => {
    const world = new LedgerWorld();
    await world.ledger.record([event("queued", 1, 5)]);
    const { createdAt } = event("queued", 1, 5);
    const changedAt = new Date(START + 4000).toISOString();

    const older = { jobId: 1, runAttempt: 1, createdAt, changedAt };
    expect(await world.ledger.moveJob(FLEET, "withdrawn", older)).toBe(false);
    expect(await world.ledger.moveJob(FLEET, "done", older)).toBe(true);

    expect(world.stateOf(1)).toBe("done");
  });
});
