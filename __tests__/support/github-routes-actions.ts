import type { WorkflowJob, WorkflowRun } from "./github-actions";
import type { Permissions } from "./github-credentials";
import { listed, message, notFound, tokens, type Answer, type Call, type Route } from "./github-route";
import type { GithubState } from "./github-state";

const repositoryOf = ({ params: { owner, repo } }: Call): string => `${owner ?? ""}/${repo ?? ""}`;

const runOf = (call: Call): WorkflowRun | undefined => {
  const run = call.state.actions.runs.get(Number(call.params.run_id));
  return run?.repository === repositoryOf(call) ? run : undefined;
};

const jobOf = (call: Call): WorkflowJob | undefined => {
  const job = call.state.actions.jobs.get(Number(call.params.job_id));
  return job?.repository === repositoryOf(call) ? job : undefined;
};

const shownRun = ({ actions }: GithubState, { repository, ...run }: WorkflowRun) => ({
  ...run,
  cancelled: undefined,
  ...actions.statusOf(actions.runs.get(run.id)!),
  repository: { full_name: repository },
});

const shownJob = (job: WorkflowJob): unknown => ({
  ...job,
  repository: undefined,
  matrix: undefined,
  runner_group_name: job.runner_id === null ? null : "ephemeral",
});

/** Newest first. `status` is a status or a conclusion. */
const listRuns = (call: Call): Answer => {
  const { state, query } = call;
  const wanted = query.get("status");
  const runs = [...state.actions.runs.values()]
    .filter(({ repository }) => repository === repositoryOf(call))
    .map((run) => shownRun(state, run))
    .filter(({ status, conclusion }) => !wanted || wanted === status || wanted === conclusion)
    .reverse();
  return listed(call, "workflow_runs", runs);
};

const getRun = (call: Call): Answer => {
  const run = runOf(call);
  return run ? { status: 200, body: shownRun(call.state, run) } : notFound;
};

const listJobs = (call: Call): Answer => {
  const run = runOf(call);
  if (!run) return notFound;
  const filter = call.query.get("filter") === "all" ? "all" : "latest";
  return listed(call, "jobs", call.state.actions.jobsOf(run, filter).map(shownJob));
};

const getJob = (call: Call): Answer => {
  const job = jobOf(call);
  return job ? { status: 200, body: shownJob(job) } : notFound;
};

const rerunJob = (call: Call): Answer => {
  const job = jobOf(call);
  if (!job) return notFound;
  return call.state.actions.rerun(job)
    ? { status: 201, body: {} }
    : message(403, "The workflow run containing this job is already running");
};

const rerunFailed = (call: Call): Answer => {
  const run = runOf(call);
  if (!run) return notFound;
  return call.state.actions.rerunFailed(run)
    ? { status: 201, body: {} }
    : message(403, "This workflow run is already running, or has no failed job: it cannot be retried");
};

const RUNS = "/repos/{owner}/{repo}/actions/runs";
const JOBS = "/repos/{owner}/{repo}/actions/jobs/{job_id}";
const read: Permissions = { actions: "read" };
const write: Permissions = { actions: "write" };

/** https://docs.github.com/en/rest/actions/workflow-runs and https://docs.github.com/en/rest/actions/workflow-jobs */
export const actionsRoutes: readonly Route[] = [
  { route: `GET ${RUNS}`, allow: tokens, permissions: read, answer: listRuns },
  { route: `GET ${RUNS}/{run_id}`, allow: tokens, permissions: read, answer: getRun },
  { route: `GET ${RUNS}/{run_id}/jobs`, allow: tokens, permissions: read, answer: listJobs },
  {
    route: `POST ${RUNS}/{run_id}/rerun-failed-jobs`,
    allow: tokens,
    permissions: write,
    answer: rerunFailed,
  },
  { route: `GET ${JOBS}`, allow: tokens, permissions: read, answer: getJob },
  { route: `POST ${JOBS}/rerun`, allow: tokens, permissions: write, answer: rerunJob },
];
