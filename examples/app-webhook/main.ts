/**
 * With the GitHub App's own webhook and a runner group that stands already, Terraform makes nothing at GitHub: no GitHub
 * provider, and no token for it in CI.
 */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import { EphemeralRunners, GithubConnection, RunnerGroup } from "cdktf-ephemeral-runners";

const app = new App();
const stack = new TerraformStack(app, "app-webhook");
new AwsProvider(stack, "Aws", { region: "eu-west-1" });
new S3Backend(stack, { bucket: "acme-state", key: "app-webhook.tfstate", region: "eu-west-1" });

new EphemeralRunners(stack, "Runners", {
  github: GithubConnection.app({
    org: "acme",
    appId: "123456",
    privateKeyParameter: "/acme/github-app-key",
  }),
  fleets: [{ name: "linux-x64", labels: ["self-hosted", "linux", "x64"] }],
  webhook: "app",
  // As in the address of the group's page: .../settings/actions/runner-groups/7
  runnerGroup: RunnerGroup.fromId("7"),
});

app.synth();
