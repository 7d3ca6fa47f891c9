/** GitHub Enterprise Server. Functions and machines must reach it, and it must reach API Gateway's public address. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import { EphemeralRunners, GithubConnection } from "cdktf-ephemeral-runners";

const app = new App();
const stack = new TerraformStack(app, "enterprise-server");
new AwsProvider(stack, "Aws", { region: "eu-west-1" });
new S3Backend(stack, { bucket: "acme-state", key: "enterprise-server.tfstate", region: "eu-west-1" });

const github = GithubConnection.app({
  baseUrl: "https://ghe.example.com",
  org: "acme",
  appId: "12",
  privateKeyParameter: "/acme/github-app-key",
});
new GithubProvider(stack, "Github", { owner: "acme", baseUrl: github.providerBaseUrl });

new EphemeralRunners(stack, "Runners", {
  github,
  fleets: [{ name: "linux-x64", labels: ["self-hosted", "linux", "x64"] }],
  // The addresses from which the server sends its webhooks.
  sourceAddresses: ["198.51.100.17/32"],
});

app.synth();
