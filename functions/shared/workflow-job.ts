/** `requested` and `pending` are said of jobs that wait for others of their workflow. */
export type JobStatus = "queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending";

export interface WorkflowStep {
  readonly name: string;
  readonly status: string;
  readonly conclusion?: string;
  /** ISO 8601 */
  readonly startedAt?: string;
  /** ISO 8601 */
  readonly completedAt?: string;
}

/** What GitHub knows of a job. */
export interface WorkflowJob {
  readonly jobId: number;
  readonly name: string;
  readonly runId: number;
  readonly runAttempt: number;
  readonly status: JobStatus;
  readonly conclusion?: string;
  readonly labels: readonly string[];
  /** Absent while no runner has it. */
  readonly runnerName?: string;
  /** ISO 8601 */
  readonly createdAt: string;
  /** ISO 8601; of a job that no runner has, GitHub says here when it was created. */
  readonly startedAt?: string;
  /** ISO 8601 */
  readonly completedAt?: string;
  readonly steps: readonly WorkflowStep[];
}

export interface WorkflowRun {
  readonly runId: number;
  readonly runAttempt: number;
  readonly status: string;
  readonly conclusion?: string;
}

interface StepAnswer {
  readonly name: string;
  readonly status: string;
  readonly conclusion?: string | null;
  readonly started_at?: string | null;
  readonly completed_at?: string | null;
}

/** The fields of GitHub's answer that are read. */
export interface JobAnswer extends StepAnswer {
  readonly id: number;
  readonly run_id: number;
  readonly run_attempt?: number;
  readonly status: JobStatus;
  readonly labels: readonly string[];
  readonly runner_name?: string | null;
  readonly created_at: string;
  readonly steps?: readonly StepAnswer[] | null;
}

/** The fields of GitHub's answer that are read. */
export interface RunAnswer {
  readonly id: number;
  readonly run_attempt?: number;
  readonly status?: string | null;
  readonly conclusion?: string | null;
}

const toStep = ({ name, status, conclusion, started_at, completed_at }: StepAnswer): WorkflowStep => ({
  name,
  status,
  conclusion: conclusion ?? undefined,
  startedAt: started_at ?? undefined,
  completedAt: completed_at ?? undefined,
});

export const toJob = (job: JobAnswer): WorkflowJob => ({
  ...toStep(job),
  jobId: job.id,
  runId: job.run_id,
  runAttempt: job.run_attempt ?? 1,
  status: job.status,
  labels: job.labels,
  // GitHub gives an empty name where there is no runner any more.
  runnerName: job.runner_name || undefined,
  createdAt: job.created_at,
  steps: (job.steps ?? []).map(toStep),
});

export const toRun = ({ id, run_attempt, status, conclusion }: RunAnswer): WorkflowRun => ({
  runId: id,
  runAttempt: run_attempt ?? 1,
  status: status ?? "",
  conclusion: conclusion ?? undefined,
});
