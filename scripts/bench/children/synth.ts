/** Synthesizes an app: `queues COUNT`, or `installations COUNT FLEETS LIBRARY`. */
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SqsQueue } from "@cdktf/provider-aws/lib/sqs-queue";
import { App, TerraformStack } from "cdktf";
import type * as library from "../../../constructs";

const [, , what = "", count = "1", fleets = "1", path = ""] = process.argv;

const stackIn = (app: App, id: string): TerraformStack => {
  const stack = new TerraformStack(app, id);
  new AwsProvider(stack, "Aws", { region: "us-east-1" });
  return stack;
};

const addQueues = (app: App): void => {
  const stack = stackIn(app, "queues");
  for (let index = 1; index <= Number(count); index++)
    new SqsQueue(stack, `Queue${index}`, { name: `q${index}` });
};

const addInstallations = (app: App): void => {
  // Only where it is wanted: to load it is part of what is measured.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { EphemeralRunners, GithubConnection, RunnerGroup } = require(path) as typeof library;
  for (let index = 1; index <= Number(count); index++) {
    new EphemeralRunners(stackIn(app, `runners-${index}`), "Runners", {
      prefix: `runners-${index}`,
      github: GithubConnection.app({
        org: "acme",
        appId: "123456",
        privateKeyParameter: "/acme/github-app-key",
      }),
      runnerGroup: RunnerGroup.fromId("7"),
      webhook: "app",
      fleets: Array.from({ length: Number(fleets) }, (_, fleet) => ({
        name: `fleet-${fleet + 1}`,
        labels: ["self-hosted", "linux", `fleet-${fleet + 1}`],
      })),
    });
  }
};

const app = new App({ stackTraces: false });
(what === "queues" ? addQueues : addInstallations)(app);
app.synth();
