import { createAppAuth } from "@octokit/auth-app";
import type { Octokit } from "@octokit/rest";
import type { GithubSettings, RotationCredential, TokenValue } from "../shared/contract";
import { GithubError, githubClient } from "../shared/github";
import type { AppAccess } from "./access";
import { missingPermissions, type Permissions } from "./permissions";
import { parsePrivateKey } from "./private-key";
import { explained, SetupError } from "./setup-error";

type AppCredential = Extract<RotationCredential, { kind: "app" }>;

/** Acts as the GitHub App. The private key stays in here; the installation is looked up once if it is not given. */
export const openApp = (
  github: GithubSettings,
  credential: AppCredential,
  stored: string | undefined,
): AppAccess => {
  const { appId, privateKeyParameter } = credential;
  const auth = createAppAuth({ appId, privateKey: parsePrivateKey(stored, privateKeyParameter, appId) });
  const jwt = async (): Promise<string> => (await auth({ type: "app" })).token;
  const client = async (): Promise<Octokit> => githubClient({ apiUrl: github.apiUrl, token: await jwt() });
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
  { repository }: GithubSettings,
  credential: AppCredential,
  installation: number,
  permissions: Permissions,
): Promise<TokenValue> => {
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
    throw new SetupError(
      `App ${credential.appId} lacks ${missing.join(" and ")}: grant it in the App's settings, ` +
        `and have the owner accept it for the installation.`,
      { cause: error },
    );
  }
};
