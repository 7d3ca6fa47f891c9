import { watchSweeps, type SweepsOptions, type SweepsOutcome } from "./sweeps";

jest.setTimeout(60_000);

const TEN = 10;
/** Beside what any call takes: a page of runners takes 1.15 seconds on average. */
const LATE_PAGES_MS = 810;
const MOST = 1.2;

const callsASweep = ({ calls, sweeps }: SweepsOutcome): number => calls / sweeps;

describe("12,000 runners of others in the organization", () => {
  const withAndWithout = async (
    options: Omit<SweepsOptions, "foreign">,
  ): Promise<[number, SweepsOutcome]> => {
    const alone = await watchSweeps({ ...options, foreign: 0 });
    const crowded = await watchSweeps({ ...options, foreign: 12_000 });
    return [callsASweep(alone), crowded];
  };

  it.each([
    ["at work", { machines: TEN }],
    ["at work, when a page takes long", { machines: TEN, latePages: LATE_PAGES_MS }],
    ["at rest", { machines: 0 }],
  ])("cost a sweep no call and no time (%s)", async (_, options) => {
    const [alone, crowded] = await withAndWithout(options);

    expect(callsASweep(crowded)).toBeLessThanOrEqual(MOST * alone);
    expect(crowded.timedOut).toBe(0);
    expect(crowded.seconds).toBeLessThan(4);
  });

  it("cost a call for some of our machines where they are in our group, and no time", async () => {
    const [alone, crowded] = await withAndWithout({ machines: TEN, latePages: LATE_PAGES_MS, shared: true });

    expect(callsASweep(crowded)).toBeLessThanOrEqual(alone + 1);
    expect(crowded.timedOut).toBe(0);
    expect(crowded.seconds).toBeLessThan(4);
  });
});
