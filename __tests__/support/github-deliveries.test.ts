import { restClient } from "../../functions/rotate-tokens/rest-client";
import { appJwt } from "./app-jwt";
import { makeAppKey } from "./app-key";
import { GithubServer } from "./github-server";
import { START, statusOf, virtualGithub } from "./virtual-github";

describe("deliveries", () => {
  const HOOK = "orgs/acme/hooks/42";
  const hooked = (...statuses: number[]) => {
    const world = virtualGithub();
    const config = { url: "https://example.com", content_type: "json", insecure_ssl: "0" };
    world.github.state.hooks.set(HOOK, config);
    world.github.state.deliveries.deliver = () => statuses.shift() ?? 202;
    return { ...world, deliveries: world.github.state.deliveries };
  };
  const job = { event: "workflow_job", action: "queued", payload: { secret: "content" } };
  const hook = { org: "acme", hook_id: 42 };

  it("are listed newest first, page by page, without their content", async () => {
    const { octokit, deliveries } = hooked();
    for (const guid of ["a", "b", "c"]) await deliveries.send(HOOK, { ...job, guid });

    const all = await octokit.paginate(octokit.orgs.listWebhookDeliveries, { ...hook, per_page: 2 });

    expect(all.map(({ guid }) => guid)).toEqual(["c", "b", "a"]);
    expect(all[0]).toMatchObject({ event: "workflow_job", action: "queued", status: "OK", status_code: 202 });
    expect(JSON.stringify(all)).not.toContain("content");
  });

  it("are made again under the same guid", async () => {
    const { octokit, deliveries } = hooked(503);
    const { id } = await deliveries.send(HOOK, { ...job, guid: "a" });
    const failed = async () =>
      (await octokit.orgs.listWebhookDeliveries({ ...hook, status: "failure" })).data.map((one) => one.id);
    expect(await failed()).toEqual([id]);

    const again = await octokit.orgs.redeliverWebhookDelivery({ ...hook, delivery_id: id });
    await deliveries.settle();

    expect(again.status).toBe(202);
    expect(deliveries.of(HOOK)).toMatchObject([
      { guid: "a", redelivery: false, status_code: 503 },
      { guid: "a", redelivery: true, status_code: 202, payload: job.payload },
    ]);
    expect(await failed()).toEqual([id]);
  });

  it("failed when nobody was there", async () => {
    const { deliveries } = hooked();
    deliveries.deliver = () => Promise.reject(new Error("ECONNREFUSED"));

    expect(await deliveries.send(HOOK, job)).toMatchObject({ status_code: 0, status: "failed to connect" });
  });

  it("of the App's own hook are for its JWT alone", async () => {
    const { privateKey, publicKey } = makeAppKey();
    const { client, github } = virtualGithub({ app: { id: "123", publicKey } });
    github.state.hooks.set("app", { url: "https://example.com", content_type: "json", insecure_ssl: "0" });
    const { id } = await github.state.deliveries.send("app", job);
    const { apps } = client(appJwt("123", privateKey, START));

    expect((await apps.listWebhookDeliveries()).data).toMatchObject([{ id }]);
    expect(await statusOf(apps.redeliverWebhookDelivery({ delivery_id: id }))).toBe(202);
    expect(await statusOf(client().apps.listWebhookDeliveries())).toBe(401);
  });

  it("lead on to the address that was asked", async () => {
    const server = await GithubServer.start({ pats: ["ghp_1"] });
    server.state.hooks.set(HOOK, { url: "x", content_type: "json", insecure_ssl: "0" });
    for (const guid of ["a", "b"]) await server.state.deliveries.send(HOOK, { ...job, guid });
    const { orgs } = restClient({ apiUrl: `${server.url}/api/v3`, token: "ghp_1" });

    const { headers } = await orgs.listWebhookDeliveries({ ...hook, per_page: 1 });
    const { url } = server;
    await server.stop();

    expect(headers.link).toContain(`<${url}/api/v3/orgs/acme/hooks/42/deliveries?per_page=1&cursor=v1_`);
  });
});
