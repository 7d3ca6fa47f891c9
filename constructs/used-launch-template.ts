import { MACHINE } from "./shape";
import { checkNotBoth, checkPattern, checkArn, isKnown } from "./validation";
import type { AwsEnvironment } from "./aws-environment";
import type { FleetProps, MachineProps } from "./fleet";
import type { RunnerLaunchTemplate } from "./runner-launch-template";

/** A launch template that stands already, made by whatever means. */
export interface ExistingLaunchTemplate {
  /**
   * Id of the launch template (`lt-...`). Its machines have to boot with the user data of `runnerUserData`, and to power
   * off into termination (`instance_initiated_shutdown_behavior = "terminate"`).
   */
  readonly id: string;

  /**
   * The version that is launched: a number, "$Default" or "$Latest".
   * @default "$Default"
   */
  readonly version?: string;

  /** ARN of the role in its instance profile, which needs the rights of `runnerPolicy`: launching passes it on. */
  readonly roleArn: string;

  /** Unique id (`AROA...`) of that role: the first half of the key by which machines take their registration. */
  readonly roleId: string;

  /**
   * Name of the SSM parameter with the image's id, where the template names its image by `resolve:ssm:`: EC2 reads it
   * with the rights of whoever launches.
   * @default none
   */
  readonly imageParameter?: string;
}

/** What launching from a template takes, whoever made it. */
export interface UsedLaunchTemplate {
  readonly id: string;
  readonly arn: string;
  readonly version: string;
  readonly roleArn: string;
  readonly roleId: string;
  /** Undefined: any image. */
  readonly imageId?: string;
  readonly imageParameter?: string;
}

const DEFAULT_VERSION = "$Default";

export const madeTemplate = (template: RunnerLaunchTemplate): UsedLaunchTemplate => ({
  id: template.launchTemplate.id,
  arn: template.launchTemplate.arn,
  version: template.version,
  roleArn: template.role.arn,
  roleId: template.role.uniqueId,
  imageId: template.imageId,
  imageParameter: template.imageParameter,
});

export const existingTemplate = (
  aws: AwsEnvironment,
  { version = DEFAULT_VERSION, ...existing }: ExistingLaunchTemplate,
): UsedLaunchTemplate => ({
  ...existing,
  version,
  arn: aws.arn("ec2", `launch-template/${existing.id}`),
});

/** Instance types depend on it, so the fleet says it whoever made the template. */
const OF_FLEET: readonly string[] = ["architecture"] satisfies (keyof MachineProps)[];

/** What the template decides, and the fleet cannot: every other prop of a machine, new ones included. */
const OF_TEMPLATE = (Object.keys(MACHINE) as (keyof MachineProps)[]).filter(
  (prop) => !OF_FLEET.includes(prop),
);

/** What is wrong with a fleet whose template stands already; `at` is how the user wrote the fleet. */
export const existingTemplateMistakes = (fleet: FleetProps, at: string): readonly string[] => {
  const { existingLaunchTemplate: existing } = fleet;
  if (existing === undefined) return [];
  const prop = `${at}.existingLaunchTemplate`;
  return [
    ...checkNotBoth(
      prop,
      existing,
      Object.fromEntries(OF_TEMPLATE.map((name) => [`${at}.${name}`, fleet[name]])),
    ),
    ...(isKnown(existing.id)
      ? checkPattern(`${prop}.id`, existing.id, /^lt-[0-9a-f]{8,17}$/, 'an id such as "lt-0123456789abcdef0"')
      : []),
    ...(isKnown(existing.version)
      ? checkPattern(
          `${prop}.version`,
          existing.version,
          /^(?:\d+|\$Default|\$Latest)$/,
          'a number as a text, "$Default" or "$Latest"',
        )
      : []),
    ...checkArn(
      `${prop}.roleArn`,
      existing.roleArn,
      /^arn:[a-z-]+:iam::\d{12}:role\/.+$/,
      "the ARN of a role",
    ),
    ...(isKnown(existing.roleId)
      ? checkPattern(
          `${prop}.roleId`,
          existing.roleId,
          /^AROA[A-Z0-9]+$/,
          'the unique id of the role, such as "AROA0123456789EXAMPLE", not its name',
        )
      : []),
  ];
};
