import type { Runner } from "./github-state";
import { asGithubWrites } from "./github-time";
import type { Conclusion, Status, WorkflowJob, WorkflowRun, WorkflowStep } from "./github-workflow";

export type { Conclusion, Status, WorkflowJob, WorkflowRun, WorkflowStep } from "./github-workflow";

export interface ActionsOptions {
  readonly nextId: () => number;
  /** Epoch milliseconds */
  readonly now: () => number;
  readonly deregister: (runner: Runner) => void;
}

/** Workflow runs and their jobs, and what happens to them. */
export class ActionsState {
  readonly runs = new Map<number, WorkflowRun>();
  /** Of all attempts. */
  readonly jobs = new Map<number, WorkflowJob>();
  /** Told of every change, as a webhook is. */
  onJob: (action: Status, job: WorkflowJob) => void = () => undefined;
  /** Stops a job that runs and that GitHub cancels. Its runner is told, and takes some seconds for it: not here. */
  stop: (job: WorkflowJob) => void = (job) => this.cancel(job);
  private readonly byRun = new Map<number, WorkflowJob[]>();
  /** Oldest first. */
  private readonly queued = new Set<WorkflowJob>();
  private readonly runners = new Map<WorkflowJob, Runner>();

  constructor(private readonly options: ActionsOptions) {}

  addRun(repository: string, id = this.options.nextId()): WorkflowRun {
    const run = { id, repository, run_attempt: 1, created_at: this.timestamp(), cancelled: false };
    this.runs.set(run.id, run);
    this.byRun.set(run.id, []);
    return run;
  }

  /** @param status `waiting`: behind an environment gate */
  addJob(
    run: WorkflowRun,
    labels: readonly string[],
    own: {
      readonly id?: number;
      readonly name?: string;
      readonly status?: "queued" | "waiting";
      readonly matrix?: string;
    } = {},
  ): WorkflowJob {
    const id = own.id ?? this.options.nextId();
    const created_at = this.timestamp();
    const job: WorkflowJob = {
      id,
      run_id: run.id,
      run_attempt: run.run_attempt,
      repository: run.repository,
      name: own.name ?? `job-${id}`,
      labels,
      created_at,
      status: own.status ?? "queued",
      conclusion: null,
      started_at: created_at,
      completed_at: null,
      runner_id: null,
      runner_name: null,
      runner_group_id: null,
      steps: [],
      matrix: own.matrix,
    };
    this.jobs.set(job.id, job);
    this.byRun.get(run.id)?.push(job);
    this.change(job, {});
    return job;
  }

  /** A gate closes, or opens. */
  move(job: WorkflowJob, status: "queued" | "waiting"): void {
    this.change(job, { status });
  }

  /** The job that GitHub would give to the runner: of those whose labels it has, the oldest. */
  nextFor(runner: Runner): WorkflowJob | undefined {
    if (runner.busy || runner.status !== "online") return undefined;
    const names = new Set(runner.labels.map(({ name }) => name.toLowerCase()));
    for (const job of this.queued) {
      if (job.labels.every((label) => names.has(label.toLowerCase()))) return job;
    }
    return undefined;
  }

  assign(job: WorkflowJob, runner: Runner): void {
    runner.busy = true;
    this.runners.set(job, runner);
    this.change(job, {
      status: "in_progress",
      started_at: this.timestamp(),
      runner_id: runner.id,
      runner_name: runner.name,
      runner_group_id: runner.runner_group_id,
      steps: [
        {
          name: "Run tests",
          status: "in_progress",
          conclusion: null,
          started_at: this.timestamp(),
          completed_at: null,
        },
      ],
    });
  }

  /**
   * The runner is given the job and cannot acquire it, for it was cancelled (404) or somebody else has it (409). Its
   * registration is used up by having been given: it is shown in no list and answers 404, while the runner goes on
   * listening. The job is queued as before.
   * https://github.com/actions/runner/issues/4617, https://github.com/actions/runner/pull/4618
   */
  dropRegistration(runner: Runner): void {
    this.options.deregister(runner);
  }

  /** Also of a job that never ran, when it was cancelled. An ephemeral runner's record goes with its job. */
  complete(job: WorkflowJob, conclusion: Conclusion = "success"): void {
    const completed_at = this.timestamp();
    const steps = job.steps.map((step) => ({
      ...step,
      status: "completed" as const,
      conclusion,
      completed_at,
    }));
    this.end(job, conclusion, steps);
  }

  /**
   * GitHub has heard nothing of the runner for too long: the steps stay as they were when it was last heard of.
   * https://github.com/actions/runner/issues/2040
   */
  lose(job: WorkflowJob): void {
    this.end(job, "failure", job.steps);
  }

  cancel(job: WorkflowJob): void {
    this.complete(job, "cancelled");
  }

  /**
   * As a person does, or a newer run of its concurrency group: every job that has not ended is cancelled.
   * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-cancellation
   */
  cancelRun(run: WorkflowRun): void {
    run.cancelled = true;
    this.stopAll(this.jobsOf(run));
  }

  /**
   * GitHub cancels the jobs of the matrix that wait or run, by default.
   * https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations#handling-failures
   * https://github.com/runs-on/runs-on/issues/192
   */
  failFast({ run_id, matrix }: WorkflowJob): void {
    const run = this.runs.get(run_id);
    if (!run || matrix === undefined) return;
    this.stopAll(this.jobsOf(run).filter((job) => job.matrix === matrix));
  }

  private stopAll(jobs: readonly WorkflowJob[]): void {
    for (const job of jobs) {
      if (job.status === "in_progress") this.stop(job);
      else if (job.status !== "completed") this.cancel(job);
    }
  }

  private end(job: WorkflowJob, conclusion: Conclusion, steps: readonly WorkflowStep[]): void {
    const runner = this.runners.get(job);
    if (runner) runner.busy = false;
    if (runner?.ephemeral) this.options.deregister(runner);
    this.runners.delete(job);
    this.change(job, { status: "completed", conclusion, completed_at: this.timestamp(), steps });
    if (conclusion === "failure") this.failFast(job);
  }

  runnerOf(job: WorkflowJob): Runner | undefined {
    return this.runners.get(job);
  }

  /** `latest`: of jobs of one name the last. */
  jobsOf(run: WorkflowRun, filter: "latest" | "all" = "latest"): WorkflowJob[] {
    const all = this.byRun.get(run.id) ?? [];
    return filter === "all" ? [...all] : [...new Map(all.map((job) => [job.name, job])).values()];
  }

  statusOf(run: WorkflowRun): { readonly status: Status; readonly conclusion: Conclusion | null } {
    const jobs = this.jobsOf(run);
    const some = (status: Status): boolean => jobs.some((job) => job.status === status);
    if (jobs.length > 0 && jobs.every(({ status }) => status === "completed")) {
      const worst = (["failure", "cancelled"] as const).find((one) =>
        jobs.some((job) => job.conclusion === one),
      );
      // Also when a job had failed before: https://github.com/sgl-project/sglang/pull/17036
      return { status: "completed", conclusion: run.cancelled ? "cancelled" : (worst ?? "success") };
    }
    if (some("in_progress") || some("completed")) return { status: "in_progress", conclusion: null };
    return { status: some("waiting") ? "waiting" : "queued", conclusion: null };
  }

  /** Undefined: GitHub refuses while the run has not ended. The job runs again under a new id. */
  rerun(job: WorkflowJob): WorkflowJob | undefined {
    const run = this.runs.get(job.run_id);
    if (!run || this.statusOf(run).status !== "completed") return undefined;
    this.nextAttempt(run);
    return this.again(run, job);
  }

  /**
   * All that failed or were cancelled. Undefined: GitHub refuses while the run has not ended, or if there is none.
   * https://github.com/DataDog/dd-trace-js/pull/8673, https://github.com/vllm-project/vllm-ascend/pull/14752
   */
  rerunFailed(run: WorkflowRun): readonly WorkflowJob[] | undefined {
    if (this.statusOf(run).status !== "completed") return undefined;
    const failed = this.jobsOf(run).filter(({ conclusion }) => conclusion !== "success");
    if (failed.length === 0) return undefined;
    this.nextAttempt(run);
    return failed.map((job) => this.again(run, job));
  }

  private nextAttempt(run: WorkflowRun): void {
    run.run_attempt++;
    run.cancelled = false;
  }

  private again(run: WorkflowRun, { labels, name, matrix }: WorkflowJob): WorkflowJob {
    return this.addJob(run, labels, { name, matrix });
  }

  private change(job: WorkflowJob, fields: Partial<WorkflowJob>): void {
    Object.assign(job, fields);
    if (job.status === "queued") this.queued.add(job);
    else this.queued.delete(job);
    this.onJob(job.status, job);
  }

  private timestamp(): string {
    return asGithubWrites(this.options.now());
  }
}
