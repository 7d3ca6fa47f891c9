/** One kind of machine, for all private repositories of an organization. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import { EphemeralRunners, GithubConnection } from "cdktf-ephemeral-runners";

const app = new App();
const stack = new TerraformStack(app, "smallest");
new AwsProvider(stack, "Aws", { region: "eu-west-1" });
new S3Backend(stack, { bucket: "acme-state", key: "smallest.tfstate", region: "eu-west-1" });
// Its token comes from the environment, GITHUB_TOKEN, and is needed for plan and apply only.
new GithubProvider(stack, "Github", { owner: "acme" });

new EphemeralRunners(stack, "Runners", {
  github: GithubConnection.app({
    org: "acme",
    appId: "123456",
    privateKeyParameter: "/acme/github-app-key",
  }),
  fleets: [{ name: "linux-x64", labels: ["self-hosted", "linux", "x64"] }],
});

app.synth();
