import fc from "fast-check";
import type {
  FleetView,
  Job,
  Launch,
  Lease,
  Machine,
  MachineState,
} from "../../../functions/shared/ledger-items";
import {
  balance,
  LAUNCH_IN_DOUBT_MS,
  MACHINES_A_ROUND,
  nextStep,
  REGISTRATION_WAIT_MS,
} from "../../../functions/shared/reconcile-plan";
import { SPOT_PROBE } from "../../../functions/shared/losses";
import { START } from "../../support/fleet-world";
import { leaseFrom } from "../../../functions/shared/ledger-lease";

const launch = (count: number, launchId: string): Launch => ({
  launchId,
  market: "spot",
  count,
  parameters: "{}",
  createdAt: START,
});
const unheld = leaseFrom(undefined);
const machine = (state: MachineState, own: Partial<Machine> = {}): Machine => {
  const launchedAt = new Date(START).toISOString();
  return { instanceId: "i-1", state, launchedAt, changedAt: launchedAt, ...own };
};
const jobs = (count: number): Job[] => Array.from({ length: count }, (_, jobId) => ({ jobId }) as Job);
const viewOf = (own: Partial<FleetView>, lease: Partial<Lease> = {}): FleetView => ({
  lease: { ...unheld, ...lease },
  waiting: [],
  withdrawn: [],
  overdue: [],
  machines: [],
  tasks: [],
  unseen: [],
  ...own,
});
const states = fc.constantFrom<MachineState>("launching", "starting", "idle", "busy", "ending");
const machines = fc.array(fc.record({ state: states, interrupted: fc.boolean() }), { maxLength: 40 });
const view = fc
  .record({
    waiting: fc.nat(150),
    machines,
    counts: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 3 }),
    unseen: fc.nat(5),
  })
  .map(({ waiting, machines: all, counts, unseen }) =>
    viewOf(
      {
        waiting: jobs(waiting),
        machines: all.map(({ state, interrupted }, i) =>
          machine(state, { instanceId: `i-${i}`, ...(interrupted && { interruptedAt: "now" }) }),
        ),
        unseen: Array.from({ length: unseen }, (_, i) => `i-unseen-${i}`),
      },
      { launches: counts.map((count, i) => launch(count, String(i))) },
    ),
  );
const round = { short: false, registered: 0 };
const untried = { ...round, tried: new Set<string>() };

describe("how a fleet stands", () => {
  /** Of launch "1", unless it says otherwise. */
  const of = (state: MachineState, own: Partial<Machine> = {}): Machine =>
    machine(state, { launchId: "1", ...own });

  // Counted by hand: a test that counts as the code does would take any formula for right.
  it.each<[what: string, Partial<FleetView>, Launch[], { free: number; held: number; booting: number }]>([
    ["nothing there", {}, [], { free: 0, held: 0, booting: 0 }],
    [
      "a launch without an answer is as many machines as it asked for",
      {},
      [launch(3, "1")],
      { free: 3, held: 3, booting: 3 },
    ],
    ["two launches are the sum", {}, [launch(3, "1"), launch(4, "2")], { free: 7, held: 7, booting: 7 }],
    [
      "machines of a launch that came to light are not counted twice",
      { machines: [of("starting"), of("idle")] },
      [launch(5, "1")],
      { free: 5, held: 5, booting: 4 },
    ],
    [
      "machines of one launch are not those of another",
      { machines: [of("starting"), of("starting")] },
      [launch(5, "1"), launch(1, "2")],
      { free: 6, held: 6, booting: 6 },
    ],
    [
      "a launch that brought more than it asked for is not less than nothing",
      { machines: [of("idle"), of("idle"), of("idle")] },
      [launch(2, "1")],
      { free: 3, held: 3, booting: 0 },
    ],
    [
      "of a launch, what works holds a place and is not free, and what ends is neither",
      { machines: [of("busy"), of("ending")] },
      [launch(4, "1")],
      { free: 2, held: 3, booting: 2 },
    ],
    [
      "a machine that will be taken away holds its place, and no job counts on it",
      { machines: [of("idle", { interruptedAt: "now" })] },
      [],
      { free: 0, held: 1, booting: 0 },
    ],
    [
      "what DescribeInstances does not know yet counts as there",
      { unseen: ["i-1", "i-2"] },
      [],
      { free: 2, held: 2, booting: 2 },
    ],
  ])("%s", (_what, own, launches, expected) => {
    expect(balance(viewOf({ waiting: jobs(9), ...own }, { launches }))).toEqual({ waiting: 9, ...expected });
  });

  it("decides how many are launched: what waits, less what is free, within the places left", () => {
    const seen = viewOf(
      { waiting: jobs(20), machines: [of("starting"), of("busy")], unseen: ["i-9"] },
      { launches: [launch(5, "1")] },
    );
    const tried = { ...round, tried: new Set(["1", "i-1"]) };

    // 3 of the launch are missing, 1 starts, 1 is unseen: 5 are free, and with the busy one 6 hold a place.
    expect(nextStep(seen, 30, START, tried)).toMatchObject({ do: "launch", count: 15 });
    expect(nextStep(seen, 10, START, tried)).toMatchObject({ do: "launch", count: 4 });
  });
});

describe("the next step in a fleet", () => {
  it("launches what is wanted and never more than there is room for", () => {
    fc.assert(
      fc.property(view, fc.integer({ min: 1, max: 60 }), (seen, cap) => {
        const ids = [
          ...seen.lease.launches.map(({ launchId }) => launchId),
          ...seen.machines.map(({ instanceId }) => instanceId),
        ];
        const step = nextStep(seen, cap, START, { ...round, tried: new Set(ids) });
        const { waiting, free, held } = balance(seen);
        const count = step.do === "launch" ? step.count : 0;

        expect(count).toBe(Math.max(0, Math.min(waiting - free, cap - held, MACHINES_A_ROUND)));
        expect(free).toBeLessThanOrEqual(held);
      }),
    );
  });

  it("is to look for launches that were left behind, before anything else, and once", () => {
    fc.assert(
      fc.property(view, (seen) => {
        const { launches } = seen.lease;
        const step = nextStep(seen, 10, START);

        if (launches.length > 0) expect(step).toEqual({ do: "adopt", launches });
        else expect(step.do).not.toBe("adopt");
      }),
    );
  });

  it("leaves a young launch alone for as long as nothing is to be launched", () => {
    const seen = viewOf({}, { launches: [launch(1, "1")], notBefore: START + 10 * 60_000, wakeAt: START });

    expect(nextStep(seen, 10, START).do).toBe("nothing");
    expect(nextStep(seen, 10, START + LAUNCH_IN_DOUBT_MS).do).toBe("adopt");
  });

  it("registers machines before it launches others, and ends those that it is too late for", () => {
    const seen = viewOf({ waiting: jobs(2), machines: [machine("launching")] });

    expect(nextStep(seen, 10, START)).toMatchObject({ do: "register", machines: [{ instanceId: "i-1" }] });
    expect(nextStep(seen, 10, START + REGISTRATION_WAIT_MS + 1)).toMatchObject({ do: "discard" });
    expect(nextStep(seen, 10, START, { ...untried, tried: new Set(["i-1"]) })).toMatchObject({
      do: "launch",
      count: 1,
    });
  });

  it("registers no machine whose end was announced", () => {
    const seen = viewOf({ machines: [machine("launching", { interruptedAt: "now" })] });

    expect(nextStep(seen, 10, START).do).toBe("nothing");
  });

  it("counts no place for a machine that ends", () => {
    const seen = viewOf({ waiting: jobs(1), machines: [machine("ending")] });

    expect(nextStep(seen, 1, START)).toMatchObject({ do: "launch", count: 1 });
  });

  it("is to wait while nothing may be launched, once, and for nothing when there is nothing to launch", () => {
    const notBefore = START + 1000;
    const waiting = { waiting: jobs(1) };

    expect(nextStep(viewOf(waiting, { notBefore }), 10, START)).toEqual({ do: "wait", until: notBefore });
    expect(nextStep(viewOf(waiting, { notBefore, wakeAt: notBefore }), 10, START).do).toBe("nothing");
    expect(nextStep(viewOf({}, { notBefore }), 10, START).do).toBe("nothing");
    expect(nextStep(viewOf(waiting, { notBefore }), 10, notBefore).do).toBe("launch");
  });

  describe("after machines that were lost before they took a job", () => {
    const at = new Date(START).toISOString();
    const losses = { count: 2, rounds: 2, since: at, last: at, notBefore: START, machines: [] };

    it("launches one, and none while one still boots, however many jobs wait", () => {
      fc.assert(
        fc.property(view, fc.boolean(), (seen, onSpot) => {
          const lease = { ...seen.lease, losses, ...(onSpot && { spotLosses: losses }) };
          const ids = [
            ...seen.lease.launches.map(({ launchId }) => launchId),
            ...seen.machines.map(({ instanceId }) => instanceId),
          ];
          const step = nextStep({ ...seen, lease }, 60, START, { ...round, tried: new Set(ids) });

          expect(step.do === "launch" ? step.count : 0).toBeLessThanOrEqual(
            balance(seen).booting > 0 ? 0 : 1,
          );
        }),
      );
    });

    it("waits for the end of the pause, and asks once to be woken for it", () => {
      const paused = { losses: { ...losses, notBefore: START + 1000 } };
      const seen = { waiting: jobs(5) };

      expect(nextStep(viewOf(seen, paused), 10, START)).toEqual({
        do: "wait",
        until: START + 1000,
        losses: true,
      });
      expect(nextStep(viewOf(seen, { ...paused, wakeAt: START + 900 }), 10, START)).toEqual({
        do: "nothing",
      });
      expect(nextStep(viewOf(seen, paused), 10, START + 1000)).toMatchObject({ do: "launch", count: 1 });
    });

    it("registers the one that waits for it, whatever the pause", () => {
      const paused = { losses: { ...losses, notBefore: START + 1000 } };
      const seen = viewOf({ waiting: jobs(5), machines: [machine("launching")] }, paused);

      expect(nextStep(seen, 10, START)).toMatchObject({ do: "register" });
    });

    it.each([
      ["rests while its pause lasts", { notBefore: START + 1 }, [], new Set<string>(), "rest"],
      ["is tried with one machine after it", {}, [], new Set<string>(), "probe"],
      [
        "rests while that one boots",
        {},
        [machine("starting", { market: "spot" })],
        new Set<string>(),
        "rest",
      ],
      ["rests for the others once that was tried", {}, [], new Set([SPOT_PROBE]), "rest"],
    ])("of spot alone: it %s", (_, own, machines, tried, spot) => {
      const seen = viewOf({ waiting: jobs(9), machines }, { spotLosses: { ...losses, ...own } });

      expect(nextStep(seen, 20, START, { ...round, tried })).toMatchObject({
        do: "launch",
        spot,
        count: spot === "probe" ? 1 : 9 - machines.length,
      });
    });
  });

  it("launches one after a setback, until one was had", () => {
    const seen = viewOf({ waiting: jobs(5) }, { setbacks: 1 });

    expect(nextStep(seen, 10, START)).toEqual({ do: "launch", count: 1, more: true });
    expect(nextStep(seen, 10, START, { ...untried, registered: 1 })).toMatchObject({ count: 5 });
  });

  it("is nothing for half an hour for a job that GitHub gives to none of our machines", () => {
    const checkedAt = new Date(START).toISOString();
    const waiting = [{ ...jobs(1)[0], passedOver: 3, checkedAt } as Job];

    expect(nextStep(viewOf({ waiting }), 10, START + 29 * 60_000).do).toBe("nothing");
    expect(nextStep(viewOf({ waiting }), 10, START + 30 * 60_000).do).toBe("launch");
    const twice = [{ ...waiting[0], passedOver: 2 } as Job];
    expect(nextStep(viewOf({ waiting: twice }), 10, START).do).toBe("launch");
  });

  it("is nothing once no more can be had", () => {
    expect(nextStep(viewOf({ waiting: jobs(1) }), 10, START, { ...untried, short: true }).do).toBe("nothing");
  });
});
