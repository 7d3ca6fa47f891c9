/**
 * Webhook and launcher only, beside a launch template of your own: here machines with a GPU, from an image of yours.
 * What EphemeralRunners would wire is wired by hand. Without a Sweeper nothing repairs what events do not tell, so leave
 * it out only where you have one of your own.
 */
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import {
  GithubConnection,
  JobQueue,
  RunnerLauncher,
  runnerPolicy,
  RunnerTables,
  runnerUserData,
  TokenRotation,
  WebhookApi,
} from "cdktf-ephemeral-runners";
import type { Construct } from "constructs";

const PREFIX = "acme-gpu";
const LABELS = ["self-hosted", "linux", "gpu"];
const NETWORK = { subnetIds: ["subnet-0a1b2c3d4e5f60718"], securityGroupIds: ["sg-0a1b2c3d4e5f60718"] };

/** A team's own machine; of the package are its rights and its user data. */
class GpuMachine {
  public readonly template: LaunchTemplate;
  public readonly role: IamRole;

  public constructor(scope: Construct, { handoff }: RunnerTables) {
    const logGroup = new CloudwatchLogGroup(scope, "Logs", { name: "/acme/gpu", retentionInDays: 30 });
    this.role = new IamRole(scope, "Role", {
      name: "acme-gpu-machine",
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } },
        ],
      }),
    });
    const policy = new IamRolePolicy(scope, "Policy", {
      role: this.role.name,
      policy: runnerPolicy({ handoffTable: handoff, logGroupArn: logGroup.arn }),
    });
    const profile = new IamInstanceProfile(scope, "Profile", { role: this.role.name });
    this.template = new LaunchTemplate(scope, "Template", {
      name: "acme-gpu",
      updateDefaultVersion: true,
      imageId: "ami-0a1b2c3d4e5f60718",
      iamInstanceProfile: { arn: profile.arn },
      // Power off is the end of the machine, and of its bill.
      instanceInitiatedShutdownBehavior: "terminate",
      metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
      vpcSecurityGroupIds: NETWORK.securityGroupIds,
      blockDeviceMappings: [
        { deviceName: "/dev/xvda", ebs: { volumeType: "gp3", volumeSize: 200, encrypted: "true" } },
      ],
      userData: runnerUserData({
        roleId: this.role.uniqueId,
        handoffTable: handoff.name,
        logGroup: logGroup.name,
        architecture: "x64",
        setupCommands: ["nvidia-smi"],
      }),
      dependsOn: [policy],
    });
  }
}

class GpuRunners extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    new AwsProvider(this, "Aws", { region: "eu-west-1" });
    new S3Backend(this, { bucket: "acme-state", key: "own-launch-template.tfstate", region: "eu-west-1" });
    const github = GithubConnection.app({
      org: "acme",
      appId: "123456",
      privateKeyParameter: "/acme/github-app-key",
    });
    const { queue } = new JobQueue(this, "Queue", { prefix: PREFIX });
    const tables = new RunnerTables(this, "Tables", { prefix: PREFIX });
    const { template, role } = new GpuMachine(this, tables);

    const webhook = new WebhookApi(this, "Webhook", {
      prefix: PREFIX,
      github,
      queue,
      routes: [{ fleet: "gpu", labels: LABELS, match: "exact" }],
    });
    const rotation = new TokenRotation(this, "Rotation", {
      prefix: PREFIX,
      github,
      webhook: { kind: "app", url: webhook.url },
    });
    new RunnerLauncher(this, "Launcher", {
      prefix: PREFIX,
      github,
      queue,
      network: NETWORK,
      rotateFunction: rotation.function.function,
      runnerGroup: { id: "7", name: "gpu" },
      existingTables: tables,
      fleets: [
        {
          name: "gpu",
          labels: LABELS,
          instanceTypes: ["g6.xlarge", "g5.xlarge"],
          existingLaunchTemplate: { id: template.id, roleArn: role.arn, roleId: role.uniqueId },
        },
      ],
    });
  }
}

const app = new App();
new GpuRunners(app, "own-launch-template");
app.synth();
