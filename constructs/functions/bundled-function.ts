import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { AssetType, TerraformAsset } from "cdktf";
import { Construct } from "constructs";
import { DNS_SUFFIX_VARIABLE, SETTINGS_VARIABLE } from "../../functions/shared/contract";
import { createAlarm } from "../alarm";
import { AwsEnvironment } from "../aws-environment";
import { checkCommon, DEFAULT_LOG_RETENTION_DAYS, DEFAULT_RUNTIME, nameOf, tagsOf } from "../common";
import { policyDocument, trustPolicy, writeLogs } from "../policy";
import { MAXIMUM_MOVED_BYTES, settingsParameters, settingsPath } from "./settings-parameters";
import { addCheck, ConfigurationError, knownBytes, likelyBytes } from "../validation";
import { BUNDLED_FUNCTION } from "../parts-shape";
import { checkProps } from "../schema/check-props";
import type { FunctionProps } from "../common";
import type { PolicyStatement } from "../policy";
import type { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";

/** The functions that the package ships, by the name of their bundle. */
export type BundleName = "webhook" | "launch" | "rotate-tokens" | "sweep" | "interruption";

export interface BundledFunctionProps extends FunctionProps {
  /** Which of the package's bundles runs; also the last part of the function's name. */
  readonly bundle: BundleName;
  /** One sentence for whoever finds the function in the console. */
  readonly description: string;
  /** What the function reads at its start. References to other resources may stand in it. */
  readonly settings: object;
  /**
   * Keys of the settings that move to SSM parameters where the environment has no room for them: 120 KB as JSON. The
   * bundle has to read them with `wholeSettings`.
   * @default none: the settings take at most 4 KB
   */
  readonly movable?: readonly string[];
  /**
   * Further environment variables.
   * @default none
   */
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds, 1 to 900, after which Lambda ends the function. */
  readonly timeoutSeconds: number;
  /** Memory in MB, 128 to 10240; processor time grows with it. */
  readonly memoryMb: number;
  /** What the role may do, beside writing its own log. */
  readonly statements: readonly PolicyStatement[];
  /**
   * Executions set aside for this function, which is also the most that run at a time.
   * @default none: a new account has a quota of 10 and refuses any reservation
   */
  readonly reservedConcurrency?: number;
}

/** All environment variables of a function together: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAXIMUM_ENVIRONMENT_BYTES = 4096;

/**
 * A Lambda function of this package with all that belongs to it: role, policy, log group, alarm on errors.
 * Its code is a zip that the package ships, so a synth needs no bundler.
 */
export class BundledFunction extends Construct {
  /** Runs the bundle, on arm64. */
  public readonly function: LambdaFunction;
  /** What the function acts as. */
  public readonly role: IamRole;
  /** All that the role may do. */
  public readonly policy: IamRolePolicy;
  /** `/aws/lambda/<name of the function>`. */
  public readonly logGroup: CloudwatchLogGroup;
  /** The movable settings, in pieces; empty where all settings stand in the environment. */
  public readonly settingsParameters: readonly SsmParameter[];
  /** Rings when an invocation fails. */
  public readonly errorAlarm: CloudwatchMetricAlarm;

  public constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    super(scope, id);
    checkProps(this, props, BUNDLED_FUNCTION);
    checkCommon(this, props);
    const functionName = nameOf(props, props.bundle);
    const aws = AwsEnvironment.of(this);
    const [own, moved] = splitSettings(props);
    this.settingsParameters = moved ? settingsParameters(this, { ...props, settings: moved }) : [];
    const names = this.settingsParameters.map(({ name }) => name);
    const settings = JSON.stringify({ ...own, ...(moved && { settingsParameters: names }) });
    addCheck(this, () => [...settingsMistakes(settings), ...movedMistakes(moved)]);

    this.logGroup = new CloudwatchLogGroup(this, "LogGroup", {
      name: `/aws/lambda/${functionName}`,
      retentionInDays: props.logRetentionDays ?? DEFAULT_LOG_RETENTION_DAYS,
      kmsKeyId: props.kmsKeyArn,
      tags: tagsOf(props),
    });
    this.role = new IamRole(this, "Role", {
      name: functionName,
      description: `Role of the Lambda function ${functionName}`,
      assumeRolePolicy: trustPolicy(aws.principal("lambda")),
      permissionsBoundary: props.permissionsBoundaryArn,
      tags: tagsOf(props),
    });
    this.policy = new IamRolePolicy(this, "Policy", {
      name: functionName,
      role: this.role.name,
      policy: policyDocument([
        writeLogs(this.logGroup.arn),
        ...(moved ? [readSettings(aws, props)] : []),
        ...props.statements,
      ]),
    });
    this.function = this.createFunction(functionName, settings, aws.dnsSuffix, props);
    this.errorAlarm = createAlarm(this, "ErrorAlarm", props, {
      alarmName: `${functionName}-errors`,
      alarmDescription: `${functionName} failed: look into the log group /aws/lambda/${functionName}.`,
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: this.function.functionName },
      statistic: "Sum",
    });
  }

  private createFunction(
    functionName: string,
    settings: string,
    dnsSuffix: string,
    props: BundledFunctionProps,
  ): LambdaFunction {
    const zip = bundlePath(props.bundle);
    const asset = new TerraformAsset(this, "Code", { path: zip, type: AssetType.FILE });
    return new LambdaFunction(this, "Function", {
      functionName,
      description: props.description,
      role: this.role.arn,
      runtime: props.runtime ?? DEFAULT_RUNTIME,
      architectures: ["arm64"],
      handler: "index.handler",
      filename: asset.path,
      sourceCodeHash: createHash("sha256").update(readFileSync(zip)).digest("base64"),
      timeout: props.timeoutSeconds,
      memorySize: props.memoryMb,
      reservedConcurrentExecutions: props.reservedConcurrency,
      environment: {
        variables: { ...props.environment, [DNS_SUFFIX_VARIABLE]: dnsSuffix, [SETTINGS_VARIABLE]: settings },
      },
      tags: tagsOf(props),
      dependsOn: [this.policy, this.logGroup],
    });
  }
}

/** From `constructs/` in the repository as from `lib/constructs/` in the installed package: the package's own root. */
const packageRoot = (from: string): string => {
  if (existsSync(join(from, "package.json"))) return from;
  const parent = dirname(from);
  if (parent === from)
    throw new ConfigurationError(`No package.json stands above ${__dirname}: install the package again.`);
  return packageRoot(parent);
};

const bundlePath = (bundle: BundleName): string => {
  const path = join(packageRoot(__dirname), "lib", "bundles", `${bundle}.zip`);
  if (!existsSync(path)) throw new ConfigurationError(`The bundle ${path} is missing: run "npm run build".`);
  return path;
};

/** What stands in the environment beside the settings: names and values of other variables. */
const KEPT_BYTES = 256;

/** The settings that stay, and those that move; all stay where they find room. */
const splitSettings = ({
  settings,
  movable = [],
}: BundledFunctionProps): readonly [own: object, moved?: object] => {
  const fits = likelyBytes(JSON.stringify(settings)) <= MAXIMUM_ENVIRONMENT_BYTES - KEPT_BYTES;
  if (fits || movable.length === 0) return [settings];
  const entries = Object.entries(settings).filter(([, value]) => value !== undefined);
  const pick = (moves: boolean): object =>
    Object.fromEntries(entries.filter(([key]) => movable.includes(key) === moves));
  return [pick(false), pick(true)];
};

/** By their path, so that another revision of them leaves the policy as it is. */
const readSettings = (aws: AwsEnvironment, props: BundledFunctionProps): PolicyStatement => ({
  sid: "ReadSettings",
  actions: ["ssm:GetParameters"],
  resources: [aws.parameterArn(`${settingsPath(props)}*`)],
});

const movedMistakes = (moved: object = {}): readonly string[] => {
  const bytes = likelyBytes(JSON.stringify(moved));
  return bytes <= MAXIMUM_MOVED_BYTES
    ? []
    : [
        `The lists of this function (${Object.keys(moved).join(", ")}) take ${bytes} bytes, and ${MAXIMUM_MOVED_BYTES} find room: shorten them. Which repositories may use the machines, the runner group can say at GitHub.`,
      ];
};

/** What a reference will become is not known here, so this is the least that the settings take. */
const settingsMistakes = (settings: string): readonly string[] => {
  const bytes = SETTINGS_VARIABLE.length + knownBytes(settings);
  return bytes <= MAXIMUM_ENVIRONMENT_BYTES
    ? []
    : [
        `The settings of this function take ${bytes} bytes, and Lambda allows ${MAXIMUM_ENVIRONMENT_BYTES}: shorten the lists (fleets, labels, repositories).`,
      ];
};
