import { MAXIMUM_PREFIX_LENGTH, TAG } from "../functions/shared/contract";
import { addCheckOnce, checkArn, checkPattern, checkPlain, isKnown, shown } from "./validation";
import type { Construct } from "constructs";

/** What every construct takes. */
export interface NamedProps {
  /**
   * First part of the name of every resource, and of every runner at GitHub: 1 to 20 characters of a-z, 0-9 and `-`,
   * beginning with a letter. Role names are unique in an AWS account, so two installations need two prefixes, in two
   * regions too.
   */
  readonly prefix: string;

  /**
   * Tags on every resource that takes them, the machines included.
   * @default only `ephemeral-runners:installation`, whose value is the prefix
   */
  readonly tags?: Readonly<Record<string, string>>;
}

/** What every construct takes that makes roles, logs, alarms or anything that AWS encrypts. */
export interface CommonProps extends NamedProps {
  /**
   * ARN of the policy that bounds every role.
   * @default no permissions boundary
   */
  readonly permissionsBoundaryArn?: string;

  /**
   * ARN of a customer-managed key for queues, tables, logs, SecureString parameters and the machines' root volumes. Its
   * key policy must let `logs.<region>.amazonaws.com` use it, and `AWSServiceRoleForEC2Spot` where fleets use spot. To add,
   * change or take it out later, see docs/keys.md.
   * @default the keys that AWS owns or manages
   */
  readonly kmsKeyArn?: string;

  /**
   * ARN of a second customer-managed key, which functions and machines may use as they use the first; nothing new is put under
   * it. It is for the time of a change: the key that `kmsKeyArn` named before, until nothing lies under it any more, or the one
   * that it will name next.
   * @default none: what lies under another key than `kmsKeyArn` cannot be read
   */
  readonly furtherKmsKeyArn?: string;

  /**
   * Days that logs are kept: one of the values that CloudWatch Logs knows.
   * @default 30: the incidents of the last month can still be read
   */
  readonly logRetentionDays?: number;

  /**
   * ARNs that every alarm notifies, such as SNS topics.
   * @default alarms change colour in the console and notify nobody
   */
  readonly alarmActions?: readonly string[];
}

/** What every construct takes that makes Lambda functions. */
export interface FunctionProps extends CommonProps {
  /**
   * Lambda runtime: `nodejs22.x`, or a newer one that your AWS provider knows.
   * @default "nodejs22.x"
   */
  readonly runtime?: string;
}

export const DEFAULT_RUNTIME = "nodejs22.x";
export const DEFAULT_LOG_RETENTION_DAYS = 30;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** The common props out of a construct's own, to hand on to the constructs that it is made of. */
export const commonOf = <T extends FunctionProps>(props: T): FunctionProps => ({
  prefix: props.prefix,
  tags: props.tags,
  permissionsBoundaryArn: props.permissionsBoundaryArn,
  kmsKeyArn: props.kmsKeyArn,
  furtherKmsKeyArn: props.furtherKmsKeyArn,
  logRetentionDays: props.logRetentionDays,
  alarmActions: props.alarmActions,
  runtime: props.runtime,
});

/** `acme-ci` and `launch` make `acme-ci-launch`. */
export const nameOf = (props: NamedProps, ...parts: readonly string[]): string =>
  [props.prefix, ...parts].join("-");

/** The tags of every resource: the team's, and the one that tells installations apart, which always wins. */
export const tagsOf = (
  props: NamedProps,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> => ({ ...props.tags, ...more, [TAG.installation]: props.prefix });

/** "LinuxRunners" and "linux runners" make "linux-runners". */
export const prefixFrom = (id: string): string =>
  id
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase()
    .slice(0, MAXIMUM_PREFIX_LENGTH);

const prefixPattern = new RegExp(`^[a-z][a-z0-9-]{0,${MAXIMUM_PREFIX_LENGTH - 1}}$`);

const POLICY_ARN = /^arn:[a-z-]+:iam::(?:\d{12}|aws):policy\/.+$/;
export const KEY_ARN = /^arn:[a-z-]+:kms:[^:]+:\d{12}:key\/.+$/;
export const A_KEY_ARN = "the ARN of a KMS key (of the key itself, not of an alias)";

/** The customer's keys that may be used, in an order that stays when the two of them change places. */
export const keysOf = ({
  kmsKeyArn,
  furtherKmsKeyArn,
}: Pick<CommonProps, "kmsKeyArn" | "furtherKmsKeyArn">): readonly string[] =>
  [...new Set([kmsKeyArn, furtherKmsKeyArn])].filter((arn) => arn !== undefined).sort();

export const keyMistakes = (
  props: Pick<CommonProps, "kmsKeyArn" | "furtherKmsKeyArn">,
): readonly string[] => [
  ...checkArn("kmsKeyArn", props.kmsKeyArn, KEY_ARN, A_KEY_ARN),
  ...checkArn("furtherKmsKeyArn", props.furtherKmsKeyArn, KEY_ARN, A_KEY_ARN),
  ...(props.furtherKmsKeyArn !== undefined && props.furtherKmsKeyArn === props.kmsKeyArn
    ? [
        "furtherKmsKeyArn is the same key as kmsKeyArn: leave it out, or give the key that kmsKeyArn named before.",
      ]
    : []),
];

const arnMistakes = (props: FunctionProps): readonly string[] => [
  ...checkArn(
    "permissionsBoundaryArn",
    props.permissionsBoundaryArn,
    POLICY_ARN,
    'the ARN of a policy such as "arn:aws:iam::123456789012:policy/boundary"',
  ),
  ...keyMistakes(props),
  ...(isKnown(props.alarmActions) ? (props.alarmActions ?? []) : []).flatMap((arn, index) =>
    checkArn(`alarmActions[${index}]`, arn, /^arn:/, "an ARN, such as that of an SNS topic"),
  ),
];

/** What every service takes: https://docs.aws.amazon.com/batch/latest/userguide/tag-restrictions.html */
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const tagMistakes = ([key, value]: readonly [string, string]): readonly string[] => {
  const prop = `tags[${shown(key)}]`;
  if (/^aws:/i.test(key))
    return [`${prop} begins with "aws:", which AWS keeps for itself: take another name.`];
  if (key === TAG.installation) return [`${prop} is set by this package, to the prefix: leave it out.`];
  return [
    ...(key.length === 0 || key.length > 128 ? [`${prop}: AWS takes names of 1 to 128 characters.`] : []),
    ...(isKnown(value) && value.length > 256
      ? [`${prop} has ${value.length} characters, and AWS takes 256.`]
      : []),
    ...(TAG_TEXT.test(key) && (!isKnown(value) || TAG_TEXT.test(value))
      ? []
      : [`${prop}: AWS takes letters, digits, spaces and _ . : / = + - @ in a tag.`]),
  ];
};

/** Older ones lack what the functions are compiled to: see `target` in scripts/bundle.ts. */
const OLDEST_RUNTIME = 22;

const runtimeMistakes = (runtime: string | undefined): readonly string[] =>
  checkPlain("runtime", runtime, (known) => {
    const version = Number(/^nodejs(\d+)\.x$/.exec(known)?.[1] ?? 0);
    return version >= OLDEST_RUNTIME
      ? []
      : [
          `runtime must be a Node.js runtime of Lambda, nodejs${OLDEST_RUNTIME}.x or newer, and is ${shown(known)}.`,
        ];
  });

const commonMistakes = (props: FunctionProps): readonly string[] => [
  ...checkPattern(
    "prefix",
    props.prefix,
    prefixPattern,
    `1 to ${MAXIMUM_PREFIX_LENGTH} characters of a-z, 0-9 and "-", beginning with a letter`,
  ),
  ...runtimeMistakes(props.runtime),
  ...(isKnown(props.tags) ? Object.entries(props.tags ?? {}).flatMap(tagMistakes) : []),
  ...arnMistakes(props),
];

/** Checks the common props of a construct, once: not again in the constructs that it is made of. */
export const checkCommon = (scope: Construct, props: FunctionProps): void => {
  addCheckOnce(scope, "common", () => commonMistakes(props));
};
