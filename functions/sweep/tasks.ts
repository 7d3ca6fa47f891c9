import { taskItem, type Machine, type Task } from "../shared/ledger-items";
import { LimitedError } from "../shared/github-access";
import { logger } from "../shared/logger";
import { each } from "./attempt";
import { sinceTime } from "./limits";
import type { Sight } from "./look";
import type { Sweep } from "./parts";
import { releaseRunner } from "./release-runner";
import { rerunJob } from "./rerun-job";

/** What came of a try: the task is over, or has to wait; and why. */
export interface Outcome {
  readonly over: boolean;
  readonly why: string;
}

export type Try = (sweep: Sweep, sight: Sight, task: Task, machine: Machine | undefined) => Promise<Outcome>;

const MINUTE_MS = 60_000;

/** From then on GitHub runs nothing again: https://docs.github.com/en/actions/how-tos/manage-workflow-runs/re-run-workflows-and-jobs */
const TASK_MS = 30 * 24 * 60 * MINUTE_MS;

const removeRunner: Try = async (sweep, sight, { instanceId }, machine) => {
  const outcome = await releaseRunner(sweep, sight, { instanceId, runnerId: machine?.runnerId });
  return { over: outcome !== "busy", why: outcome };
};

/** By then its job runs, on whatever machine there was. */
const OWED_MS = 60 * MINUTE_MS;

/** It is for the next launch: here it only ends when that does not come. */
const expire: Try = ({ parts }, _sight, { createdAt }) => {
  const old = sinceTime(createdAt, parts.now()) > OWED_MS;
  return Promise.resolve({ over: old, why: old ? "no launch came" : "the next launch sees to it" });
};

interface Kind {
  readonly run: Try;
  /** Milliseconds until the second try, and at the most; each pause is twice the one before. */
  readonly pause: { readonly first: number; readonly longest: number };
}

const kinds: Readonly<Record<Task["kind"], Kind>> = {
  "remove-runner": { run: removeRunner, pause: { first: 2 * MINUTE_MS, longest: 8 * MINUTE_MS } },
  // Somebody waits for the run: two calls are no price for looking more often.
  "rerun-job": { run: rerunJob, pause: { first: 2 * MINUTE_MS, longest: 8 * MINUTE_MS } },
  "launch-on-demand": { run: expire, pause: { first: OWED_MS, longest: OWED_MS } },
};

/** Tries what GitHub did not allow before. */
export const runTasks = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const { fleet, view } = sight;
  const now = sweep.parts.now();
  const due = view.tasks.filter(({ notBefore = 0 }) => notBefore <= now);
  await each(sweep, { part: "run tasks", fleet }, due, (task) => runTask(sweep, sight, task));
};

const runTask = async (sweep: Sweep, sight: Sight, task: Task): Promise<void> => {
  const { ledger } = sweep.parts;
  const { fleet } = sight;
  const about = { fleet, kind: task.kind, instanceId: task.instanceId };
  try {
    const { over, why } = await tryTask(sweep, sight, task);
    logger.info(over ? "task over" : "task waits", { ...about, why });
    await (over ? ledger.endTask(fleet, task) : putOff(sweep, sight, task));
  } catch (error) {
    // A limit says nothing of this task.
    if (!(error instanceof LimitedError)) await putOff(sweep, sight, task);
    throw error;
  }
};

const tryTask = async (sweep: Sweep, sight: Sight, task: Task): Promise<Outcome> => {
  const { ledger, now } = sweep.parts;
  if (sinceTime(task.createdAt, now()) > TASK_MS) return { over: true, why: "too old" };
  // Not as it was seen: this sweep has found out since what became of machines that are gone.
  const found = await ledger.find([sight.fleet], task.instanceId);
  return kinds[task.kind].run(sweep, sight, task, found?.machine);
};

const putOff = ({ parts }: Sweep, { fleet }: Sight, task: Task): Promise<boolean> => {
  const { first, longest } = kinds[task.kind].pause;
  const tries = (task.tries ?? 0) + 1;
  const notBefore = parts.now() + Math.min(first * 2 ** (tries - 1), longest);
  return parts.ledger.note(fleet, taskItem(task), { tries, notBefore });
};
