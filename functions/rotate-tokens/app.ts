import { createAppAuth } from "@octokit/auth-app";
import type { Octokit } from "@octokit/rest";
import type { AppCredential, GithubSettings, TokenValue } from "../shared/contract";
import { GithubError } from "../shared/github";
import type { AppAccess } from "./access";
import { logger } from "../shared/logger";
import { missingPermissions, withoutReruns, type Permissions } from "./permissions";
import { parsePrivateKey } from "./private-key";
import { restClient } from "./rest-client";
import { explained, SetupError } from "./setup-error";

type AppAuth = ReturnType<typeof createAppAuth>;

/**
 * Acts as the GitHub App. The private key stays in here; the installation is looked up once if it is not given.
 *
 * @param stored the value of the private key's parameter; undefined: it is not filled, and every call fails
 */
export const openApp = (
  github: GithubSettings,
  credential: AppCredential,
  stored: string | undefined,
  fetch?: typeof globalThis.fetch,
): AppAccess => {
  const { appId, privateKeyParameter } = credential;
  let auth: AppAuth | undefined;
  const jwt = async (): Promise<string> => {
    auth ??= createAppAuth({ appId, privateKey: parsePrivateKey(stored, privateKeyParameter, appId) });
    return (await auth({ type: "app" })).token;
  };
  const client = async (): Promise<Octokit> =>
    restClient({ apiUrl: github.apiUrl, token: await jwt(), fetch });
  let looked: Promise<number> | undefined;
  const installation = (): Promise<number> =>
    (looked ??= client().then((app) => findInstallation(app, github, credential)));
  return {
    jwt,
    mint: async (permissions) => mint(await client(), github, credential, await installation(), permissions),
  };
};

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

const mint = async (
  app: Octokit,
  github: GithubSettings,
  credential: AppCredential,
  installation: number,
  permissions: Permissions,
): Promise<TokenValue> => {
  const { repository } = github;
  const call = app.apps.createInstallationAccessToken({
    installation_id: installation,
    permissions,
    ...(repository === undefined ? {} : { repositories: [repository] }),
  });
  try {
    const { data } = await explained(call, {
      401: refusedKey(credential),
      404: `App ${credential.appId} has no installation ${installation}: correct installationId, or leave it out.`,
    });
    return { token: data.token, expiresAt: data.expires_at };
  } catch (error) {
    if (!(error instanceof GithubError) || error.status !== 422) throw error;
    const { data } = await app.apps.getInstallation({ installation_id: installation });
    const missing = missingPermissions(permissions, data.permissions);
    if (missing.length === 0) throw error;
    const enough = withoutReruns(permissions);
    if (enough && missingPermissions(enough, data.permissions).length === 0) {
      logger.error("interrupted jobs cannot be run again", { appId: credential.appId, missing });
      return mint(app, github, credential, installation, enough);
    }
    throw new SetupError(
      `App ${credential.appId} lacks ${missing.join(" and ")}: grant it in the App's settings, ` +
        `and have the owner accept it for the installation.`,
      { cause: error },
    );
  }
};
