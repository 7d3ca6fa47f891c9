import { Github } from "./github-core";

const ORG = "https://api.github.com/orgs/acme/actions/runners";
let github: Github;
beforeEach(() => (github = new Github({ pats: ["ghp_1"] })));

const ask = async (url: string, token = "ghp_1") => {
  const answer = await github.fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: await answer.json() };
};

describe("the runner's releases", () => {
  it("are offered for each system, with the checksums that are published", async () => {
    const sums = { x64: "a".repeat(64), arm64: "b".repeat(64) };
    github.state.releases.offer("2.339.0", sums);

    const { body } = await ask(`${ORG}/downloads`);

    expect(body).toContainEqual({
      os: "linux",
      architecture: "arm64",
      download_url:
        "https://github.com/actions/runner/releases/download/v2.339.0/actions-runner-linux-arm64-2.339.0.tar.gz",
      filename: "actions-runner-linux-arm64-2.339.0.tar.gz",
      sha256_checksum: sums.arm64,
    });
    expect((body as unknown[]).length).toBeGreaterThan(2);
  });

  it("have their days, if any, and what never was has none", async () => {
    const day = "2025-12-16T17:40:26Z";
    github.state.releases.schedules.set("2.328.0", { runtime_deprecates_at: day });

    expect(await ask(`${ORG}/deprecations/2.328.0`)).toEqual({
      status: 200,
      body: { runner_version: "2.328.0", runtime_deprecates_at: day },
    });
    expect(await ask(`${ORG}/deprecations/2.338.0`)).toMatchObject({ body: { runtime_deprecates_at: null } });
    expect((await ask(`${ORG}/deprecations/9.9.9`)).status).toBe(404);
  });

  it("have no days at an Enterprise Server that does not know the question", async () => {
    github.state.releases.tellsSchedules = false;

    expect((await ask(`${ORG}/deprecations/2.338.0`)).status).toBe(404);
  });

  it.each(["downloads", "deprecations/2.338.0"])(
    "are told (%s) to who may read runners, and to nobody else",
    async (path) => {
      const { token: reader } = github.state.mintInstallationToken({
        organization_self_hosted_runners: "read",
      });
      const { token: other } = github.state.mintInstallationToken({ actions: "write" });

      expect((await ask(`${ORG}/${path}`, reader)).status).toBe(200);
      expect((await ask(`${ORG}/${path}`, other)).status).toBe(403);
      expect(
        (await ask(`https://api.github.com/repos/acme/app/actions/runners/${path}`, reader)).status,
      ).toBe(403);
    },
  );
});
