import fc from "fast-check";
import type { FleetView, Job, Launch, Machine, MachineState } from "../../../functions/shared/ledger-items";
import { balance, MACHINES_A_LAUNCH, nextStep } from "../../../functions/shared/reconcile-plan";
import { START } from "../../support/fleet-world";

const launch = (count: number, launchId: string): Launch => ({
  launchId,
  market: "spot",
  count,
  parameters: "{}",
  createdAt: START,
});
const machines = fc.array(fc.constantFrom<MachineState>("starting", "idle", "busy"), { maxLength: 40 });
const view = fc
  .record({
    waiting: fc.nat(150),
    states: machines,
    counts: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
    unseen: fc.nat(5),
  })
  .map(({ waiting, states, counts, unseen }): FleetView => ({
    lease: {
      until: 0,
      turn: 0,
      mark: 0,
      recent: [],
      recentAt: 0,
      launches: counts.map((count, i) => launch(count, String(i))),
    },
    waiting: Array.from({ length: waiting }, (_, jobId) => ({ jobId }) as Job),
    machines: states.map((state, i) => ({ instanceId: `i-${i}`, state }) as Machine),
    unseen: Array.from({ length: unseen }, (_, i) => `i-unseen-${i}`),
  }));

describe("the next step in a fleet", () => {
  it("launches what is wanted and never more than there is room for", () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 1, max: 60 }), (seen, cap) => {
        const looked = new Set(seen.lease.launches.map(({ launchId }) => launchId));
        const step = nextStep(seen, cap, looked);
        const { waiting, free, held } = balance(seen);
        const count = step.do === "launch" ? step.count : 0;

        expect(count).toBe(Math.max(0, Math.min(waiting - free, cap - held, MACHINES_A_LAUNCH)));
        expect(free).toBeLessThanOrEqual(held);
      }),
    );
  });

  it("is to look for launches that were left behind, before anything else, and once", () => {
    fc.assert(
      fc.property(view, (seen) => {
        const { launches } = seen.lease;
        const step = nextStep(seen, 10);

        if (launches.length > 0) expect(step).toEqual({ do: "adopt", launches });
        else expect(step.do).not.toBe("adopt");
      }),
    );
  });
});
