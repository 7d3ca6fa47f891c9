import { statusOf, virtualGithub } from "./virtual-github";

const repo = { owner: "acme", repo: "app" };

describe("workflow runs", () => {
  const runWith = (count: number) => {
    const world = virtualGithub();
    const { actions } = world.github.state;
    const run = actions.addRun("acme/app");
    const jobs = Array.from({ length: count }, () => actions.addJob(run, ["linux"]));
    return { ...world, actions, run, jobs };
  };
  const online = async ({ github, octokit }: ReturnType<typeof virtualGithub>, labels = ["linux", "x64"]) => {
    const name = `runner-${github.state.nextId()}`;
    await octokit.actions.generateRunnerJitconfigForOrg({ org: "acme", name, runner_group_id: 3, labels });
    const runner = github.state.runnersOf("orgs/acme").at(-1)!;
    runner.status = "online";
    return runner;
  };

  it("tell which job runs where", async () => {
    const world = runWith(1);
    const runner = await online(world);
    const [job] = world.jobs;
    world.actions.assign(world.actions.nextFor(runner)!, runner);

    const { data } = await world.octokit.actions.getJobForWorkflowRun({ ...repo, job_id: job!.id });

    expect(data).toMatchObject({ status: "in_progress", run_id: world.run.id, runner_name: runner.name });
    expect(runner.busy).toBe(true);
    expect(world.actions.nextFor(runner)).toBeUndefined();
  });

  it("give a runner the oldest job whose labels it has", async () => {
    const world = runWith(2);
    const runner = await online(world);
    const foreign = await online(world, ["windows"]);

    expect(world.actions.nextFor(runner)).toBe(world.jobs[0]);
    expect(world.actions.nextFor(foreign)).toBeUndefined();
  });

  it("let go of an ephemeral runner with its job", async () => {
    const world = runWith(1);
    const runner = await online(world);
    world.actions.assign(world.jobs[0]!, runner);

    world.actions.complete(world.jobs[0]!);

    expect(world.github.state.runnersOf("orgs/acme")).toEqual([]);
  });

  it("are listed by status, newest first, in pages", async () => {
    const { octokit, actions, jobs } = runWith(1);
    actions.complete(jobs[0]!, "failure");
    const queued = Array.from({ length: 3 }, () => {
      const run = actions.addRun("acme/app");
      actions.addJob(run, ["linux"]);
      return run.id;
    });
    const list = octokit.actions.listWorkflowRunsForRepo;

    const all = await octokit.paginate(list, { ...repo, status: "queued", per_page: 2 });

    expect(all.map(({ id }) => id)).toEqual(queued.reverse());
    expect((await list({ ...repo, status: "failure" })).data.total_count).toBe(1);
    expect((await list({ owner: "acme", repo: "other" })).data.total_count).toBe(0);
  });

  it("refuse to run a job again until all of them have ended, then run it under a new id", async () => {
    const { octokit, actions, run, jobs } = runWith(2);
    const [first, second] = jobs;
    const again = () => statusOf(octokit.actions.reRunJobForWorkflowRun({ ...repo, job_id: first!.id }));
    actions.complete(first!, "failure");

    expect(await again()).toBe(403);
    actions.complete(second!);
    expect(await again()).toBe(201);

    const of = async (filter: "latest" | "all") =>
      (await octokit.actions.listJobsForWorkflowRun({ ...repo, run_id: run.id, filter })).data.jobs;
    expect(await of("all")).toHaveLength(3);
    expect(await of("latest")).toMatchObject([
      { name: first!.name, run_attempt: 2, status: "queued" },
      { id: second!.id },
    ]);
    expect((await of("latest"))[0]?.id).not.toBe(first!.id);
    const { data } = await octokit.actions.getWorkflowRun({ ...repo, run_id: run.id });
    expect(data).toMatchObject({ run_attempt: 2, conclusion: null });
  });

  describe("in a matrix with fail-fast", () => {
    const matrixOf = async (...names: string[]) => {
      const world = runWith(0);
      const jobs = names.map((name) =>
        world.actions.addJob(world.run, ["linux"], { name, matrix: name === "lint" ? undefined : "test" }),
      );
      const runner = await online(world);
      world.actions.assign(jobs[0]!, runner);
      const shown = async () => {
        const path = { ...repo, run_id: world.run.id };
        return (await world.octokit.actions.listJobsForWorkflowRun(path)).data.jobs;
      };
      const conclusion = async () =>
        (await world.octokit.actions.getWorkflowRun({ ...repo, run_id: world.run.id })).data.conclusion;
      const rerunFailed = () =>
        statusOf(world.octokit.actions.reRunWorkflowFailedJobs({ ...repo, run_id: world.run.id }));
      return { ...world, jobs, shown, conclusion, rerunFailed };
    };

    it("cancel those that wait or run with the one that fails, and no job beside the matrix", async () => {
      const { actions, jobs, shown, conclusion } = await matrixOf("test (1)", "test (2)", "lint");

      actions.lose(jobs[0]!);

      expect(await shown()).toMatchObject([
        { name: "test (1)", conclusion: "failure", steps: [{ status: "in_progress", conclusion: null }] },
        { name: "test (2)", conclusion: "cancelled", runner_id: null, steps: [] },
        { name: "lint", status: "queued" },
      ]);
      actions.complete(jobs[2]!);
      expect(await conclusion()).toBe("failure");
      expect(JSON.stringify(await shown())).not.toContain("matrix");
    });

    it("run again all that failed or were cancelled, and none that succeeded", async () => {
      const { actions, jobs, shown, rerunFailed } = await matrixOf("test (1)", "test (2)", "lint");
      actions.lose(jobs[0]!);
      expect(await rerunFailed()).toBe(403);
      actions.complete(jobs[2]!);

      expect(await rerunFailed()).toBe(201);

      expect(await shown()).toMatchObject([
        { name: "test (1)", status: "queued", run_attempt: 2 },
        { name: "test (2)", status: "queued", run_attempt: 2 },
        { name: "lint", conclusion: "success", run_attempt: 1 },
      ]);
    });

    it("are all of them cancelled with their run, and tell that even if a job had failed before", async () => {
      const { actions, run, jobs, shown, conclusion } = await matrixOf("lint", "test (2)");
      actions.complete(jobs[0]!, "failure");

      actions.cancelRun(run);

      expect(await shown()).toMatchObject([{ conclusion: "failure" }, { conclusion: "cancelled" }]);
      expect(await conclusion()).toBe("cancelled");
    });
  });

  it.each([
    [{ actions: "read" } as const, 200, 403],
    [{ administration: "write" } as const, 403, 403],
  ])("with %j let read (%i) and run again (%i)", async (permissions, read, rerun) => {
    const { client, github, actions, run, jobs } = runWith(1);
    actions.complete(jobs[0]!);
    const { actions: calls } = client(github.state.mintInstallationToken(permissions).token);

    expect(await statusOf(calls.getWorkflowRun({ ...repo, run_id: run.id }))).toBe(read);
    expect(await statusOf(calls.reRunJobForWorkflowRun({ ...repo, job_id: jobs[0]!.id }))).toBe(rerun);
  });
});
