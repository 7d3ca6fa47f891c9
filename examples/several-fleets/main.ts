/** Three kinds of machines: arm64, large with Docker, and on-demand only for what must not be interrupted. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import { EphemeralRunners, GithubConnection } from "cdktf-ephemeral-runners";
import type { FleetProps } from "cdktf-ephemeral-runners";

const fleets: readonly FleetProps[] = [
  {
    name: "arm64",
    labels: ["self-hosted", "linux", "arm64"],
    architecture: "arm64",
    maximumMachines: 50,
  },
  {
    name: "large",
    labels: ["self-hosted", "linux", "x64", "large"],
    instanceTypes: ["c7i.4xlarge", "c7a.4xlarge", "c6i.4xlarge", "c6a.4xlarge"],
    rootVolumeGb: 100,
    rootVolumeThroughput: 500,
    // Who may start containers is root on the machine: see MachineProps.
    allowDocker: true,
    maximumMachines: 10,
  },
  {
    name: "release",
    labels: ["self-hosted", "linux", "x64", "release"],
    markets: ["on-demand"],
    hardLimitMinutes: 60,
    maximumMachines: 2,
  },
];

const app = new App();
const stack = new TerraformStack(app, "several-fleets");
new AwsProvider(stack, "Aws", { region: "eu-west-1" });
new S3Backend(stack, { bucket: "acme-state", key: "several-fleets.tfstate", region: "eu-west-1" });
new GithubProvider(stack, "Github", { owner: "acme" });
new EphemeralRunners(stack, "Runners", {
  github: GithubConnection.app({
    org: "acme",
    appId: "123456",
    privateKeyParameter: "/acme/github-app-key",
  }),
  fleets,
  // Less than what the default expects of 62 machines, 12 hours of each.
  maximumMachineHoursPerDay: 400,
});
app.synth();
