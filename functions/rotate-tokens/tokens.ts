import { createHash } from "node:crypto";
import {
  PERSONAL,
  tokenPlace,
  type AppCredential,
  type RotateTokensSettings,
  type TokenUse,
  type TokenValue,
} from "../shared/contract";
import { tokenEnd } from "../shared/github-clock";
import { logger } from "../shared/logger";
import { isMadeFor, parseToken } from "../shared/parameters";
import type { RotatedToken } from "../shared/token";
import { credentialParameter } from "./access";
import { openApp } from "./app";
import { runnerPermissions } from "./permissions";
import { restClient } from "./rest-client";
import type { Rotation } from "./rotate-tokens";
import { explained } from "./setup-error";
import { writeParameter } from "./write-parameter";

/**
 * A token with less time left than this is replaced. GitHub gives both kinds one hour and the rule runs every 30
 * minutes, so what stands in a parameter always has half an hour or more:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app
 */
export const FRESH_MS = 35 * 60_000;

/** A parameter, what its token is for, and how one is made. */
interface StoredToken {
  readonly parameter: string;
  readonly use: TokenUse;
  readonly mint: () => Promise<TokenValue>;
}

/** Sees, for each token by itself, that its parameter holds a fresh one. */
export const rotateTokenParameters = (rotation: Rotation): Promise<RotatedToken>[] =>
  storedTokens(rotation).map((token) => keepFresh(rotation, token));

/** The App's installation token, the registration token, the installation tokens of further Apps. */
const storedTokens = (rotation: Rotation): StoredToken[] => {
  const { access, settings, values } = rotation;
  const {
    github,
    credential,
    installationTokenParameter,
    registrationTokenParameter,
    furtherApps = [],
  } = settings;
  const { app } = access;
  const permissions = runnerPermissions(settings);
  const register = async (): Promise<TokenValue> =>
    mintRegistrationToken(rotation, await access.token(permissions));
  const own: TokenUse =
    credential.kind === "app"
      ? useOfApp(settings, credential)
      : {
          app: PERSONAL,
          place: tokenPlace(github),
          terms: fingerprint(values[credentialParameter(settings)]),
        };
  return [
    ...(app && installationTokenParameter
      ? [{ parameter: installationTokenParameter, use: own, mint: () => app.mint(permissions) }]
      : []),
    ...(registrationTokenParameter
      ? [{ parameter: registrationTokenParameter, use: own, mint: register }]
      : []),
    ...furtherApps.map((further) => ({
      parameter: further.installationTokenParameter,
      use: useOfApp(settings, further),
      mint: () => openApp(github, further, values[further.privateKeyParameter], rotation).mint(permissions),
    })),
  ];
};

export const useOfApp = (
  settings: RotateTokensSettings,
  { appId, installationId }: AppCredential,
): TokenUse => ({
  app: appId,
  place: tokenPlace(settings.github),
  terms: JSON.stringify([installationId, runnerPermissions(settings)]),
});

/** Of a personal access token, which says no name of its own: another one is told from it, and it cannot be read back. */
const fingerprint = (token = ""): string =>
  createHash("sha256").update(token.trim()).digest("hex").slice(0, 16);

const keepFresh = async (
  rotation: Rotation,
  { parameter, use, mint }: StoredToken,
): Promise<RotatedToken> => {
  const { now, refresh, values } = rotation;
  const stored = refresh ? undefined : parseToken(values[parameter], now(), FRESH_MS);
  const kept = stored && isMadeFor(stored, use) ? stored : undefined;
  const { token, expiresAt } = kept ?? utc(await mint());
  if (!kept) {
    const value: TokenValue = { token, expiresAt, madeFor: use };
    await writeParameter(rotation, parameter, JSON.stringify(value), { expiresAt });
  }
  logger.info(kept ? "token kept" : "token written", { parameter, expiresAt });
  return { parameter, expiresAt, minted: !kept };
};

/** GitHub writes the end of a registration token with the offset of its own servers. */
const utc = ({ token, expiresAt }: TokenValue): TokenValue => ({
  token,
  expiresAt: new Date(expiresAt).toISOString(),
});

interface RegistrationAnswer {
  readonly data: { readonly token: string; readonly expires_at: string };
  readonly headers: { readonly date?: string };
}

const mintRegistrationToken = async (
  { settings, now, fetch }: Rotation,
  token: string,
): Promise<TokenValue> => {
  const { apiUrl, owner, repository } = settings.github;
  const { actions } = restClient({ apiUrl, token, fetch });
  const where = repository === undefined ? owner : `${owner}/${repository}`;
  const { data, headers } = await explained<RegistrationAnswer>(
    repository === undefined
      ? actions.createRegistrationTokenForOrg({ org: owner })
      : actions.createRegistrationTokenForRepo({ owner, repo: repository }),
    {
      401: `GitHub refuses the credential: it has expired or was revoked, so store another.`,
      403: `The credential may not register runners at ${where}: give it admin rights over self-hosted runners there.`,
      404: `The credential does not see ${where}: correct the owner, or give it access.`,
    },
  );
  return { token: data.token, expiresAt: tokenEnd(data.expires_at, headers.date, now()) };
};
