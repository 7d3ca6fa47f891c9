import type { ActionsState, Conclusion, WorkflowJob, WorkflowRun } from "../support/github-actions";
import type { Clock } from "./clock";
import {
  FORCED_STOP_MS,
  LOST_RUNNER_MS,
  PICK_UP_MS,
  STOP_MS,
  type ActionsRules,
  type Cause,
  type Fate,
} from "./fate";
import type { Random } from "./random";

interface Around {
  readonly actions: ActionsState;
  readonly fateOf: (job: WorkflowJob) => Fate;
  /** Whether the machine that runs the job is there no more. */
  readonly isGone: (job: WorkflowJob) => boolean;
  readonly complete: (job: WorkflowJob, conclusion: Conclusion, end?: () => void) => void;
  readonly tell: (subject: string, what: string) => void;
}

/** How jobs end that do not end by themselves: with their machine, with their matrix, or with their run. */
export class Cancellations {
  /** Why GitHub cancels what it cancels now. */
  private cause: Cause = "person";

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: ActionsRules,
    private readonly world: Around,
  ) {
    world.actions.stop = (job) => this.stop(job);
  }

  /** GitHub says that a job has ended. */
  ended(job: WorkflowJob): void {
    const fate = this.world.fateOf(job);
    const isLost = fate.lostAt === this.clock.now;
    if (job.conclusion !== "cancelled" || fate.cancelledAt !== undefined || isLost) return;
    if (this.cause === "interruption") fate.cancelledByLoss++;
    else if (this.cause === "own failure") this.giveUp(fate);
  }

  /** The job's machine is gone: the runner could still say so, or GitHub notices when it hears nothing for long. */
  lose(job: WorkflowJob): void {
    const { clock, random, rules } = this;
    const orderly = random.chance(rules.orderlyEnds);
    const killed = orderly && random.of(`killed ${job.id}`).chance(rules.killedSteps);
    clock.after(random.between(orderly ? PICK_UP_MS : LOST_RUNNER_MS), () => {
      if (job.status !== "in_progress") return;
      const fate = this.world.fateOf(job);
      fate.losses++;
      fate.lostAt = clock.now;
      this.because("interruption", () => this.endWithout(job, orderly, killed));
    });
  }

  /** The end of a job whose machine is gone. */
  private endWithout(job: WorkflowJob, orderly: boolean, killed: boolean): void {
    if (!orderly) return this.world.complete(job, "failure", () => this.world.actions.lose(job));
    this.world.complete(job, killed ? "failure" : "cancelled");
    const takesMatrix = this.random.of(`matrix ${job.id}`).chance(this.rules.cancelledTakesMatrix);
    if (takesMatrix) this.world.actions.failFast(job);
  }

  /** A person does, or a newer run of the same concurrency group. */
  cancelRun(run: WorkflowRun, fates: readonly Fate[]): void {
    if (this.world.actions.statusOf(run).status === "completed") return;
    this.world.tell(`run ${run.id}`, "is cancelled");
    for (const fate of fates) if (fate.ranAt === undefined) this.giveUp(fate);
    this.because("person", () => this.world.actions.cancelRun(run));
  }

  private giveUp(fate: Fate): void {
    fate.cancelledAt ??= this.clock.now;
    fate.cancelledWithRun = true;
  }

  /** GitHub tells the runner. One that is gone says nothing. */
  private stop(job: WorkflowJob): void {
    const { cause } = this;
    const end = (): void => {
      if (job.status !== "in_progress") return;
      if (this.world.isGone(job))
        this.clock.after(FORCED_STOP_MS, () => this.because(cause, () => this.force(job)));
      else this.because(cause, () => this.world.complete(job, "cancelled"));
    };
    this.clock.after(this.random.of(`stop ${job.id}`).between(STOP_MS), end);
  }

  private force(job: WorkflowJob): void {
    if (job.status === "in_progress") this.world.complete(job, "cancelled");
  }

  because(cause: Cause, run: () => void): void {
    this.cause = cause;
    run();
    this.cause = "person";
  }
}
