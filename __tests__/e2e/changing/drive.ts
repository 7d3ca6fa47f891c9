/** One standing installation, and a lane of changes: each there, looked at, and back. */
import { CHANGES, type Effect } from "../../../scripts/app/changes";
import { emulatedKeys } from "../../support/emulated-keys";
import { keyGuard, type KeyGuard } from "../../support/key-guard";
import type { Planned } from "../../support/terraform-lines";
import type { Resource } from "../../support/terraform";
import { addedSince, inventoryOf, type Inventory } from "../inventory";
import { PRIVATE_KEY_PARAMETER, World } from "../world";
import { Day, type DayReport } from "./day";
import {
  baseContext,
  Ground,
  IMAGE_PARAMETER,
  NARROW,
  SECOND_APP,
  SECOND_KEY_PARAMETER,
  THIRD_APP,
  THIRD_KEY_PARAMETER,
} from "./ground";
import { mark, missing } from "./intact";
import { contextAt, stopsOf, type Json, type Row, type Shows, type Step } from "./row";

/** An apply that AWS does not let through would go on for 20 minutes. */
const APPLY_WITHIN_MS = 240_000;
const PLAN_WITHIN_MS = 120_000;
const CHANGE_WITHIN_MS = 700_000;
const LONG_JOB_MS = 30_000;
/** Of the table's effects those with which an alarm may ring once. */
const MAY_RING: readonly Effect[] = ["a gap", "two steps"];

/** What came of an apply, in one object: a failure shows all of it. */
interface Outcome {
  readonly shows: readonly string[];
  readonly replaced: readonly string[];
  readonly secondPlan: readonly string[];
  readonly wrong: readonly string[];
  readonly alarms: readonly string[];
  readonly missing: readonly string[];
  readonly keyRefusals: readonly string[];
}

const RIGHT: Outcome = {
  shows: [],
  replaced: [],
  secondPlan: [],
  wrong: [],
  alarms: [],
  missing: [],
  keyRefusals: [],
};

export class Lane {
  private base: Json = {};

  private constructor(
    readonly world: World,
    readonly ground: Ground,
    private readonly day: Day,
    private readonly guard: KeyGuard,
    private readonly before: Inventory,
  ) {}

  static async start(): Promise<Lane> {
    const world = await World.start({ context: baseContext, apps: [SECOND_APP, THIRD_APP] });
    const ground = await Ground.lay(world);
    const before = await inventoryOf(world.moto);
    const guard = keyGuard(emulatedKeys(world.moto));
    world.aws.intercept = guard.intercept;
    const day = new Day(world);
    const lane = new Lane(world, ground, day, guard, before);
    lane.base = baseContext(world.githubProxy.url);
    day.start();
    try {
      await world.terraform.change(2 * APPLY_WITHIN_MS);
      await day.until(() => hasSecret(world), 30_000);
      return lane;
    } catch (error) {
      await lane.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.day.stop();
    await this.world.stop();
  }

  /** @param stop of the step; undefined: back to where it began */
  async change(step: Step, stop: number | undefined): Promise<Outcome> {
    const context = stop === undefined ? this.base : contextAt(this.base, step, stop);
    const empties = step.rows.some(({ key }) => CHANGES[key]?.effect === "empty the fleets first");
    const start = Date.now();
    await this.valuesOf(step, stop, "prepare");
    this.world.lay(this.ground.fill(context));
    await mark(this.world);
    if (empties) await this.day.empty();
    await this.day.begin(capsOf(context, this.base), !empties);
    const refused = this.guard.refusals.length;
    // A long job ends some time, and so does an idle machine: what they hold up is not held up for ever.
    const end = setInterval(() => this.day.letGoOn(), LONG_JOB_MS);
    const planned = await this.world.terraform.change(APPLY_WITHIN_MS).finally(() => clearInterval(end));
    const applied = Date.now();
    await this.valuesOf(step, stop, "finish");
    this.world.lambda.retire();
    const [left, report] = await Promise.all([
      this.world.terraform.left(PLAN_WITHIN_MS),
      this.day.end(servesNarrow(context)),
    ]);
    this.note(step, stop, report, [start, applied]);
    return {
      shows: this.unseen(step, stop),
      replaced: replacedIn(planned, step.rows),
      secondPlan: left.map(({ action, address }) => `${action} ${address}`),
      wrong: report.wrong,
      alarms: this.tooMany(report, step),
      missing: await missing(this.world),
      keyRefusals: [...new Set(this.guard.refusals.slice(refused))],
    };
  }

  /** What is left after a destroy, but what a person put there. */
  async destroy(): Promise<readonly string[]> {
    await this.day.empty();
    await this.world.terraform.destroy();
    await this.day.stop();
    const byHand = [
      PRIVATE_KEY_PARAMETER,
      SECOND_KEY_PARAMETER,
      THIRD_KEY_PARAMETER,
      IMAGE_PARAMETER,
      "/octo-org/token",
    ];
    const left = addedSince(this.before, await inventoryOf(this.world.moto));
    return left.filter((line) => !byHand.some((name) => line === `parameter ${name}`));
  }

  private async valuesOf(
    { rows }: Step,
    stop: number | undefined,
    what: "prepare" | "finish",
  ): Promise<void> {
    for (const row of rows) await row[what]?.(this.world, stop === undefined ? undefined : row.values[stop]);
  }

  /** Where a row with this value shows something, and the state does not; and on the way back, where it still does. */
  private unseen({ rows }: Step, stop: number | undefined): readonly string[] {
    const resources = this.world.terraform.resources();
    const holds = ([type, text]: Shows): boolean => {
      const wanted = this.ground.fill(text.replace(/^!/, ""));
      return (
        resources.some((one) => one.type === type && textOf(one).includes(wanted)) !== text.startsWith("!")
      );
    };
    return rows.flatMap(({ key, shows }) => {
      if (stop === undefined)
        return shows.filter((one) => holds(one)).map(([type, text]) => `${key}: ${type} still has ${text}`);
      const one = shows[Math.min(stop, shows.length - 1)]!;
      return holds(one) ? [] : [`${key}: no ${one[0]} has ${one[1]}`];
    });
  }

  private tooMany({ alarms, unserved }: DayReport, { rows }: Step): readonly string[] {
    // Of jobs whose labels no fleet has any more a person is told, and of nothing else.
    if (unserved > 0) {
      const others = alarms.filter((alarm) => alarm !== GIVEN_UP);
      return others.length < alarms.length ? others : [...others, "nobody is told of jobs that are given up"];
    }
    const may = rows.some(({ key }) => MAY_RING.includes(CHANGES[key]?.effect ?? "nothing"));
    return may && alarms.length <= 1 ? [] : alarms;
  }

  private note(
    step: Step,
    stop: number | undefined,
    { jobs, late, missed }: DayReport,
    [start, applied]: readonly [number, number],
  ): void {
    const seconds = (from: number, to: number): string => `${Math.round((to - from) / 1000)} s`;
    const times = `applied in ${seconds(start, applied)}, looked at for ${seconds(applied, Date.now())}`;
    process.stdout.write(
      `${step.name} [${stop ?? "back"}]: ${times}; ${jobs} jobs, ${late} late, ${missed} events missed\n`,
    );
  }
}

/** The rotation has given GitHub the first one. */
const hasSecret = ({ github }: World): boolean =>
  [...github.state.hooks].some(
    ([path, { secret = "" }]) => path.startsWith("orgs/") && /^\w{64}$/.test(secret),
  );

/** As text, user data in clear. */
const textOf = ({ values }: Resource): string => {
  const userData =
    typeof values.user_data === "string" ? Buffer.from(values.user_data, "base64").toString() : "";
  return JSON.stringify(values).replaceAll("\\", "") + userData;
};

const replacedIn = (planned: readonly Planned[], rows: readonly Row[]): readonly string[] => {
  const allowed = rows.flatMap(({ replaces = [] }) => replaces);
  return planned
    .filter(({ action, type }) => /^(delete|replace)$/.test(action) && !allowed.includes(type))
    .map(({ action, address }) => `${action} ${address}`);
};

const GIVEN_UP = "attention: jobs given up";

const servesNarrow = (context: Json): boolean =>
  (context as { runners: { fleets: { labels: string[] }[] } }).runners.fleets.some(
    ({ labels }) => labels.join() === NARROW.labels.join(),
  );

/** While an apply is under way both contexts count. */
const capsOf = (...contexts: readonly Json[]): Readonly<Record<string, number>> => {
  const caps: Record<string, number> = {};
  for (const { runners } of contexts as readonly {
    runners: { fleets: { name: string; maximumMachines?: number }[] };
  }[])
    for (const { name, maximumMachines = 20 } of runners.fleets)
      caps[name] = Math.max(caps[name] ?? 0, maximumMachines);
  return caps;
};

const words = ({ rows }: Step, stop: number | undefined): string =>
  stop === undefined ? "and back" : stopsOf({ name: "", rows }) > 1 ? `to its value ${stop + 1}` : "there";

/** The tests of a lane: its steps one after the other on one installation, and its end. */
export const drive = (steps: readonly Step[]): void => {
  let lane: Lane;

  beforeAll(async () => {
    lane = await Lane.start();
  }, 400_000);

  afterAll(async () => {
    await lane?.stop();
  });

  describe.each(steps.map((step) => [step.name, step] as const))("%s", (_name, step) => {
    const stops = [...Array.from({ length: stopsOf(step) }, (_one, stop) => stop), undefined];

    it.each(stops.map((stop) => [words(step, stop), stop] as const))(
      "goes %s",
      async (_words, stop) => {
        const outcome = await lane.change(step, stop).catch((error: unknown) => String(error));
        if (process.env.TELL) process.stdout.write(`${JSON.stringify(outcome)}\n`);
        expect(outcome).toEqual(RIGHT);
      },
      CHANGE_WITHIN_MS,
    );
  });

  it(
    "is destroyed, and leaves nothing but what a person put there",
    async () => {
      expect(await lane.destroy()).toEqual([]);
    },
    CHANGE_WITHIN_MS,
  );
};
