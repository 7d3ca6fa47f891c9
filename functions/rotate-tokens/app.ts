import type { Octokit } from "@octokit/rest";
import type { AppCredential, GithubSettings, TokenValue } from "../shared/contract";
import { GithubError } from "../shared/github";
import { tokenEnd } from "../shared/github-clock";
import type { AppAccess } from "./access";
import { appClient } from "./app-client";
import { logger } from "../shared/logger";
import { missingPermissions, withoutReruns, type Permissions } from "./permissions";
import { parsePrivateKey } from "./private-key";
import { explained, SetupError } from "./setup-error";

/** The way to GitHub, and our clock. */
export interface AppSurroundings {
  /** Epoch milliseconds */
  readonly now: () => number;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/**
 * Acts as the GitHub App. The private key stays in here; the installation is looked up once if it is not given.
 *
 * @param stored the value of the private key's parameter; undefined: it is not filled, and every call fails
 */
export const openApp = (
  github: GithubSettings,
  credential: AppCredential,
  stored: string | undefined,
  { now, fetch }: AppSurroundings,
): AppAccess => {
  const { appId, privateKeyParameter } = credential;
  let key: string | undefined;
  const privateKey = (): string => (key ??= parsePrivateKey(stored, privateKeyParameter, appId));
  const client = appClient({ apiUrl: github.apiUrl, appId, privateKey, now, fetch });
  let looked: Promise<number> | undefined;
  const installation = (): Promise<number> => (looked ??= findInstallation(client, github, credential));
  const app: ActingApp = { client, github, credential, now };
  return { client, mint: async (permissions) => mint(app, await installation(), permissions) };
};

interface ActingApp {
  readonly client: Octokit;
  readonly github: GithubSettings;
  readonly credential: AppCredential;
  readonly now: () => number;
}

const refusedKey = ({ appId, privateKeyParameter }: AppCredential): string =>
  `GitHub refuses the private key in ${privateKeyParameter}: store one that belongs to App ${appId}.`;

const findInstallation = async (
  app: Octokit,
  github: GithubSettings,
  credential: AppCredential,
): Promise<number> => {
  if (credential.installationId !== undefined) return Number(credential.installationId);
  const { owner, repository } = github;
  const where = repository === undefined ? owner : `${owner}/${repository}`;
  const { data } = await explained<{ data: { id: number } }>(
    repository === undefined
      ? app.apps.getOrgInstallation({ org: owner })
      : app.apps.getRepoInstallation({ owner, repo: repository }),
    {
      401: refusedKey(credential),
      404: `App ${credential.appId} is not installed at ${where}: install it there, or correct the owner.`,
    },
  );
  return data.id;
};

const mint = async (app: ActingApp, installation: number, permissions: Permissions): Promise<TokenValue> => {
  const { client, credential, now } = app;
  const { repository } = app.github;
  const call = client.apps.createInstallationAccessToken({
    installation_id: installation,
    permissions,
    ...(repository === undefined ? {} : { repositories: [repository] }),
  });
  try {
    const { data, headers } = await explained(call, {
      401: refusedKey(credential),
      404: `App ${credential.appId} has no installation ${installation}: correct installationId, or leave it out.`,
    });
    return { token: data.token, expiresAt: tokenEnd(data.expires_at, headers.date, now()) };
  } catch (error) {
    if (!(error instanceof GithubError) || error.status !== 422) throw error;
    const { data } = await client.apps.getInstallation({ installation_id: installation });
    const missing = missingPermissions(permissions, data.permissions);
    if (missing.length === 0) throw error;
    const enough = withoutReruns(permissions);
    if (enough && missingPermissions(enough, data.permissions).length === 0) {
      logger.error("interrupted jobs cannot be run again", { appId: credential.appId, missing });
      return mint(app, installation, enough);
    }
    throw new SetupError(
      `App ${credential.appId} lacks ${missing.join(" and ")}: grant it in the App's settings, ` +
        `and have the owner accept it for the installation.`,
      { cause: error },
    );
  }
};
