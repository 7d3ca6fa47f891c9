import fc from "fast-check";
import { runnerName, type JobAction, type JobMessage } from "../../../functions/shared/contract";
import { event, FLEET, INSTALLATION, LEDGER_TABLE } from "../../support/fleet-world";
import { LedgerWorld } from "../../support/ledger-world";

const OTHER_FLEET = "linux-arm64";
const MACHINES = ["i-00000001", "i-00000002", "i-00000003"];

/** What happens to a job, in GitHub's order: gates, and a machine that may be another job's or another fleet's. */
const attempt = fc.record({
  gates: fc.nat(2),
  /** Of {@link MACHINES}, each of which runs one job at most; beyond them: cancelled before any took it. */
  machine: fc.nat(5),
  ended: fc.boolean(),
});
type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;
interface Told {
  readonly action: JobAction;
  readonly jobId: number;
  readonly own: Partial<JobMessage>;
}

const toldOf = (jobId: number, runAttempt: number, { gates, machine, ended }: Attempt): Told[] => {
  const id = MACHINES[machine];
  const fleet = jobId % 2 ? FLEET : OTHER_FLEET;
  const taken = { runnerName: id && runnerName(INSTALLATION, FLEET, id) };
  const told = (action: JobAction, own = {}): Told => ({ action, jobId, own: { fleet, runAttempt, ...own } });
  return [
    told("queued"),
    ...Array.from({ length: gates }, () => [told("waiting"), told("queued")]).flat(),
    ...(id ? [told("in_progress", taken)] : []),
    ...(ended || !id ? [told("completed", taken)] : []),
  ];
};

/** A machine runs one job in its life. */
const eachMachineOnce = (attempts: readonly Attempt[]): Attempt[] => {
  const used = new Set<number>();
  return attempts.map((one) => {
    const free = !used.has(one.machine);
    used.add(one.machine);
    return free ? one : { ...one, machine: MACHINES.length };
  });
};

/** The events of up to three jobs with two attempts each, mixed as they happen. */
const history: fc.Arbitrary<JobMessage[]> = fc
  .tuple(
    fc.array(fc.array(attempt, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.nat(2), { minLength: 42, maxLength: 42 }),
  )
  .map(([jobs, turns]) => {
    const once = eachMachineOnce(jobs.flat());
    const left = jobs.map((attempts, job) =>
      attempts.flatMap((_, index) => {
        const before = jobs.slice(0, job).flat().length;
        return toldOf(job + 1, index + 1, once[before + index]!);
      }),
    );
    const messages: JobMessage[] = [];
    for (const turn of turns) {
      const queues = left.filter((queue) => queue.length > 0);
      const next = queues[turn % Math.max(queues.length, 1)]?.shift();
      if (!next) break;
      messages.push(event(next.action, next.jobId, messages.length + 1, next.own));
    }
    return messages;
  });

/** All of them at least once, in any order, in batches as the queue gives them. */
const deliveries = history.chain((all) =>
  fc.array(fc.constantFrom(...all), { maxLength: 6 }).chain((again) =>
    fc.record({
      all: fc.constant(all),
      order: fc.shuffledSubarray([...all, ...again], { minLength: all.length + again.length }),
      batch: fc.integer({ min: 1, max: 10 }),
    }),
  ),
);

const decides = ["state", "rank", "open", "changedAt", "runAttempt", "jobId", "runId", "expiresAt"];

const play = async (messages: readonly JobMessage[], batch: number) => {
  const world = new LedgerWorld();
  for (let i = 0; i < messages.length; i += batch) {
    const recorded = await world.ledger.record(messages.slice(i, i + batch));
    expect(recorded.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  }
  const items = world.database
    .items(LEDGER_TABLE)
    .map((one) => [
      `${String(one.fleet)} ${String(one.item)}`,
      Object.fromEntries(decides.map((name) => [name, one[name]])),
    ]);
  return Object.fromEntries(items) as Record<string, unknown>;
};

const readable = (messages: readonly JobMessage[]): string =>
  messages
    .map((one) => `${one.action} of ${one.jobId}/${one.runAttempt} (${one.delivery}) ${one.runnerName ?? ""}`)
    .join("\n");

it("the ledger ends in the same state whatever the order and the repetition of the events of several jobs", async () => {
  await fc.assert(
    fc.asyncProperty(deliveries, async ({ all, order, batch }) => {
      const asTold = await play(all, 1);
      const asDelivered = await play(order, batch);
      // With the deliveries in it, so that the counterexample can be read.
      expect({ readable: readable(order), batch, ...asDelivered }).toEqual({
        readable: readable(order),
        batch,
        ...asTold,
      });
    }),
    { numRuns: 100 },
  );
});
