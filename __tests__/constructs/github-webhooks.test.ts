import { dirname } from "node:path";
import { GithubOrgWebhook } from "../../constructs/github-org-webhook";
import { GithubRepositoryWebhook } from "../../constructs/github-repository-webhook";
import { readProviderSchema } from "../support/provider-stand-in/schema";
import { synthesize } from "../support/synth";
import type { Construct } from "constructs";

const binding = dirname(require.resolve("@cdktf/provider-github/package.json"));
interface Ignoring {
  readonly lifecycle: { readonly ignore_changes: readonly string[] };
}

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

  it("is made with a secret that signs nothing", () => {
    const stack = synthesize((scope) => build(scope));

    expect(stack.resource(type)).toMatchObject({ configuration: { secret: "replaced-by-token-rotation" } });
  });

  it("goes on sending, when it is removed, until all that refers to it has been updated", () => {
    expect(synthesize((scope) => build(scope)).resource(type)).toMatchObject({
      lifecycle: { create_before_destroy: true },
    });
  });

  it("is not changed by Terraform any more: all that an update could send is ignored", () => {
    const { lifecycle } = synthesize((scope) => build(scope)).resource<Ignoring>(type);

    const { attributes, blocks } = readProviderSchema(binding, "github", [type]).resources[type]!;
    const settable = [
      ...attributes.filter(({ required, optional, computed }) => required || (optional && !computed)),
      ...blocks,
    ].map(({ name }) => name);
    // A webhook of another repository is another webhook: the provider makes it anew.
    expect([...lifecycle.ignore_changes].sort()).toEqual(
      settable.filter((name) => name !== "repository").sort(),
    );
  });
});

it("makes the repository's webhook at that repository", () => {
  const stack = synthesize(
    (scope) => new GithubRepositoryWebhook(scope, "Webhook", { url, repository: "widget" }),
  );

  expect(stack.resource("github_repository_webhook")).toMatchObject({ repository: "widget" });
});
