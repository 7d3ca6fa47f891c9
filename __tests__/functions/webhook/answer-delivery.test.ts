import {
  DELIVERY,
  published,
  request,
  SECRET,
  selfHosted,
  sign,
  webhookWorld,
  workflowJobs,
} from "./support";

type Json = Record<string, object>;

const changed = (change: (event: Json) => unknown): Json => {
  const event = structuredClone(selfHosted("queued")) as unknown as Json;
  change(event);
  return event;
};

describe("the answer to a delivery", () => {
  describe("of a job for a fleet", () => {
    it("is 202, and the queue holds what the ledger needs", async () => {
      const world = webhookWorld();
      const answer = await world.answer(request(selfHosted("queued")));
      expect(answer).toMatchObject({ status: 202, text: "taken" });
      expect(world.sent).toEqual([
        {
          action: "queued",
          fleet: "k8s",
          jobId: 12877621891,
          runId: 4747967848,
          runAttempt: 1,
          repository: "lineville/elastic-machines-testing",
          createdAt: "2023-04-19T21:12:12Z",
          receivedAt: "2026-09-01T10:00:00.000Z",
          delivery: DELIVERY,
          labels: ["self-hosted", "k8s"],
        },
      ]);
    });

    it.each(["queued", "waiting", "in_progress", "completed"] as const)("is 202 for %s", async (action) => {
      const world = webhookWorld();
      expect(await world.answer(request(selfHosted(action)))).toMatchObject({ status: 202 });
      expect(world.sent).toMatchObject([{ action, fleet: "k8s" }]);
    });

    it("is 202 for each published example whose labels a fleet has, whoever ran it", async () => {
      for (const event of workflowJobs) {
        const world = webhookWorld({
          overrides: {
            owner: event.repository.owner.login,
            routes: [{ fleet: "all", labels: event.workflow_job.labels, match: "exact" }],
          },
        });
        expect(await world.answer(request(event))).toMatchObject({ status: 202 });
        const { id, runner_name, conclusion } = event.workflow_job;
        expect(world.sent).toMatchObject([{ jobId: id, runAttempt: 1, action: event.action }]);
        expect(world.sent[0]!.runnerName).toBe(runner_name ?? undefined);
        expect(world.sent[0]!.conclusion).toBe(conclusion ?? undefined);
      }
      expect(new Set(workflowJobs.map(({ action }) => action)).size).toBe(4);
    });

    it("counts the wait from the start when GitHub does not say when the job was made", async () => {
      const [event] = workflowJobs.filter(({ workflow_job: job }) => job.created_at === undefined);
      const { owner } = event!.repository;
      const routes = [{ fleet: "old", labels: event!.workflow_job.labels, match: "exact" }] as const;
      const world = webhookWorld({ overrides: { owner: owner.login, routes } });
      await world.answer(request(event));
      expect(world.sent).toMatchObject([{ createdAt: event!.workflow_job.started_at, runAttempt: 1 }]);
    });

    it("is 500 when the queue does not take it, with the error for the log", async () => {
      const error = new Error("SQS does not answer");
      const world = webhookWorld({
        send: () => Promise.reject(error),
      });
      const answer = await world.answer(request(selfHosted("queued")));
      expect(answer).toMatchObject({ status: 500, details: { error, jobId: 12877621891 } });
    });
  });

  describe("whose body is signed otherwise", () => {
    it("is 401 without a signature", async () => {
      const wanted = request(selfHosted("queued"));
      delete wanted.headers!["x-hub-signature-256"];
      const world = webhookWorld();
      expect(await world.answer(wanted)).toMatchObject({
        status: 401,
        text: "X-Hub-Signature-256 is missing",
      });
      expect(world.sent).toEqual([]);
    });

    it("is 401 for another secret, and for a body changed on its way", async () => {
      const world = webhookWorld();
      const forged = request(selfHosted("queued"), { secret: "another" });
      const bent = request(selfHosted("queued"));
      bent.body = bent.body!.replace("lineville", "Lineville");
      expect(await world.answer(forged)).toMatchObject({ status: 401 });
      expect(await world.answer(bent)).toMatchObject({ status: 401 });
      expect(world.sent).toEqual([]);
    });

    it("is 401 before anything of the body is read", async () => {
      const wanted = request("{not JSON", { secret: "another" });
      expect(await webhookWorld().answer(wanted)).toMatchObject({ status: 401 });
    });

    it("is 202 for what the previous secret signed", async () => {
      const world = webhookWorld({
        parameter: () => Promise.resolve(JSON.stringify({ current: "new", previous: SECRET })),
      });
      expect(await world.answer(request(selfHosted("queued")))).toMatchObject({ status: 202 });
    });

    it("is 202 for a secret that was rotated after the first delivery", async () => {
      jest.useFakeTimers({ now: 0 });
      const values = ["old", JSON.stringify({ current: SECRET, previous: "old" })];
      const world = webhookWorld({ parameter: () => Promise.resolve(values.shift()) });
      expect(await world.answer(request(selfHosted("queued"), { secret: "old" }))).toMatchObject({
        status: 202,
      });
      jest.setSystemTime(10_000);
      expect(await world.answer(request(selfHosted("queued")))).toMatchObject({ status: 202 });
      jest.useRealTimers();
    });

    it.each([["unset"], [""], [undefined], ['{"current":""}']])(
      "is 503 while the secret is %j, even if that signed it",
      async (value) => {
        const world = webhookWorld({ parameter: () => Promise.resolve(value) });
        const wanted = request(selfHosted("queued"), { secret: value ?? "" });
        expect(await world.answer(wanted)).toEqual({ status: 503, text: "no webhook secret yet" });
        expect(world.sent).toEqual([]);
      },
    );

    it("is 500 when the secret cannot be read, and 202 the next time", async () => {
      const reads = [() => Promise.reject(new Error("SSM does not answer")), () => Promise.resolve(SECRET)];
      const world = webhookWorld({ parameter: () => reads.shift()!() });
      expect(await world.answer(request(selfHosted("queued")))).toMatchObject({ status: 500 });
      expect(await world.answer(request(selfHosted("queued")))).toMatchObject({ status: 202 });
    });
  });

  describe("of another form", () => {
    it("is 202 for a base64 body and for title-case headers", async () => {
      const { headers, body } = request(selfHosted("queued"));
      const titled = Object.fromEntries(
        Object.entries(headers!).map(([name, value]) => [
          name.replace(/\b[a-z]/g, (c) => c.toUpperCase()),
          value,
        ]),
      );
      const base64 = { headers: titled, body: Buffer.from(body!).toString("base64"), isBase64Encoded: true };
      expect(await webhookWorld().answer(base64)).toMatchObject({ status: 202 });
    });

    it("is 202 for names in any script", async () => {
      const event = changed((queued) => Object.assign(queued.workflow_job!, { name: "Prüfung 試験 🏃" }));
      expect(await webhookWorld().answer(request(event))).toMatchObject({ status: 202 });
    });

    it.each([
      ["not JSON", "{not JSON"],
      ["nothing", ""],
      ["an array", "[]"],
      ["null", "null"],
      ["text", '"x"'],
    ])("is 400 for %s", async (_, body) => {
      expect(await webhookWorld().answer(request(body))).toEqual({
        status: 400,
        text: "The body is not a JSON object: send what GitHub sends.",
      });
    });

    it("is 400 for a body larger than any job's, which could take all memory once it is parsed", async () => {
      const body = JSON.stringify(selfHosted("queued"));
      const answerOf = (bytes: number) => webhookWorld().answer(request(body.padEnd(bytes)));
      expect(await answerOf(1024 * 1024)).toMatchObject({ status: 202 });
      expect(await answerOf(1024 * 1024 + 1)).toMatchObject({
        status: 400,
        text: "The body has more than 1048576 bytes: send what GitHub sends.",
      });
    });

    it("is 200 for another event of any size, which nobody reads", async () => {
      const headers = { "x-github-event": "push" };
      const answer = await webhookWorld().answer(request("[".repeat(2 * 1024 * 1024), { headers }));
      expect(answer).toMatchObject({ status: 200, text: "left alone: only workflow_job is of use here" });
    });

    it("is 400 for a form, with the setting to change", async () => {
      const body = `payload=${encodeURIComponent(JSON.stringify(selfHosted("queued")))}`;
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      expect(await webhookWorld().answer(request(body, { headers }))).toEqual({
        status: 400,
        text: "The body is a form: set the content type of the webhook to application/json.",
      });
    });

    it.each<[string, unknown]>([
      ["action", 7],
      ["repository.full_name", "elastic-machines-testing"],
      ["repository.full_name", "a/b/../c"],
      ["repository.owner.login", null],
      ["repository.owner", null],
      ["workflow_job", undefined],
      ["workflow_job.id", "12877621891"],
      ["workflow_job.id", 1.5],
      ["workflow_job.run_id", -1],
      ["workflow_job.run_attempt", "1"],
      ["workflow_job.labels", "k8s"],
      ["workflow_job.labels", [7]],
      ["workflow_job.created_at", "yesterday"],
      ["workflow_job.runner_name", 7],
      ["workflow_job.conclusion", {}],
    ])("is 400 when %s is %j, and says so", async (path, value) => {
      const keys = path.split(".");
      const event = changed((queued) => {
        const parent = keys.slice(0, -1).reduce((at, key) => at[key] as Json, queued);
        Object.assign(parent, { [keys.at(-1)!]: value });
      });
      const world = webhookWorld();
      const answer = await world.answer(request(event));
      expect(answer).toMatchObject({ status: 400 });
      expect(answer.text).toContain(path);
      expect(world.sent).toEqual([]);
    });
  });

  describe("of a stranger's job that took one of our machines", () => {
    const taken = (runner_name: string, action: "in_progress" | "queued" = "in_progress") =>
      request(
        changed((event) => {
          Object.assign(event, { action });
          Object.assign(event.workflow_job!, { labels: ["self-hosted"], runner_name });
        }),
      );

    it("is 202, so that the job which the machine was launched for gets another", async () => {
      const world = webhookWorld({
        overrides: { repositories: ["lineville/other"], publicRepositories: false },
      });
      expect(await world.answer(taken("runners_k8s_i-0123456789abcdef0"))).toMatchObject({ status: 202 });
      expect(world.sent).toMatchObject([
        { fleet: "k8s", action: "in_progress", runnerName: "runners_k8s_i-0123456789abcdef0" },
      ]);
      expect(world.sent[0]).not.toHaveProperty("labels");
    });

    it("is 202 where the machine is of a fleet that there is no more, and still works", async () => {
      const world = webhookWorld();
      expect(await world.answer(taken("runners_gone_i-0123456789abcdef0"))).toMatchObject({ status: 202 });
      expect(world.sent).toMatchObject([{ fleet: "gone", action: "in_progress" }]);
    });

    it.each(["runners_#sweep_i-0123456789abcdef0", "others_k8s_i-0123456789abcdef0", "desk"])(
      "is 200 where the runner is %s, which is none of ours",
      async (name) => {
        expect(await webhookWorld().answer(taken(name))).toMatchObject({ status: 200 });
      },
    );
  });

  describe("that is of no use here", () => {
    it("is 200 for every published ping", async () => {
      for (const ping of published("ping")) {
        const wanted = request(ping, { headers: { "x-github-event": "ping" } });
        expect(await webhookWorld().answer(wanted)).toMatchObject({ status: 200, text: "left alone: ping" });
      }
      expect(published("ping").length).toBeGreaterThan(0);
    });

    it.each([["workflow_run"], ["check_run"], ["push"]])("is 200 for %s", async (event) => {
      const world = webhookWorld();
      const wanted = request(published(event)[0], { headers: { "x-github-event": event } });
      expect(await world.answer(wanted)).toMatchObject({
        status: 200,
        text: "left alone: only workflow_job is of use here",
      });
      expect(world.sent).toEqual([]);
    });

    it.each<[string, Parameters<typeof changed>[0], string]>([
      [
        "another action",
        (event) => Object.assign(event, { action: "archived" }),
        "this action changes nothing here",
      ],
      [
        "an action that objects have",
        (event) => Object.assign(event, { action: "toString" }),
        "this action changes nothing here",
      ],
      [
        "another owner",
        (event) => Object.assign(event.repository!, { owner: { login: "somebody" } }),
        "this owner is not served",
      ],
      [
        "labels of hosted runners",
        (event) => Object.assign(event.workflow_job!, { labels: ["ubuntu-latest"] }),
        "no fleet has these labels",
      ],
      [
        // `runs-on: {group: ...}`: the group is null until a runner has the job.
        "a runner group without labels",
        (event) => Object.assign(event.workflow_job!, { labels: [], runner_group_id: null }),
        "it names a runner group and no labels",
      ],
      [
        "an empty label",
        (event) => Object.assign(event.workflow_job!, { labels: [""] }),
        "no fleet has these labels",
      ],
    ])("is 200 for %s, with the reason", async (_, change, reason) => {
      const world = webhookWorld();
      expect(await world.answer(request(changed(change)))).toMatchObject({
        status: 200,
        text: `left alone: ${reason}`,
        details: { repository: "lineville/elastic-machines-testing" },
      });
      expect(world.sent).toEqual([]);
    });

    it("is 202 for a job that names a runner group alone once a machine of ours has taken it", async () => {
      const world = webhookWorld();
      const runner_name = "runners_k8s_i-0123456789abcdef0";
      const event = structuredClone(selfHosted("in_progress")) as unknown as Json;
      Object.assign(event.workflow_job!, { labels: [], runner_name });

      expect(await world.answer(request(event))).toMatchObject({ status: 202 });
      expect(world.sent).toMatchObject([{ action: "in_progress", fleet: "k8s" }]);
    });

    it("is 200 for a job of a public repository, unless those are served", async () => {
      const world = webhookWorld({ overrides: { publicRepositories: false } });
      expect(await world.answer(request(selfHosted("queued")))).toMatchObject({
        status: 200,
        text: "left alone: this repository is public",
      });
      const privately = changed((event) => Object.assign(event.repository!, { private: true }));
      expect(await world.answer(request(privately))).toMatchObject({ status: 202 });
    });

    it.each([
      [["lineville/elastic-machines-testing"], 202],
      [["LineVille/Elastic-Machines-Testing"], 202],
      [["lineville/other", "lineville/elastic-machines-testing"], 202],
      [["lineville/elastic-machines"], 200],
      [["elastic-machines-testing"], 200],
      [[], 200],
    ])("with the repositories %j allowed is %d", async (repositories, status) => {
      const world = webhookWorld({ overrides: { repositories, owner: "LineVille" } });
      expect(await world.answer(request(selfHosted("queued")))).toMatchObject({ status });
      expect(world.sent).toHaveLength(status === 202 ? 1 : 0);
    });
  });

  it("does not depend on the delivery id, which the signature does not cover", async () => {
    const world = webhookWorld();
    const body = JSON.stringify(selfHosted("queued"));
    const bare = { headers: { "x-github-event": "workflow_job", "x-hub-signature-256": sign(body) }, body };
    expect(await world.answer(bare)).toMatchObject({ status: 202 });
    expect(world.sent).toMatchObject([{ delivery: "unknown" }]);
  });
});
