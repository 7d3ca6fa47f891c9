import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import { AwsEnvironment } from "./aws-environment";
import { checkCommon, commonOf, nameOf, tagsOf } from "./common";
import { BundledFunction } from "./functions/bundled-function";
import { checkConnection } from "./github-connection";
import { githubParameters } from "./github-parameters";
import { useKey } from "./policy";
import { runtimeParameter } from "./runtime-parameter";
import { addCheck, checkRange } from "./validation";
import type { FunctionProps } from "./common";
import type { GithubConnection } from "./github-connection";
import type { PolicyStatement } from "./policy";
import type { ManagedWebhook, RotateTokensSettings } from "../functions/shared/contract";
import type { CloudwatchEventRuleConfig } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import type { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";

export interface TokenRotationProps extends FunctionProps {
  readonly github: GithubConnection;

  /**
   * The webhook at GitHub whose address and secret are set at each run.
   * @default none: store the secret in the parameter `webhookSecret` yourself
   */
  readonly webhook?: Omit<ManagedWebhook, "secretParameter">;

  /**
   * Minutes between two runs, 5 to 50: tokens live for an hour, and a reader takes one for expired 5 minutes early.
   * @default 30
   */
  readonly rotationMinutes?: number;
}

const DEFAULT_ROTATION_MINUTES = 30;
/** A handful of calls to GitHub, each given 10. */
const TIMEOUT_SECONDS = 60;
const MEMORY_MB = 256;

/** A rule with what lets it invoke the function. */
export interface RotationTrigger {
  readonly rule: CloudwatchEventRule;
  readonly target: CloudwatchEventTarget;
  readonly permission: LambdaPermission;
}

/**
 * The only reader of the credential: keeps a fresh installation token (with an App) and a fresh registration token (in
 * token mode only) in SSM parameters, and sets address and secret of the webhook.
 *
 * It runs on a schedule and whenever one of its parameters is created or the credential is stored. The first apply
 * therefore needs no second step: tokens and secret are there some seconds after it, or after the credential is.
 */
export class TokenRotation extends Construct {
  public readonly aws: AwsEnvironment;
  public readonly function: BundledFunction;
  public readonly schedule: RotationTrigger;
  public readonly parameterChange: RotationTrigger;
  /** Absent with a personal access token. */
  public readonly installationToken?: SsmParameter;
  /** Absent where machines register with JIT configurations. */
  public readonly registrationToken?: SsmParameter;
  public readonly webhookSecret: SsmParameter;
  private readonly names: UsedParameters;

  public constructor(scope: Construct, id: string, props: TokenRotationProps) {
    super(scope, id);
    checkCommon(this, props);
    checkConnection(this, props.github);
    addCheck(this, () => rotationMistakes(props));
    this.names = usedParameters(props);
    this.aws = AwsEnvironment.of(this);
    this.function = this.createFunction(props);
    this.schedule = this.createTrigger("Schedule", props, {
      name: nameOf(props, "rotate-tokens"),
      description: "Keeps tokens fresh and the webhook set",
      scheduleExpression: `rate(${props.rotationMinutes ?? DEFAULT_ROTATION_MINUTES} minutes)`,
    });
    this.parameterChange = this.createTrigger("ParameterChange", props, {
      name: nameOf(props, "rotate-tokens-now"),
      description: "A parameter was made, or the credential was stored",
      eventPattern: parameterEvents(Object.values(this.names), props.github.credentialParameter),
    });
    if (this.names.installationToken !== undefined)
      this.installationToken = this.createParameter("InstallationToken", this.names.installationToken, props);
    if (this.names.registrationToken !== undefined)
      this.registrationToken = this.createParameter("RegistrationToken", this.names.registrationToken, props);
    this.webhookSecret = this.createParameter("WebhookSecret", this.names.webhookSecret, props);
  }

  /** Name of the parameter with the token that machines are registered with. */
  public get tokenParameter(): string {
    const { installationToken, registrationToken } = this.names;
    return registrationToken ?? installationToken ?? "";
  }

  private createFunction(props: TokenRotationProps): BundledFunction {
    const { github, webhook, kmsKeyArn } = props;
    const { installationToken, registrationToken, webhookSecret } = this.names;
    const settings: RotateTokensSettings = {
      github: github.settings,
      credential: github.credential,
      installationTokenParameter: installationToken,
      registrationTokenParameter: registrationToken,
      webhook: webhook && { ...webhook, secretParameter: webhookSecret },
      kmsKeyId: kmsKeyArn,
    };
    return new BundledFunction(this, "Function", {
      ...commonOf(props),
      bundle: "rotate-tokens",
      description: "Keeps tokens fresh and the webhook set",
      settings,
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB,
      statements: this.statements(props),
    });
  }

  private statements(props: TokenRotationProps): readonly PolicyStatement[] {
    const { github, kmsKeyArn } = props;
    const arnOf = (name: string): string => this.aws.parameterArn(name);
    const credential = arnOf(github.credentialParameter);
    // A webhook made by hand has its secret from whoever made it.
    const { webhookSecret, ...tokens } = this.names;
    const own = Object.values<string>({ ...tokens, ...(props.webhook && { webhookSecret }) }).map(arnOf);
    return [
      { sid: "ReadCredential", actions: ["ssm:GetParameters"], resources: [credential] },
      {
        sid: "KeepParameters",
        actions: ["ssm:GetParameters", "ssm:PutParameter", "ssm:AddTagsToResource"],
        resources: own,
      },
      ...useKey(github.credentialKmsKeyArn, {
        sid: "DecryptCredential",
        service: "ssm",
        actions: ["kms:Decrypt"],
        encryptionContext: { PARAMETER_ARN: credential },
      }),
      ...useKey(kmsKeyArn, {
        sid: "EncryptParameters",
        service: "ssm",
        actions: ["kms:Decrypt", "kms:Encrypt"],
        encryptionContext: { PARAMETER_ARN: own },
      }),
    ];
  }

  private createTrigger(
    id: string,
    props: TokenRotationProps,
    config: Pick<CloudwatchEventRuleConfig, "name" | "description" | "eventPattern" | "scheduleExpression">,
  ): RotationTrigger {
    const { functionName, arn } = this.function.function;
    const rule = new CloudwatchEventRule(this, `${id}Rule`, { ...config, tags: tagsOf(props) });
    return {
      rule,
      target: new CloudwatchEventTarget(this, `${id}Target`, { rule: rule.name, arn }),
      permission: new LambdaPermission(this, `${id}Permission`, {
        action: "lambda:InvokeFunction",
        functionName,
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      }),
    };
  }

  private createParameter(id: string, name: string, props: TokenRotationProps): SsmParameter {
    const { rule, target, permission } = this.parameterChange;
    return runtimeParameter(this, id, {
      ...commonOf(props),
      name,
      description: `Written by ${nameOf(props, "rotate-tokens")}`,
      // Its creation is the event that makes the first tokens, so what waits for that event stands first.
      dependsOn: [rule, target, permission, this.function.policy],
    });
  }
}

interface UsedParameters {
  readonly installationToken?: string;
  readonly registrationToken?: string;
  readonly webhookSecret: string;
}

/** Registration tokens are minted for those only who register with them: whoever holds one can add a runner. */
const usedParameters = (props: TokenRotationProps): UsedParameters => {
  const { installationToken, registrationToken, webhookSecret } = githubParameters(props);
  const { credential, registration } = props.github;
  return {
    ...(credential.kind === "app" && { installationToken }),
    ...(registration === "token" && { registrationToken }),
    webhookSecret,
  };
};

/**
 * The function writes its parameters with `Update`, which matches nothing here, so it cannot call itself for ever.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
 */
const parameterEvents = (own: readonly string[], credential: string): string =>
  JSON.stringify({
    source: ["aws.ssm"],
    "detail-type": ["Parameter Store Change"],
    detail: {
      $or: [
        { name: own, operation: ["Create"] },
        { name: [credential], operation: ["Create", "Update"] },
      ],
    },
  });

/** Below this prefix stands what the rotation function writes. */
const credentialMistakes = ({ github, prefix }: TokenRotationProps): readonly string[] => {
  const own = `/${prefix}/github/`;
  const prop = github.credential.kind === "app" ? "privateKeyParameter" : "tokenParameter";
  return github.credentialParameter.startsWith(own)
    ? [`github.${prop} must not stand below "${own}": rotation would overwrite it. Give it another name.`]
    : [];
};

const rotationMistakes = (props: TokenRotationProps): readonly string[] => [
  ...credentialMistakes(props),
  ...checkRange("rotationMinutes", props.rotationMinutes, 5, 50, "minutes"),
  ...(/^(?:aws|ssm)/.test(props.prefix)
    ? [
        `prefix must not begin with "aws" or "ssm", which Parameter Store keeps for itself, and is "${props.prefix}".`,
      ]
    : []),
];
