/**
 * Two installations in one stack: one in the account and region of the stack, one in another account and region, by a
 * provider with an alias. Their prefixes and labels differ, since GitHub sees both. Each has an App of its own: with one
 * App they would share its limits, and could not both have its webhook.
 */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import { EphemeralRunners, GithubConnection } from "cdktf-ephemeral-runners";

const app = new App();
const stack = new TerraformStack(app, "several-accounts");
new AwsProvider(stack, "Aws", { region: "eu-west-1" });
new S3Backend(stack, { bucket: "acme-state", key: "several-accounts.tfstate", region: "eu-west-1" });
new GithubProvider(stack, "Github", { owner: "acme" });
const sandbox = new AwsProvider(stack, "Sandbox", {
  alias: "sandbox",
  region: "us-east-2",
  assumeRole: [{ roleArn: "arn:aws:iam::210987654321:role/terraform" }],
});

new EphemeralRunners(stack, "Runners", {
  github: GithubConnection.app({
    org: "acme",
    appId: "123456",
    privateKeyParameter: "/acme/github-app-key",
  }),
  fleets: [{ name: "linux-x64", labels: ["self-hosted", "linux", "x64"] }],
});
new EphemeralRunners(stack, "SandboxRunners", {
  github: GithubConnection.app({
    org: "acme",
    appId: "654321",
    privateKeyParameter: "/acme/sandbox-github-app-key",
  }),
  fleets: [{ name: "sandbox", labels: ["self-hosted", "linux", "sandbox"] }],
  providers: [sandbox],
});

app.synth();
