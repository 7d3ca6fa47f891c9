import type { ActionsState, Conclusion, WorkflowJob } from "../support/github-actions";
import type { GithubState, Runner } from "../support/github-state";
import type { Clock } from "./clock";
import {
  PICK_UP_MS,
  PICK_UP_LIMIT_MS,
  OFFLINE_AFTER_MS,
  LOST_RUNNER_MS,
  STRANGERS_WAIT_MS,
  GATE_CLOSES_MS,
  strangersRunner,
  type ActionsRules,
  type Fate,
} from "./fate";
import type { Instance } from "./instance";
import type { Random } from "./random";
import { OWNER, type WantedJob } from "./workload";

/** Moves jobs and runners of the local GitHub as GitHub does: who gets what, when it starts, and how it ends. */
export class Actions {
  readonly fates = new Map<string, Fate>();
  /** From when on a runner is shown as busy. */
  readonly busyShownAt = new Map<number, number>();
  private readonly queue = new Set<WorkflowJob>();
  private readonly instances = new Map<Runner, Instance>();
  private readonly actions: ActionsState;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: ActionsRules,
    private readonly github: GithubState,
    private readonly tell: (subject: string, what: string) => void,
  ) {
    this.actions = github.actions;
  }

  get scope(): string {
    return `orgs/${OWNER}`;
  }

  begin(run: readonly WantedJob[]): void {
    const made = this.actions.addRun(run[0]?.repository ?? "");
    for (const wanted of run) {
      this.fates.set(wanted.name, { wanted, tries: [], losses: 0, starts: 0, machines: [] });
      this.clock.after(wanted.at, () => this.actions.addJob(made, wanted.labels, { name: wanted.name }));
    }
  }

  /** A job was queued for the first time, or again by a re-run. */
  takeUp(job: WorkflowJob): void {
    const fate = this.fateOf(job);
    if (fate.tries.includes(job)) return;
    fate.tries.push(job);
    const { gate, cancelled } = fate.wanted;
    const first = fate.tries.length === 1;
    if (first && cancelled?.from === "queued") this.clock.after(cancelled.after, () => this.cancel(job));
    if (first && gate !== undefined) this.clock.after(GATE_CLOSES_MS, () => this.holdAtGate(job, gate));
    else this.enqueue(job);
  }

  /** False: GitHub does not know this runner any more. */
  connect(runnerId: number, instance: Instance): boolean {
    const runner = this.github.runnersOf(this.scope).find(({ id }) => id === runnerId);
    if (!runner) return false;
    runner.status = "online";
    instance.runner = runner;
    this.instances.set(runner, instance);
    this.tell(instance.id, `runner ${runnerId} is online`);
    this.assign();
    return true;
  }

  /** The machine is gone; GitHub notices when it hears nothing for a while. */
  disconnect(instance: Instance): void {
    const { runner } = instance;
    if (runner) this.clock.after(this.random.between(OFFLINE_AFTER_MS), () => (runner.status = "offline"));
    const { job } = instance;
    if (job?.status !== "in_progress") return;
    const orderly = this.random.chance(this.rules.orderlyEnds);
    this.clock.after(this.random.between(orderly ? PICK_UP_MS : LOST_RUNNER_MS), () => {
      if (job.status !== "in_progress") return;
      this.fateOf(job).losses++;
      this.complete(job, orderly ? "cancelled" : "failure");
    });
  }

  /** Somebody deleted the runner's record. */
  removed(runner: Runner): void {
    const instance = this.instances.get(runner);
    instance?.leave("GitHub let go of its runner");
  }

  private fateOf({ name }: WorkflowJob): Fate {
    return this.fates.get(name) as Fate;
  }

  private holdAtGate(job: WorkflowJob, gate: number): void {
    if (job.status !== "queued") return;
    this.actions.move(job, "waiting");
    this.clock.after(gate, () => {
      if (job.status !== "waiting") return;
      this.actions.move(job, "queued");
      this.enqueue(job);
    });
  }

  private enqueue(job: WorkflowJob): void {
    if (job.status !== "queued") return;
    const fate = this.fateOf(job);
    fate.queuedAt ??= this.clock.now;
    if (fate.wanted.stranger) {
      this.clock.after(this.random.between(STRANGERS_WAIT_MS), () => this.startElsewhere(job, fate));
    } else if (this.random.chance(this.rules.takenElsewhere)) {
      this.clock.after(this.random.between(PICK_UP_MS), () => this.startElsewhere(job, fate));
      return;
    }
    this.queue.add(job);
    this.assign();
  }

  private assign(): void {
    const free = this.github.runnersOf(this.scope).filter(({ status, busy }) => status === "online" && !busy);
    for (const job of this.queue) {
      if (free.length === 0) return;
      const fits = free.filter(({ labels }) =>
        job.labels.every((label) => labels.some(({ name }) => name === label)),
      );
      if (fits.length === 0) continue;
      const runner = this.random.pick(fits);
      free.splice(free.indexOf(runner), 1);
      this.queue.delete(job);
      this.give(job, runner);
    }
  }

  /** From here on GitHub refuses to delete the runner. */
  private give(job: WorkflowJob, runner: Runner): void {
    runner.busy = true;
    this.busyShownAt.set(runner.id, this.clock.now + this.random.between(this.rules.busyLag));
    this.tell(`job ${job.id}`, `is given to ${runner.name}`);
    const instance = this.instances.get(runner);
    this.clock.after(this.random.between(PICK_UP_MS), () => {
      if (job.status === "queued" && instance?.alive) this.start(job, runner, instance);
      else this.clock.after(PICK_UP_LIMIT_MS, () => this.takeBack(job, runner));
    });
  }

  private takeBack(job: WorkflowJob, runner: Runner): void {
    runner.busy = false;
    if (job.status === "queued") {
      this.tell(`job ${job.id}`, `was not picked up by ${runner.name}`);
      this.queue.add(job);
    }
    this.assign();
  }

  private start(job: WorkflowJob, runner: Runner, instance: Instance): void {
    const fate = this.fateOf(job);
    const { cancelled, duration } = fate.wanted;
    fate.starts++;
    fate.startedAt ??= this.clock.now;
    fate.machines.push(instance.id);
    this.actions.assign(job, runner);
    instance.begin(job, duration);
    if (cancelled?.from === "started" && fate.starts === 1) {
      this.clock.after(cancelled.after, () => this.cancel(job));
    }
    this.clock.after(duration, () => {
      if (job.status !== "in_progress" || !instance.alive) return;
      fate.ranAt = this.clock.now;
      this.complete(job, fate.wanted.fails ? "failure" : "success");
    });
  }

  private startElsewhere(job: WorkflowJob, fate: Fate): void {
    // It may have been given to a runner of ours a moment ago.
    if (job.status !== "queued" || (fate.wanted.stranger && !this.queue.delete(job))) return;
    fate.takenElsewhere = true;
    fate.starts++;
    fate.startedAt ??= this.clock.now;
    this.actions.assign(job, strangersRunner(this.github.nextId(), job.labels));
    this.clock.after(fate.wanted.duration, () => {
      if (job.status !== "in_progress") return;
      fate.ranAt = this.clock.now;
      this.complete(job, "success");
    });
  }

  private cancel(job: WorkflowJob): void {
    if (job.status === "completed") return;
    this.fateOf(job).cancelledAt = this.clock.now;
    this.complete(job, "cancelled");
  }

  private complete(job: WorkflowJob, conclusion: Conclusion): void {
    const runner = this.actions.runnerOf(job);
    const instance = runner && this.instances.get(runner);
    this.queue.delete(job);
    if (this.fateOf(job).ranAt === this.clock.now && conclusion === "failure") {
      // What tells a job that failed from one that lost its machine.
      const completed_at = new Date(this.github.now()).toISOString();
      Object.assign(job, { steps: [{ status: "completed", conclusion, completed_at }] });
    }
    this.actions.complete(job, conclusion);
    if (!runner || !instance) return;
    if (instance.alive) instance.leave(`its job ended: ${conclusion}`);
    // A runner that is not there to say good-bye leaves its record.
    else this.github.runnersOf(this.scope).push(Object.assign(runner, { status: "offline" }));
  }
}
