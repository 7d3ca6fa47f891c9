import { GithubLimits, githubLimits } from "./github-limits";
import { START, statusOf, virtualGithub } from "./virtual-github";

describe("limits", () => {
  const limited = (
    own: Partial<ConstructorParameters<typeof GithubLimits>[1]> = {},
    underWay?: () => Promise<unknown>,
  ) => {
    const clock = { time: START };
    const limits = new GithubLimits(() => clock.time, {
      ...githubLimits,
      ...own,
    });
    const world = virtualGithub({ limits, underWay, now: () => clock.time });
    const generate = (token = "ghp_1") => {
      const name = `runner-${world.github.state.nextId()}`;
      const { actions } = world.client(token);
      const asked = { org: "acme", name, runner_group_id: 3, labels: ["x"] };
      return actions.generateRunnerJitconfigForOrg(asked).catch((error: unknown) => error);
    };
    return { ...world, clock, generate };
  };
  const times = async <T>(count: number, call: () => Promise<T>): Promise<T> => {
    for (let made = 1; made < count; made++) await call();
    return call();
  };

  it("grant 180 writes a minute at one endpoint, and tell when there are more", async () => {
    const { clock, generate, octokit } = limited();
    expect(await times(180, generate)).toMatchObject({ status: 201 });
    clock.time += 20_000;

    const refused = await generate();

    expect(refused).toMatchObject({ status: 403, limited: true, limits: { retryAfter: 40 } });
    expect(await statusOf(octokit.actions.listSelfHostedRunnersForOrg({ org: "acme" }))).toBe(200);
    clock.time += 40_000;
    expect(await generate()).toMatchObject({ status: 201 });
  });

  it("count the hour of each caller, and tell when it ends", async () => {
    const { clock, generate, github } = limited({ requestsAnHour: 2 });
    const other = github.state.mintInstallationToken(undefined, 8).token;
    await times(2, generate);

    const refused = await generate();

    const resetAt = START / 1000 + 3600;
    expect(refused).toMatchObject({ status: 403, limited: true, limits: { remaining: 0, resetAt } });
    expect(await generate(other)).toMatchObject({ status: 201 });
    clock.time += 60 * 60_000;
    expect(await generate()).toMatchObject({ status: 201 });
  });

  it("refuse the call that is one too many at once", async () => {
    const { github, generate } = limited({ concurrent: 2 });
    github.inject({ latency: 1 });

    const answers = await Promise.all([generate(), generate(), generate()]);

    expect(answers.map((one) => (one as { status: number }).status).sort()).toEqual([201, 201, 403]);
    expect(await generate()).toMatchObject({ status: 201 });
  });

  it("count a call at once for as long as it is under way, although its work is done in a moment", async () => {
    const ends: (() => void)[] = [];
    const { generate } = limited({ concurrent: 1 }, () => new Promise<void>((done) => ends.push(done)));
    expect(await generate()).toMatchObject({ status: 201 });

    expect(await generate()).toMatchObject({ status: 403 });
    ends[0]?.();
    expect(await generate()).toMatchObject({ status: 201 });
  });
});
