import { A_KEY_ARN, KEY_ARN } from "./common";
import { GITHUB_APP, GITHUB_TOKEN, refuse, shapeMistakes } from "./shape";
import { addCheckOnce, checkArn, checkNotBoth, checkOneOf, checkPattern, checkPlain } from "./validation";
import type { GithubSettings, RegistrationMode, RotationCredential } from "../functions/shared/contract";
import type { Construct } from "constructs";

interface ConnectionProps {
  /**
   * Address of GitHub Enterprise Server, such as "https://ghe.example.com", or of GitHub Enterprise Cloud with data
   * residency ("https://acme.ghe.com"). Without a path. Plain http is taken for 127.0.0.1 only, for tests.
   * @default "https://github.com"
   */
  readonly baseUrl?: string;

  /**
   * ARN of the customer-managed KMS key that encrypts the parameter with the credential.
   * @default the parameter is encrypted with the account's own key for Parameter Store (`alias/aws/ssm`)
   */
  readonly credentialKmsKeyArn?: string;
}

/** Whose jobs are served: those of an organization, or of one repository. */
type Place =
  | {
      /** Login of the organization. Runners are registered there and serve every repository that the group admits. */
      readonly org: string;
      readonly repository?: undefined;
    }
  | {
      /** `owner/name`, of an organization or of a person. Runners are registered at this repository alone. */
      readonly repository: string;
      readonly org?: undefined;
    };

export type GithubAppProps = ConnectionProps &
  Place & {
    /** The App's id (digits), as its settings page shows it. */
    readonly appId: string;

    /**
     * Id of the App's installation (digits).
     * @default looked up at GitHub by organization or repository
     */
    readonly installationId?: string;

    /**
     * Name of the SSM parameter (SecureString), such as "/acme/github-app-key", that holds the App's private key as
     * PEM. You create it; only the rotation function may read it.
     */
    readonly privateKeyParameter: string;

    /**
     * `jit`: each machine gets a configuration of its own, good for one runner. `token`: the machines share a
     * registration token of one hour, with which whoever holds it can register runners.
     * @default "jit"
     */
    readonly registration?: RegistrationMode;
  };

export type GithubTokenProps = ConnectionProps &
  Place & {
    /**
     * Name of the SSM parameter (SecureString), such as "/acme/github-token", that holds a personal access token. You
     * create it; only the rotation function may read it.
     */
    readonly tokenParameter: string;
  };

const PUBLIC_URL = "https://github.com";

/** https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/feature-overview-for-github-enterprise-cloud-with-data-residency */
const DATA_RESIDENCY = /^https:\/\/([a-z0-9-]+\.ghe\.com)$/i;

const REGISTRATIONS: readonly RegistrationMode[] = ["jit", "token"];

const LOGIN = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})";
/** How GitHub's tokens and PEM files begin: https://github.blog/2021-04-05-behind-githubs-new-authentication-token-formats/ */
const SECRET = /-----BEGIN|^(?:gh[a-z]_|github_pat_)|\s/;

/**
 * Where GitHub is, on whose behalf runners are registered, and which parameter holds the credential. The credential
 * itself never passes through here.
 *
 * Connections at the level of an enterprise are not offered: GitHub takes no App there.
 */
export class GithubConnection {
  /** With a GitHub App: nobody's own account is used, permissions are the least, and tokens last an hour. */
  public static app(props: GithubAppProps): GithubConnection {
    refuse(shapeMistakes("github", props, GITHUB_APP, ["appId", "privateKeyParameter"]));
    const { appId, installationId, privateKeyParameter, registration = "jit" } = props;
    return new GithubConnection(
      props,
      { kind: "app", appId, ...(installationId !== undefined && { installationId }), privateKeyParameter },
      registration,
      [
        ...checkPattern("github.appId", appId, /^\d+$/, "digits, as the App's settings page shows them"),
        ...checkPattern("github.installationId", installationId, /^\d+$/, "digits"),
        ...checkParameterName("github.privateKeyParameter", privateKeyParameter),
        ...checkOneOf("github.registration", registration, REGISTRATIONS),
      ],
    );
  }

  /**
   * With a personal access token. The launch function never sees it: machines register with registration tokens, which
   * the rotation function mints.
   */
  public static token(props: GithubTokenProps): GithubConnection {
    refuse(shapeMistakes("github", props, GITHUB_TOKEN, ["tokenParameter"]));
    const { tokenParameter } = props;
    return new GithubConnection(
      props,
      { kind: "token", tokenParameter },
      "token",
      checkParameterName("github.tokenParameter", tokenParameter),
    );
  }

  public readonly settings: GithubSettings;
  public readonly credential: RotationCredential;
  public readonly registration: RegistrationMode;
  public readonly level: "organization" | "repository";
  public readonly credentialKmsKeyArn?: string;

  /** What is wrong with it, in the user's words; the constructs that use it tell. */
  public readonly mistakes: readonly string[];

  private constructor(
    props: ConnectionProps & Place,
    credential: RotationCredential,
    registration: RegistrationMode,
    mistakes: readonly string[],
  ) {
    const [owner = "", repository] = String(props.org ?? props.repository ?? "").split("/");
    this.level = props.org === undefined ? "repository" : "organization";
    this.settings = {
      ...urlsOf(props.baseUrl ?? PUBLIC_URL),
      owner,
      ...(this.level === "repository" && { repository }),
    };
    this.credential = credential;
    this.registration = registration;
    this.credentialKmsKeyArn = props.credentialKmsKeyArn;
    this.mistakes = [...placeMistakes(props), ...mistakes];
  }

  /** Name of the parameter that the user fills: private key or personal access token. */
  public get credentialParameter(): string {
    return this.credential.kind === "app"
      ? this.credential.privateKeyParameter
      : this.credential.tokenParameter;
  }
}

/** Tells what is wrong with a connection, once: not again in the constructs that `scope` is made of. */
export const checkConnection = (scope: Construct, github: GithubConnection): void => {
  addCheckOnce(scope, "github", () => github.mistakes);
};

const urlsOf = (baseUrl: string): Pick<GithubSettings, "apiUrl" | "webUrl"> => {
  const resident = DATA_RESIDENCY.exec(baseUrl)?.[1];
  if (baseUrl === PUBLIC_URL) return { apiUrl: "https://api.github.com", webUrl: baseUrl };
  if (resident !== undefined) return { apiUrl: `https://api.${resident}`, webUrl: baseUrl };
  return { apiUrl: `${baseUrl}/api/v3`, webUrl: baseUrl };
};

const placeMistakes = (props: ConnectionProps & Place): readonly string[] => [
  ...(props.org === undefined && props.repository === undefined
    ? ['github needs either org, such as "acme", or repository, such as "acme/widget".']
    : []),
  ...checkNotBoth("github.org", props.org, { "github.repository": props.repository }),
  ...checkPattern("github.org", props.org, new RegExp(`^${LOGIN}$`), 'a login such as "acme"'),
  ...checkPattern(
    "github.repository",
    props.repository,
    new RegExp(`^${LOGIN}/[A-Za-z0-9._-]{1,100}$`),
    'owner and name, such as "acme/widget"',
  ),
  ...checkPattern(
    "github.baseUrl",
    props.baseUrl,
    /^https:\/\/[A-Za-z0-9.-]+(?::\d+)?$|^http:\/\/127\.0\.0\.1(?::\d+)?$/,
    'an address without a path, such as "https://ghe.example.com"',
  ),
  ...checkArn("github.credentialKmsKeyArn", props.credentialKmsKeyArn, KEY_ARN, A_KEY_ARN),
];

/** Never shows the value: it may be the secret itself. */
const checkParameterName = (prop: string, value: string): readonly string[] =>
  checkPlain(prop, value, (known) => {
    if (SECRET.test(known))
      return [
        `${prop} looks like a secret. Secrets are never props: give the name of the parameter that holds it.`,
      ];
    return /^\/[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/.test(known)
      ? []
      : [
          `${prop} must be the full name of an SSM parameter, beginning with "/", such as "/acme/github-key".`,
        ];
  });
