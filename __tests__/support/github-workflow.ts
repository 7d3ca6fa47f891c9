export type Status = "queued" | "waiting" | "in_progress" | "completed";
export type Conclusion = "success" | "failure" | "cancelled";

export interface WorkflowRun {
  readonly id: number;
  /** `owner/name` */
  readonly repository: string;
  readonly created_at: string;
  run_attempt: number;
  /** Somebody, or a concurrency group, cancelled the whole run in this attempt. */
  cancelled: boolean;
}

export interface WorkflowStep {
  readonly name: string;
  readonly status: "in_progress" | "completed";
  readonly conclusion: Conclusion | null;
  readonly started_at: string;
  readonly completed_at: string | null;
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
  /** What the runner tells while it works. */
  steps: readonly WorkflowStep[];
  /** The matrix with `fail-fast` that it belongs to, by name within its run. GitHub's answers do not tell it. */
  readonly matrix?: string;
}
