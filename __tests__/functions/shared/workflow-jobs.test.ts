import { githubClient, type GithubClient } from "../../../functions/shared/github";
import {
  getJob,
  getRun,
  listLatestJobs,
  listQueuedJobs,
  rerunJob,
} from "../../../functions/shared/workflow-jobs";
import { START } from "../../support/fleet-world";
import { Github } from "../../support/github-core";
import type { Runner } from "../../support/github-state";

const apiUrl = "https://api.github.com";
const APP = "acme/app";
const JOB = "GET /repos/{owner}/{repo}/actions/jobs/{job_id}";
const RERUN = "POST /repos/{owner}/{repo}/actions/jobs/{job_id}/rerun";

let time: number;
let github: Github;
let octokit: GithubClient;

beforeEach(() => {
  time = START;
  github = new Github({ pats: ["ghp_1"], now: () => time });
  octokit = githubClient({ apiUrl, token: "ghp_1", fetch: github.fetch });
});

const actions = () => github.state.actions;
const addJob = (run = actions().addRun(APP), name?: string) =>
  actions().addJob(run, ["linux", "x64"], { name });
const runner: Runner = {
  id: 5,
  name: "runners_linux-x64_i-1",
  os: "linux",
  status: "online",
  busy: false,
  ephemeral: true,
  runner_group_id: 1,
  labels: [],
};

describe("a job", () => {
  it("is read with what is known while it waits", async () => {
    const { id, run_id } = addJob(undefined, "build");

    expect(await getJob(octokit, APP, id)).toEqual({
      jobId: id,
      name: "build",
      runId: run_id,
      runAttempt: 1,
      status: "queued",
      labels: ["linux", "x64"],
      createdAt: "2026-09-01T12:00:00Z",
      startedAt: "2026-09-01T12:00:00Z",
      steps: [],
    });
  });

  it("is read with its runner and its end", async () => {
    const job = addJob();
    actions().assign(job, { ...runner });
    time += 60_000;
    actions().complete(job, "failure");

    expect(await getJob(octokit, APP, job.id)).toMatchObject({
      status: "completed",
      conclusion: "failure",
      runnerName: "runners_linux-x64_i-1",
      startedAt: "2026-09-01T12:00:00Z",
      completedAt: "2026-09-01T12:01:00Z",
    });
  });

  it("is read with its steps", async () => {
    const answer = {
      id: 9,
      run_id: 8,
      run_attempt: 2,
      name: "build",
      status: "in_progress",
      conclusion: null,
      labels: [],
      runner_name: "",
      created_at: "2026-09-01T12:00:00Z",
      steps: [
        { name: "a", status: "completed", conclusion: "failure", completed_at: "2026-09-01T12:05:00Z" },
        { name: "b", status: "in_progress", conclusion: null, completed_at: null },
      ],
    };
    const of = new Github({
      pats: ["ghp_1"],
      routes: [{ route: JOB, allow: ["pat"], answer: () => ({ status: 200, body: answer }) }],
    });

    const job = await getJob(githubClient({ apiUrl, token: "ghp_1", fetch: of.fetch }), APP, 9);

    expect(job).toMatchObject({ runAttempt: 2, runnerName: undefined });
    expect(job?.steps).toEqual([
      { name: "a", status: "completed", conclusion: "failure", completedAt: "2026-09-01T12:05:00Z" },
      { name: "b", status: "in_progress" },
    ]);
  });

  it("is undefined when GitHub shows none, and unknown when GitHub does not say", async () => {
    expect(await getJob(octokit, APP, 1)).toBeUndefined();
    expect(await getJob(octokit, "acme/other", addJob().id)).toBeUndefined();
    github.inject({ route: JOB, status: 502 });

    await expect(getJob(octokit, APP, 1)).rejects.toMatchObject({ status: 502 });
  });
});

describe("a run", () => {
  it("is read with its state", async () => {
    const job = addJob();
    expect(await getRun(octokit, APP, job.run_id)).toMatchObject({ status: "queued", runAttempt: 1 });
    actions().cancel(job);

    expect(await getRun(octokit, APP, job.run_id)).toEqual({
      runId: job.run_id,
      runAttempt: 1,
      status: "completed",
      conclusion: "cancelled",
    });
    expect(await getRun(octokit, APP, 1)).toBeUndefined();
  });
});

describe("running a job again", () => {
  it("is refused while its run has not ended, and starts a new attempt then", async () => {
    const run = actions().addRun(APP);
    const [job, other] = [addJob(run, "a"), addJob(run, "b")];
    actions().complete(job, "failure");

    expect(await rerunJob(octokit, APP, job.id)).toBe("refused");
    actions().complete(other);
    expect(await rerunJob(octokit, APP, job.id)).toBe("started");

    expect(await getRun(octokit, APP, run.id)).toMatchObject({ runAttempt: 2 });
  });

  it.each([
    ["This workflow run cannot be retried"],
    ["Unable to re-run this job because the workflow run was created over a month ago"],
  ])("is refused with %j", async (message) => {
    github.inject({ route: RERUN, status: 403, message });

    expect(await rerunJob(octokit, APP, 1)).toBe("refused");
  });

  it.each([
    ["a missing permission", { status: 403, message: "Resource not accessible by integration" }],
    ["a limit", { status: 403, message: "already running into the secondary rate limit" }],
    ["a job that is not there", { status: 404 }],
    ["an outage", { status: 502 }],
  ])("does not take %s for a refusal", async (_what, fault) => {
    github.inject({ route: RERUN, ...fault });

    await expect(rerunJob(octokit, APP, 1)).rejects.toMatchObject({ status: fault.status });
  });
});

describe("the queued jobs of a repository", () => {
  it("are those of runs that wait and of runs that are under way", async () => {
    const [waits, underWay, over] = [1, 2, 3].map(() => actions().addRun(APP));
    const first = addJob(waits);
    const [running, second] = [addJob(underWay, "a"), addJob(underWay, "b")];
    actions().assign(running, { ...runner });
    actions().cancel(addJob(over));
    addJob(actions().addRun("acme/other"));

    const jobs = await listQueuedJobs(octokit, APP);

    expect(jobs.map(({ jobId }) => jobId).sort()).toEqual([first.id, second.id].sort());
  });

  it("are found on every page", async () => {
    const run = actions().addRun(APP);
    for (let number = 0; number < 101; number++) addJob(run);
    for (let number = 0; number < 100; number++) addJob();

    expect(await listQueuedJobs(octokit, APP)).toHaveLength(201);
  });

  it("are those of the latest attempt", async () => {
    const job = addJob(undefined, "a");
    actions().complete(job, "failure");
    const again = actions().rerun(job);

    expect(await listQueuedJobs(octokit, APP)).toMatchObject([{ jobId: again?.id, runAttempt: 2 }]);
    expect(await listLatestJobs(octokit, APP, job.run_id)).toHaveLength(1);
  });

  it("are no more than those of 500 runs", async () => {
    for (let number = 0; number < 501; number++) addJob();

    expect(await listQueuedJobs(octokit, APP)).toHaveLength(500);
  });
});
