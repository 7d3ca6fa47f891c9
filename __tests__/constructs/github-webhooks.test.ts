import { GithubOrgWebhook } from "../../constructs/github-org-webhook";
import { GithubRepositoryWebhook } from "../../constructs/github-repository-webhook";
import { synthesize } from "../support/synth";
import type { Construct } from "constructs";

const url = "https://api.example.com/webhook";

describe.each([
  ["github_organization_webhook", (scope: Construct) => new GithubOrgWebhook(scope, "Webhook", { url })],
  [
    "github_repository_webhook",
    (scope: Construct) => new GithubRepositoryWebhook(scope, "Webhook", { url, repository: "widget" }),
  ],
] as const)("%s", (type, build) => {
  it("sends workflow_job events as JSON over checked TLS", () => {
    const stack = synthesize((scope) => build(scope));

    expect(stack.resource(type)).toMatchObject({
      active: true,
      events: ["workflow_job"],
      configuration: { url, content_type: "json", insecure_ssl: false },
    });
  });

  it("leaves address and secret to the rotation function once it stands", () => {
    const stack = synthesize((scope) => build(scope));

    expect(stack.resource(type)).toMatchObject({
      lifecycle: { ignore_changes: ["configuration"] },
      configuration: { secret: "replaced-by-token-rotation" },
    });
  });
});

it("makes the repository's webhook at that repository", () => {
  const stack = synthesize(
    (scope) => new GithubRepositoryWebhook(scope, "Webhook", { url, repository: "widget" }),
  );

  expect(stack.resource("github_repository_webhook")).toMatchObject({ repository: "widget" });
});
