import { appJwt } from "./app-jwt";
import { makeAppKey } from "./app-key";
import { START, statusOf, virtualGithub } from "./virtual-github";

describe("without a socket", () => {
  it("answers the client as over one, and lets time pass as it is told", async () => {
    const { github, octokit, clock } = virtualGithub();
    github.inject({ latency: 90_000, times: 1 });

    const { data } = await octokit.actions.listSelfHostedRunnersForOrg({ org: "acme" });

    expect(data).toEqual({ total_count: 0, runners: [] });
    expect(clock.time).toBe(START + 90_000);
    expect(github.requests).toMatchObject([{ route: "GET /orgs/{org}/actions/runners", status: 200 }]);
  });

  it("loses an answer after the work was done", async () => {
    const { github, octokit } = virtualGithub();
    github.inject({ loseAnswer: true, times: 1 });
    const name = { org: "acme", name: "one", runner_group_id: 1, labels: ["x"] };

    const first = octokit.actions.generateRunnerJitconfigForOrg(name);

    await expect(first).rejects.toMatchObject({ status: 0 });
    expect(await statusOf(octokit.actions.generateRunnerJitconfigForOrg(name))).toBe(409);
  });

  it("serves several Apps, each with tokens of its own", async () => {
    const keys = [makeAppKey(), makeAppKey()] as const;
    const apps = keys.map(({ publicKey }, at) => ({
      id: String(at + 1),
      publicKey,
      installations: [{ id: 70 + at, owner: "acme" }],
    }));
    const { client } = virtualGithub({ apps });
    const found = keys.map(async ({ privateKey }, at) => {
      const app = client(appJwt(String(at + 1), privateKey, START));
      return (await app.apps.getOrgInstallation({ org: "acme" })).data.id;
    });

    expect(await Promise.all(found)).toEqual([70, 71]);
  });
});
