import type { TokenValue } from "../shared/contract";
import { githubClient } from "../shared/github";
import { logger } from "../shared/logger";
import { parseToken } from "../shared/parameters";
import { runnerPermissions } from "./permissions";
import type { Rotation } from "./rotate-tokens";
import { explained } from "./setup-error";
import { writeParameter } from "./write-parameter";

/**
 * A token with less time left than this is replaced. GitHub gives both kinds one hour and the rule runs every 30
 * minutes, so what stands in a parameter always has half an hour or more:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
 */
export const FRESH_MS = 35 * 60_000;

export interface RotatedToken {
  readonly parameter: string;
  /** ISO 8601 */
  readonly expiresAt: string;
  /** False: what was there is fresh. */
  readonly minted: boolean;
}

/** Sees that each token's parameter holds a fresh token: the installation token first, since the other needs it. */
export const rotateTokenParameters = async (rotation: Rotation): Promise<RotatedToken[]> => {
  const { access, settings } = rotation;
  const { installationTokenParameter, registrationTokenParameter } = settings;
  const permissions = runnerPermissions(settings.github);
  const rotated: RotatedToken[] = [];
  let token: string | undefined;
  if (installationTokenParameter !== undefined && access.app) {
    const { app } = access;
    token = await keepFresh(rotation, installationTokenParameter, () => app.mint(permissions), rotated);
  }
  if (registrationTokenParameter !== undefined) {
    const mint = async (): Promise<TokenValue> =>
      mintRegistrationToken(rotation, token ?? (await access.token(permissions)));
    await keepFresh(rotation, registrationTokenParameter, mint, rotated);
  }
  return rotated;
};

const keepFresh = async (
  rotation: Rotation,
  parameter: string,
  mint: () => Promise<TokenValue>,
  rotated: RotatedToken[],
): Promise<string> => {
  const { now, refresh, values } = rotation;
  const kept = refresh ? undefined : parseToken(values[parameter], now(), FRESH_MS);
  const { token, expiresAt } = kept ?? utc(await mint());
  if (!kept) await writeParameter(rotation, parameter, JSON.stringify({ token, expiresAt }), expiresAt);
  logger.info(kept ? "token kept" : "token written", { parameter, expiresAt });
  rotated.push({ parameter, expiresAt, minted: !kept });
  return token;
};

/** GitHub writes the end of a registration token with the offset of its own servers. */
const utc = ({ token, expiresAt }: TokenValue): TokenValue => ({
  token,
  expiresAt: new Date(expiresAt).toISOString(),
});

const mintRegistrationToken = async (
  { settings: { github } }: Rotation,
  token: string,
): Promise<TokenValue> => {
  const { owner, repository } = github;
  const { actions } = githubClient({ apiUrl: github.apiUrl, token });
  const where = repository === undefined ? owner : `${owner}/${repository}`;
  const { data } = await explained<{ data: { token: string; expires_at: string } }>(
    repository === undefined
      ? actions.createRegistrationTokenForOrg({ org: owner })
      : actions.createRegistrationTokenForRepo({ owner, repo: repository }),
    {
      401: `GitHub refuses the credential: it has expired or was revoked, so store another.`,
      403: `The credential may not register runners at ${where}: give it admin rights over self-hosted runners there.`,
      404: `The credential does not see ${where}: correct the owner, or give it access.`,
    },
  );
  return { token: data.token, expiresAt: data.expires_at };
};
