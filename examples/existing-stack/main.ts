/** Into a stack that stands: the team's own network, KMS key, permissions boundary, alarm topic and tags. */
import { KmsKey } from "@cdktf/provider-aws/lib/kms-key";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, S3Backend, TerraformStack } from "cdktf";
import { EphemeralRunners, GithubConnection } from "cdktf-ephemeral-runners";
import type { Construct } from "constructs";

// Private subnets behind a NAT gateway, in as many zones as there are. They may also come from a data source or a module.
const NETWORK = {
  vpcId: "vpc-0a1b2c3d4e5f60718",
  subnetIds: ["subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718"],
};
const BOUNDARY = "arn:aws:iam::123456789012:policy/acme-boundary";

class PlatformStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
    new AwsProvider(this, "Aws", { region: "eu-west-1" });
    new S3Backend(this, { bucket: "acme-state", key: "existing-stack.tfstate", region: "eu-west-1" });
    new GithubProvider(this, "Github", { owner: "acme" });
    // Its policy, left out here, also has to let CloudWatch Logs and AWSServiceRoleForEC2Spot use it.
    const key = new KmsKey(this, "Key", { description: "Runners", enableKeyRotation: true });
    const alarms = new SnsTopic(this, "Alarms", { name: "acme-platform-alarms" });

    new EphemeralRunners(this, "Runners", {
      prefix: "acme-ci",
      github: GithubConnection.app({
        org: "acme",
        appId: "123456",
        privateKeyParameter: "/acme/github-app-key",
        credentialKmsKeyArn: key.arn,
      }),
      fleets: [{ name: "linux-x64", labels: ["self-hosted", "linux", "x64"] }],
      network: { existing: NETWORK },
      kmsKeyArn: key.arn,
      permissionsBoundaryArn: BOUNDARY,
      alarmActions: [alarms.arn],
      tags: { team: "platform", "cost-center": "4711" },
    });
  }
}

const app = new App();
new PlatformStack(app, "existing-stack");
app.synth();
