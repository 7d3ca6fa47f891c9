import type { Octokit } from "@octokit/rest";
import type { RotateTokensSettings, TokenValue } from "../shared/contract";
import { openApp, type AppSurroundings } from "./app";
import type { Permissions } from "./permissions";
import { SetupError } from "./setup-error";

/** How this function acts at GitHub: as the App, or with a personal access token. Without a credential every call fails. */
export interface Access {
  /** A token with these permissions and no others; a personal access token has what its owner gave it. */
  token(permissions: Permissions): Promise<string>;
  /** Absent with a personal access token. */
  readonly app?: AppAccess;
}

export interface AppAccess {
  /** A new installation token with these permissions and no others. */
  mint(permissions: Permissions): Promise<TokenValue>;
  /** For calls that the App makes as itself, not as its installation. They fail as {@link mint} does. */
  readonly client: Octokit;
}

/** @param stored the value of the credential's parameter; undefined: it is not filled */
export const openAccess = (
  { github, credential }: RotateTokensSettings,
  stored: string | undefined,
  surroundings: AppSurroundings,
): Access => {
  if (credential.kind === "app") {
    const app = openApp(github, credential, stored, surroundings);
    return { app, token: async (permissions) => (await app.mint(permissions)).token };
  }
  return { token: () => personalToken(stored, credential.tokenParameter) };
};

const personalToken = (stored: string | undefined, parameter: string): Promise<string> => {
  const token = stored?.trim();
  if (token) return Promise.resolve(token);
  const sentence = `The parameter ${parameter} is not filled: store a personal access token in it, as a SecureString.`;
  return Promise.reject(new SetupError(sentence));
};

/** The name of the parameter that the user fills. */
export const credentialParameter = ({ credential }: RotateTokensSettings): string =>
  credential.kind === "app" ? credential.privateKeyParameter : credential.tokenParameter;
