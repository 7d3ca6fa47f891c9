import type { Runner } from "./github-state";
import { asGithubWrites } from "./github-time";

export type Status = "queued" | "waiting" | "in_progress" | "completed";
export type Conclusion = "success" | "failure" | "cancelled";

export interface WorkflowRun {
  readonly id: number;
  /** `owner/name` */
  readonly repository: string;
  readonly created_at: string;
  run_attempt: number;
}

export interface WorkflowJob {
  readonly id: number;
  readonly run_id: number;
  readonly run_attempt: number;
  /** `owner/name` */
  readonly repository: string;
  readonly name: string;
  readonly labels: readonly string[];
  readonly created_at: string;
  status: Status;
  conclusion: Conclusion | null;
  started_at: string;
  completed_at: string | null;
  runner_id: number | null;
  runner_name: string | null;
  runner_group_id: number | null;
}

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
  private readonly byRun = new Map<number, WorkflowJob[]>();
  /** Oldest first. */
  private readonly queued = new Set<WorkflowJob>();
  private readonly runners = new Map<WorkflowJob, Runner>();

  constructor(private readonly options: ActionsOptions) {}

  addRun(repository: string, id = this.options.nextId()): WorkflowRun {
    const run = { id, repository, run_attempt: 1, created_at: this.timestamp() };
    this.runs.set(run.id, run);
    this.byRun.set(run.id, []);
    return run;
  }

  /** @param status `waiting`: behind an environment gate */
  addJob(
    run: WorkflowRun,
    labels: readonly string[],
    own: { readonly id?: number; readonly name?: string; readonly status?: "queued" | "waiting" } = {},
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
    });
  }

  /**
   * The runner is given the job and cannot acquire it, for it was cancelled (404) or somebody else has it (409). Its
   * registration is used up by having been given: it is shown in no list and answers 404, while the runner goes on
   * listening. The job is queued as before.
   * https://github.com/actions/runner/issues/4617, https://github.com/actions/runner/pull/4618
   */
  lose(runner: Runner): void {
    this.options.deregister(runner);
  }

  /** Also of a job that never ran, when it was cancelled. An ephemeral runner's record goes with its job. */
  complete(job: WorkflowJob, conclusion: Conclusion = "success"): void {
    const runner = this.runners.get(job);
    if (runner) runner.busy = false;
    if (runner?.ephemeral) this.options.deregister(runner);
    this.runners.delete(job);
    this.change(job, { status: "completed", conclusion, completed_at: this.timestamp() });
  }

  cancel(job: WorkflowJob): void {
    this.complete(job, "cancelled");
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
      return { status: "completed", conclusion: worst ?? "success" };
    }
    if (some("in_progress") || some("completed")) return { status: "in_progress", conclusion: null };
    return { status: some("waiting") ? "waiting" : "queued", conclusion: null };
  }

  /** Undefined: GitHub refuses while the run has not ended. The job runs again under a new id. */
  rerun(job: WorkflowJob): WorkflowJob | undefined {
    const run = this.runs.get(job.run_id);
    if (!run || this.statusOf(run).status !== "completed") return undefined;
    run.run_attempt++;
    return this.addJob(run, job.labels, { name: job.name });
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
