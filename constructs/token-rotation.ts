import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { Fn } from "cdktf";
import { Construct } from "constructs";
import { ACCOUNT_KEY } from "../functions/shared/contract";
import { AwsEnvironment } from "./aws-environment";
import { checkCommon, commonOf, keysOf, nameOf, tagsOf } from "./common";
import { eventTrigger, everyMinutes, onEvents } from "./event-trigger";
import { BundledFunction } from "./functions/bundled-function";
import { checkConnection } from "./github-connection";
import { githubParameters } from "./github-parameters";
import { inApp, sharedWebhookMistakes } from "./other-installations";
import { useKeys } from "./policy";
import { packagedRelease } from "./packaged-release";
import { namesOf, parameterEvents, secretNamesOf, usedParameters } from "./rotation-parameters";
import { runtimeParameter } from "./runtime-parameter";
import { rotationMistakes } from "./token-rotation-checks";
import { MEMORY_MB } from "./tuning";
import { addCheck } from "./validation";
import { SETTINGS_VARIABLE } from "../functions/shared/contract";
import { TOKEN_ROTATION } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { FunctionProps } from "./common";
import type { EventTrigger } from "./event-trigger";
import type { GithubConnection } from "./github-connection";
import type { PolicyStatement } from "./policy";
import type { UsedParameters } from "./rotation-parameters";
import type { ManagedWebhook, RotateTokensSettings } from "../functions/shared/contract";

export interface TokenRotationProps extends FunctionProps {
  /** On whose behalf tokens are minted. */
  readonly github: GithubConnection;

  /**
   * The webhook at GitHub whose address and secret are set at each run.
   * @default none: store the secret in the parameter `webhookSecret` yourself
   */
  readonly webhook?: Omit<ManagedWebhook, "secretParameter" | "secretRotationDays">;

  /**
   * Days after which the webhook's secret is replaced by a new one, for as long as this function sets it: from 3 (7 with
   * GitHub Enterprise Server) to 90. The old one is accepted for 3 (7) days more, in which GitHub may send its deliveries
   * again; hence the least. More days give whoever learned a secret more time to forge events. There is no "never".
   * @default 7
   */
  readonly webhookSecretRotationDays?: number;

  /**
   * Minutes between two runs, 5 to 50: tokens live for an hour, and a reader takes one for expired 5 minutes early.
   * @default 30
   */
  readonly rotationMinutes?: number;

  /**
   * Whether interrupted jobs are run again, as the Sweeper is told: the installation token is then minted with "Actions:
   * Read and write", else with "Read-only".
   * @default true
   */
  readonly rerunInterruptedJobs?: boolean;

  /**
   * Whether the version of GitHub's runner that machines download follows what GitHub offers, with the checksums that
   * GitHub publishes. It is never older than the one that comes with this package. Fleets that name a `runnerVersion`, a
   * `runnerSha256` or a `runnerUrl` keep theirs.
   *
   * False: the version changes with this package only, and GitHub refuses it 30 days after a newer release.
   * @default true
   */
  readonly renewRunnerVersion?: boolean;
}

export const DEFAULT_ROTATION_MINUTES = 30;
const DEFAULT_SECRET_ROTATION_DAYS = 7;
/** A handful of calls to GitHub, each given 10. */
const TIMEOUT_SECONDS = 60;

/**
 * The only reader of the credential: keeps a fresh installation token (with an App) and a fresh registration token (in
 * token mode only) in SSM parameters, sets address and secret of the webhook, and renews the version of the runner.
 *
 * It runs on a schedule and whenever one of its parameters is created or the credential is stored. The first apply
 * therefore needs no second step: tokens and secret are there some seconds after it, or after the credential is. It runs
 * as well when an apply changes what it works with: another App, organization, webhook or set of permissions does not wait
 * for the schedule.
 */
export class TokenRotation extends Construct {
  /** Account and region that the ARNs of its policy name. */
  public readonly aws: AwsEnvironment;
  /** The rotation function. */
  public readonly function: BundledFunction;
  /** Runs it every `rotationMinutes`. */
  public readonly schedule: EventTrigger;
  /** Runs it when one of its parameters is made, the credential stored, or the revision written. */
  public readonly parameterChange: EventTrigger;
  /** Absent with a personal access token. */
  public readonly installationToken?: SsmParameter;
  /** Those of the Apps that share the load, by App id. */
  public readonly furtherInstallationTokens: Readonly<Record<string, SsmParameter>>;
  /** Absent where machines register with JIT configurations. */
  public readonly registrationToken?: SsmParameter;
  /** What GitHub signs with; made by the function, at its first run. */
  public readonly webhookSecret: SsmParameter;
  /**
   * Whose App's webhook is set here; undefined: another webhook.
   * @internal
   */
  public readonly appWebhookOf?: GithubConnection;
  /** The version of the runner that machines take, with its checksums. Absent with `renewRunnerVersion: false`. */
  public readonly runnerVersion?: SsmParameter;
  /** Written by each apply that changes what the function works with: settings or rights. That has it run. */
  public readonly settingsRevision: SsmParameter;
  private readonly names: UsedParameters;

  public constructor(scope: Construct, id: string, props: TokenRotationProps) {
    super(scope, id);
    checkProps(this, props, TOKEN_ROTATION);
    checkCommon(this, props);
    checkConnection(this, props.github);
    this.appWebhookOf = props.webhook?.kind === "app" ? props.github : undefined;
    addCheck(this, () => [
      ...rotationMistakes(props),
      ...sharedWebhookMistakes(this, inApp(this, isTokenRotation)),
    ]);
    this.names = usedParameters(props);
    this.aws = AwsEnvironment.of(this);
    this.function = this.createFunction(props);
    this.schedule = eventTrigger(this, "Schedule", {
      ...commonOf(props),
      invokes: this.function,
      name: nameOf(props, "rotate-tokens"),
      description: "Keeps tokens fresh and the webhook set",
      when: everyMinutes(props.rotationMinutes ?? DEFAULT_ROTATION_MINUTES),
    });
    this.parameterChange = eventTrigger(this, "ParameterChange", {
      ...commonOf(props),
      invokes: this.function,
      name: nameOf(props, "rotate-tokens-now"),
      description: "A parameter was made, the credential was stored, or the settings changed",
      when: onEvents(
        parameterEvents(namesOf(this.names), [
          ...props.github.credentialParameters,
          githubParameters(props).settingsRevision,
        ]),
      ),
    });
    if (this.names.installationToken !== undefined)
      this.installationToken = this.createParameter("InstallationToken", this.names.installationToken, props);
    this.furtherInstallationTokens = Object.fromEntries(
      this.names.furtherApps.map(({ appId, installationTokenParameter }) => [
        appId,
        this.createParameter(`InstallationToken-${appId}`, installationTokenParameter, props),
      ]),
    );
    if (this.names.registrationToken !== undefined)
      this.registrationToken = this.createParameter("RegistrationToken", this.names.registrationToken, props);
    this.webhookSecret = this.createParameter("WebhookSecret", this.names.webhookSecret, props);
    if (this.names.runnerVersion !== undefined)
      this.runnerVersion = this.createParameter("RunnerVersion", this.names.runnerVersion, props, "String");
    this.settingsRevision = this.createRevision(props);
  }

  /** All that the function fills. */
  public get parameters(): readonly SsmParameter[] {
    return [
      this.installationToken,
      ...Object.values(this.furtherInstallationTokens),
      this.registrationToken,
      this.webhookSecret,
      this.runnerVersion,
    ].filter((parameter) => parameter !== undefined);
  }

  private createFunction(props: TokenRotationProps): BundledFunction {
    const { github, webhook } = props;
    const { installationToken, furtherApps, registrationToken, webhookSecret, runnerVersion } = this.names;
    const settings: RotateTokensSettings = {
      installation: props.prefix,
      github: github.settings,
      credential: github.credential,
      installationTokenParameter: installationToken,
      registrationTokenParameter: registrationToken,
      ...(furtherApps.length > 0 && { furtherApps }),
      rerunInterrupted: props.rerunInterruptedJobs ?? true,
      webhook: webhook && {
        ...webhook,
        secretParameter: webhookSecret,
        secretRotationDays: props.webhookSecretRotationDays ?? DEFAULT_SECRET_ROTATION_DAYS,
      },
      ...(runnerVersion !== undefined && { runner: { parameter: runnerVersion, floor: packagedRelease } }),
      kmsKeyId: props.kmsKeyArn ?? (props.furtherKmsKeyArn === undefined ? undefined : ACCOUNT_KEY),
    };
    return new BundledFunction(this, "Function", {
      ...commonOf(props),
      bundle: "rotate-tokens",
      description: "Keeps tokens fresh and the webhook set",
      settings,
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB["rotate-tokens"],
      statements: this.statements(props),
    });
  }

  private statements(props: TokenRotationProps): readonly PolicyStatement[] {
    const { github } = props;
    const { credentialKmsKeyArn } = github;
    const arnOf = (name: string): string => this.aws.parameterArn(name);
    const credentials = github.credentialParameters.map(arnOf);
    // A webhook made by hand has its secret from whoever made it.
    const { webhookSecret } = this.names;
    const isOwn = (name: string): boolean => props.webhook !== undefined || name !== webhookSecret;
    const own = namesOf(this.names).filter(isOwn).map(arnOf);
    const secrets = secretNamesOf(this.names).filter(isOwn).map(arnOf);
    return [
      { sid: "ReadCredential", actions: ["ssm:GetParameters"], resources: credentials },
      {
        sid: "KeepParameters",
        actions: ["ssm:GetParameters", "ssm:PutParameter", "ssm:AddTagsToResource"],
        resources: own,
      },
      ...useKeys(credentialKmsKeyArn === undefined ? [] : [credentialKmsKeyArn], {
        sid: "DecryptCredential",
        service: "ssm",
        aws: this.aws,
        actions: ["kms:Decrypt"],
        encryptionContext: { PARAMETER_ARN: credentials },
      }),
      ...useKeys(keysOf(props), {
        sid: "EncryptParameters",
        service: "ssm",
        aws: this.aws,
        actions: ["kms:Decrypt", "kms:Encrypt"],
        encryptionContext: { PARAMETER_ARN: secrets },
      }),
    ];
  }

  /**
   * After the function, its rights, its parameters and the webhook that it sets; what reads a token comes later anyway, since
   * it refers to the function. The rule hears of each write: https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html
   */
  private createRevision(props: TokenRotationProps): SsmParameter {
    const { rule, target, permission } = this.parameterChange;
    const { function: code, policy } = this.function;
    const settings = code.getStringAttribute(`environment[0].variables.${SETTINGS_VARIABLE}`);
    return new SsmParameter(this, "SettingsRevision", {
      name: githubParameters(props).settingsRevision,
      description: `Changes with what ${nameOf(props, "rotate-tokens")} works with, and has it run`,
      type: "String",
      // Nothing in it is secret, and this way the plan shows that the function will run.
      insecureValue: Fn.sha256(Fn.join("\n", [settings, policy.policy])),
      tags: tagsOf(props),
      dependsOn: [rule, target, permission, ...this.parameters],
    });
  }

  private createParameter(
    id: string,
    name: string,
    props: TokenRotationProps,
    type?: "String",
  ): SsmParameter {
    const { rule, target, permission } = this.parameterChange;
    return runtimeParameter(this, id, {
      ...commonOf(props),
      name,
      description: `Written by ${nameOf(props, "rotate-tokens")}`,
      type,
      // Its creation is the event that makes the first tokens, so what waits for that event stands first.
      dependsOn: [rule, target, permission, this.function.policy],
    });
  }
}

const isTokenRotation = (construct: unknown): construct is TokenRotation =>
  construct instanceof TokenRotation;
