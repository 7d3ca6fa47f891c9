import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamInstanceProfile } from "@cdktf/provider-aws/lib/iam-instance-profile";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Token } from "cdktf";
import { Construct } from "constructs";
import { machineLogGroup, TAG } from "../functions/shared/contract";
import { AwsEnvironment } from "./aws-environment";
import { checkCommon, DEFAULT_LOG_RETENTION_DAYS, nameOf, tagsOf } from "./common";
import { bootProps, fleetArchitecture } from "./fleet";
import { FLEETS, fleetNameMistakes, machineMistakes } from "./fleet-checks";
import { asList, checkList } from "./lists";
import { newBeforeOld } from "./new-before-old";
import { trustPolicy } from "./policy";
import { runnerPolicy } from "./runner-boot";
import { RUNNER_LAUNCH_TEMPLATE } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import { checkUserData, renderUserData } from "./user-data";
import { addCheckOnce } from "./validation";
import type { CommonProps } from "./common";
import type { MachineProps } from "./fleet";
import type { Architecture } from "./instance-types";
import type { TableReference } from "./runner-boot";
import type { UserDataProps } from "./user-data";

export interface RunnerLaunchTemplateProps extends CommonProps, MachineProps {
  /** Name of the fleet: 1 to 20 characters of a-z, 0-9 and `-`. Part of the names of what is made. */
  readonly fleet: string;

  /** The table that machines take their registration from. */
  readonly handoffTable: TableReference;

  /** Security groups of the machines. */
  readonly securityGroupIds: readonly string[];
}

const DEFAULT_ROOT_DEVICE_NAME = "/dev/xvda";
const DEFAULT_ROOT_VOLUME_GB = 30;

/** https://docs.aws.amazon.com/linux/al2023/ug/ec2.html: AWS's own parameters for the newest image. */
const DEFAULT_IMAGE_PARAMETER: Readonly<Record<Architecture, string>> = {
  x64: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
  arm64: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
};

/** The parameter that EC2 reads the image's id from at each launch; undefined where an id is given. */
export const imageParameterOf = (props: MachineProps): string | undefined =>
  props.imageId === undefined
    ? (props.imageParameter ?? DEFAULT_IMAGE_PARAMETER[fleetArchitecture(props)])
    : undefined;

/**
 * What a machine of one fleet is: image, disk, role, boot script. Only its role makes it more than a bare machine, and that
 * may take its own registration, once, and write its own fleet's log.
 */
export class RunnerLaunchTemplate extends Construct {
  /** What each machine of the fleet is launched from. */
  public readonly launchTemplate: LaunchTemplate;
  /** What the machine acts as. */
  public readonly role: IamRole;
  /** All that the role may do. */
  public readonly policy: IamRolePolicy;
  /** Hands the role to the machine. */
  public readonly instanceProfile: IamInstanceProfile;
  /** A stream for each machine: how it booted, and the runner's own log. */
  public readonly logGroup: CloudwatchLogGroup;

  /** The version of the launch template that this stack made, as the API wants it. */
  public readonly version: string;
  /** Name of the parameter with the image's id, which whoever launches must be allowed to read. */
  public readonly imageParameter: string | undefined;
  /** The image's id, where one was given. */
  public readonly imageId: string | undefined;

  public constructor(scope: Construct, id: string, props: RunnerLaunchTemplateProps) {
    super(scope, id);
    checkProps(this, props, RUNNER_LAUNCH_TEMPLATE);
    checkCommon(this, props);
    addCheckOnce(this, FLEETS, () => [
      ...fleetNameMistakes("fleet", props.fleet),
      ...machineMistakes(props),
      ...checkList("securityGroupIds", props.securityGroupIds),
      ...checkUserData(this.userData(props)),
    ]);
    // Apart from each other as a prefix and a fleet's name cannot be: "acme-ci" with "x" is not "acme" with "ci-x".
    const name = [props.prefix, props.fleet, "runner"].join("_");
    this.imageId = props.imageId;
    this.imageParameter = imageParameterOf(props);

    const aws = AwsEnvironment.of(this);
    this.logGroup = new CloudwatchLogGroup(this, "LogGroup", {
      lifecycle: newBeforeOld,
      name: machineLogGroup(props.prefix, props.fleet),
      retentionInDays: props.logRetentionDays ?? DEFAULT_LOG_RETENTION_DAYS,
      kmsKeyId: props.kmsKeyArn,
      tags: tagsOf(props),
    });
    this.role = new IamRole(this, "Role", {
      lifecycle: newBeforeOld,
      name,
      description: `Role of the machines of fleet ${props.fleet}`,
      assumeRolePolicy: trustPolicy(aws.principal("ec2")),
      permissionsBoundary: props.permissionsBoundaryArn,
      tags: tagsOf(props),
    });
    this.policy = new IamRolePolicy(this, "Policy", {
      lifecycle: newBeforeOld,
      name,
      role: this.role.name,
      policy: runnerPolicy({
        handoffTable: props.handoffTable,
        logGroupArn: this.logGroup.arn,
        kmsKeyArn: props.kmsKeyArn,
        furtherKmsKeyArn: props.furtherKmsKeyArn,
        aws,
      }),
    });
    this.instanceProfile = new IamInstanceProfile(this, "InstanceProfile", {
      lifecycle: newBeforeOld,
      name,
      role: this.role.name,
      tags: tagsOf(props),
    });
    this.launchTemplate = this.createLaunchTemplate(name, renderUserData(this.userData(props)), props);
    this.version = Token.asString(this.launchTemplate.latestVersion);
  }

  private createLaunchTemplate(
    name: string,
    userData: string,
    props: RunnerLaunchTemplateProps,
  ): LaunchTemplate {
    const tags = tagsOf(props, { Name: nameOf(props, props.fleet), [TAG.fleet]: props.fleet });
    return new LaunchTemplate(this, "LaunchTemplate", {
      lifecycle: newBeforeOld,
      name,
      description: `Machines of fleet ${props.fleet}: one job each`,
      updateDefaultVersion: true,
      imageId: props.imageId ?? `resolve:ssm:${this.imageParameter}`,
      iamInstanceProfile: { arn: this.instanceProfile.arn },
      instanceInitiatedShutdownBehavior: "terminate",
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        // A container on a bridge network is one hop further away.
        httpPutResponseHopLimit: 1,
        // No machine reads its tags, and with this on AWS refuses tag keys with a "/", which a team may have.
        instanceMetadataTags: "disabled",
      },
      // No network interface stands here: beside one, CreateFleet's choice of subnet is not dependable.
      // https://github.com/aws/karpenter-provider-aws/pull/3819
      vpcSecurityGroupIds: [...asList(props.securityGroupIds)],
      blockDeviceMappings: [
        {
          deviceName: props.rootDeviceName ?? DEFAULT_ROOT_DEVICE_NAME,
          ebs: {
            volumeType: "gp3",
            volumeSize: props.rootVolumeGb ?? DEFAULT_ROOT_VOLUME_GB,
            throughput: props.rootVolumeThroughput,
            encrypted: "true",
            kmsKeyId: props.kmsKeyArn,
            deleteOnTermination: "true",
          },
        },
      ],
      tagSpecifications: ["instance", "volume", "network-interface"].map((resourceType) => ({
        resourceType,
        tags,
      })),
      userData,
      tags: tagsOf(props),
      // A machine that boots before its role may do anything would power off without its registration.
      dependsOn: [this.policy],
    });
  }

  private userData(props: RunnerLaunchTemplateProps): UserDataProps {
    return {
      roleId: this.role.uniqueId,
      handoffTable: props.handoffTable.name,
      logGroup: this.logGroup.name,
      ...bootProps(props),
    };
  }
}
