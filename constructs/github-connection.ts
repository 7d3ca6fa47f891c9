import { githubAddresses, PUBLIC_URL } from "./github-address";
import { appMistakes, tokenMistakes } from "./github-checks";
import { GITHUB_APP, GITHUB_TOKEN } from "./github-shape";
import { refuse } from "./schema/check-props";
import { mistakesOf } from "./schema/mistakes";
import { addCheckOnce } from "./validation";
import type {
  AppCredential,
  GithubSettings,
  RegistrationMode,
  RotationCredential,
} from "../functions/shared/contract";
import type { Construct } from "constructs";

/** Where GitHub is, and what its credential is encrypted with. */
export interface GithubConnectionProps {
  /**
   * Address of GitHub Enterprise Server, such as "https://ghe.example.com", or of GitHub Enterprise Cloud with data
   * residency ("https://acme.ghe.com"). Without a path. Plain http is taken for 127.0.0.1 only, for tests.
   * @default "https://github.com"
   */
  readonly baseUrl?: string;

  /**
   * ARN of the customer-managed KMS key that encrypts the parameter with the credential; with several Apps, the
   * parameters of all of them.
   * @default the parameter is encrypted with the account's own key for Parameter Store (`alias/aws/ssm`)
   */
  readonly credentialKmsKeyArn?: string;
}

/** Whose jobs are served: those of an organization, or of one repository. */
export type GithubPlace =
  | {
      /** Login of the organization. Runners are registered there and serve every repository that the group admits. */
      readonly org: string;
      /** Excluded by `org`. */
      readonly repository?: undefined;
    }
  | {
      /** `owner/name`, of an organization or of a person. Runners are registered at this repository alone. */
      readonly repository: string;
      /** Excluded by `repository`. */
      readonly org?: undefined;
    };

/** One GitHub App, as it is installed for the organization or the repository. */
export interface FurtherAppProps {
  /** The App's id (digits), as its settings page shows it. */
  readonly appId: string;

  /**
   * Id of the App's installation (digits).
   * @default looked up at GitHub by organization or repository
   */
  readonly installationId?: string;

  /**
   * Name of the SSM parameter (SecureString), such as "/acme/github-app-key", that holds the App's private key as PEM.
   * You create it; only the rotation function may read it.
   */
  readonly privateKeyParameter: string;
}

/** A GitHub App, and the organization or repository that it is installed for. */
export type GithubAppProps = GithubConnectionProps &
  GithubPlace &
  FurtherAppProps & {
    /**
     * `jit`: each machine gets a configuration of its own, good for one runner. `token`: the machines share a
     * registration token of one hour, with which whoever holds it can register runners.
     * @default "jit"
     */
    readonly registration?: RegistrationMode;

    /**
     * Further Apps, with the same permissions and installed at the same place, that share the load of the first: up to
     * 4. GitHub lets each App make 180 JIT configurations a minute, so a burst of 1,000 jobs takes one App 5.6 minutes,
     * and three Apps 1.9 (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api). The webhook
     * stays the first App's affair.
     * @default none
     */
    readonly furtherApps?: readonly FurtherAppProps[];
  };

/** A personal access token, and the organization or repository that it is used for. */
export type GithubTokenProps = GithubConnectionProps &
  GithubPlace & {
    /**
     * Name of the SSM parameter (SecureString), such as "/acme/github-token", that holds a personal access token. You
     * create it. The rotation function makes registration tokens with it, and the sweep function looks after runners
     * and jobs; no other may read it.
     */
    readonly tokenParameter: string;
  };

/**
 * Where GitHub is, on whose behalf runners are registered, and which parameter holds the credential. The credential
 * itself never passes through here.
 *
 * Connections at the level of an enterprise are not offered: GitHub takes no App there.
 */
export class GithubConnection {
  /** With a GitHub App: nobody's own account is used, permissions are the least, and tokens last an hour. */
  public static app(props: GithubAppProps): GithubConnection {
    refuse(mistakesOf("github", props, GITHUB_APP));
    const { registration = "jit", furtherApps = [] } = props;
    return new GithubConnection(
      props,
      { kind: "app", ...appCredential(props) },
      furtherApps.map(appCredential),
      registration,
      appMistakes(props),
    );
  }

  /**
   * With a personal access token. The launch function never sees it: machines register with registration tokens, which
   * the rotation function mints. The sweep function calls GitHub with it.
   */
  public static token(props: GithubTokenProps): GithubConnection {
    refuse(mistakesOf("github", props, GITHUB_TOKEN));
    const { tokenParameter } = props;
    return new GithubConnection(props, { kind: "token", tokenParameter }, [], "token", tokenMistakes(props));
  }

  /** Addresses, owner and repository. */
  public readonly settings: GithubSettings;
  /** @internal */
  public readonly credential: RotationCredential;
  /**
   * Apps that share the load of the first.
   * @internal
   */
  public readonly furtherApps: readonly AppCredential[];
  /**
   * What Terraform's GitHub provider has to be given as `baseUrl`, such as "https://api.github.com/". With another
   * address it fails with words that name something else: "acme" is a user.
   */
  public readonly providerBaseUrl: string;
  /** How machines register. */
  public readonly registration: RegistrationMode;
  /** Where runners are registered. */
  public readonly level: "organization" | "repository";
  /** Key of the credential's parameter, where it is not the account's own. */
  public readonly credentialKmsKeyArn?: string;

  /** What is wrong with it, in the user's words; the constructs that use it tell. */
  public readonly mistakes: readonly string[];

  private constructor(
    props: GithubConnectionProps & GithubPlace,
    credential: RotationCredential,
    furtherApps: readonly AppCredential[],
    registration: RegistrationMode,
    mistakes: readonly string[],
  ) {
    const [owner = "", repository] = String(props.org ?? props.repository ?? "").split("/");
    this.level = props.org === undefined ? "repository" : "organization";
    const { apiUrl, webUrl, providerBaseUrl } = githubAddresses(props.baseUrl ?? PUBLIC_URL);
    this.providerBaseUrl = providerBaseUrl;
    this.settings = {
      apiUrl,
      webUrl,
      owner,
      ...(this.level === "repository" && { repository }),
    };
    this.credential = credential;
    this.furtherApps = furtherApps;
    this.registration = registration;
    this.credentialKmsKeyArn = props.credentialKmsKeyArn;
    this.mistakes = mistakes;
  }

  /** Name of the parameter that the user fills: private key or personal access token. */
  public get credentialParameter(): string {
    return this.credential.kind === "app"
      ? this.credential.privateKeyParameter
      : this.credential.tokenParameter;
  }

  /** Names of all parameters that the user fills. */
  public get credentialParameters(): readonly string[] {
    return [
      this.credentialParameter,
      ...this.furtherApps.map(({ privateKeyParameter }) => privateKeyParameter),
    ];
  }
}

const appCredential = ({ appId, installationId, privateKeyParameter }: AppCredential): AppCredential => ({
  appId,
  ...(installationId !== undefined && { installationId }),
  privateKeyParameter,
});

/** Tells what is wrong with a connection, once: not again in the constructs that `scope` is made of. */
export const checkConnection = (scope: Construct, github: GithubConnection): void => {
  addCheckOnce(scope, "github", () => github.mistakes);
};
