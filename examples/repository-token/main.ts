/** The runners of one repository, with a personal access token in place of a GitHub App. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import { EphemeralRunners, GithubConnection } from "cdktf-ephemeral-runners";

const app = new App();
const stack = new TerraformStack(app, "repository-token");
new AwsProvider(stack, "Aws", { region: "eu-west-1" });
new S3Backend(stack, { bucket: "acme-state", key: "repository-token.tfstate", region: "eu-west-1" });
new GithubProvider(stack, "Github", { owner: "acme" });

new EphemeralRunners(stack, "Runners", {
  github: GithubConnection.token({ repository: "acme/widget", tokenParameter: "/acme/github-token" }),
  fleets: [{ name: "linux-x64", labels: ["self-hosted", "linux", "x64"], maximumMachines: 5 }],
});

app.synth();
