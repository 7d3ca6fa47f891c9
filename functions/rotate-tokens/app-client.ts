import type { Octokit } from "@octokit/rest";
import githubAppJwt from "universal-github-app-jwt";
import { GithubError } from "../shared/github";
import { skewOf, TOLERANCE_MS } from "../shared/github-clock";
import { logger } from "../shared/logger";
import { restClient } from "./rest-client";
import { SetupError } from "./setup-error";

export interface AppClientOptions {
  readonly apiUrl: string;
  readonly appId: string;
  /** PEM, PKCS#8. @throws SetupError */
  readonly privateKey: () => string;
  /** Epoch milliseconds */
  readonly now: () => number;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/** So GitHub says that a JWT is from the future or too old: https://github.com/octokit/auth-app.js/blob/v8.3.1/src/hook.ts */
const OF_TIME = /'(?:Issued at|Expiration time)' claim/;

/**
 * A client that calls as the App. GitHub takes its JWT only if it fits GitHub's clock: when it does not, the call is made
 * once more, by the clock that the refusal's `Date` shows, as octokit's own library does. Unlike there, the difference is
 * kept for all later calls: GitHub locks out for a while who is refused again and again.
 * https://docs.github.com/en/rest/authentication/authenticating-to-the-rest-api#failed-login-limit
 */
export const appClient = ({ apiUrl, appId, privateKey, now, fetch }: AppClientOptions): Octokit => {
  const client = restClient({ apiUrl, fetch });
  let skew = 0;
  const jwt = async (): Promise<string> => {
    const atGithub = Math.floor((now() + skew) / 1000);
    return (await githubAppJwt({ id: appId, privateKey: privateKey(), now: atGithub })).token;
  };
  client.hook.wrap("request", async (request, options) => {
    const call = async () => {
      // Hooks that were registered before this one are given the same object, and no other.
      options.headers = { ...options.headers, authorization: `bearer ${await jwt()}` };
      return request(options);
    };
    const used = skew;
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof GithubError) || error.status !== 401) throw error;
      const found = skewOf(error.limits.date, now());
      if (Math.abs(found - used) < TOLERANCE_MS) throw clockRefusal(error, found, apiUrl);
      skew = found;
      logger.warn("clocks differ", { githubAheadSeconds: Math.round(found / 1000), apiUrl });
      return call().catch((again: unknown) => {
        throw clockRefusal(again, found, apiUrl);
      });
    }
  });
  return client;
};

/** Names the clock, if that is what GitHub refuses the JWT for; else the error as it is. */
const clockRefusal = (error: unknown, skew: number, apiUrl: string): unknown => {
  if (!(error instanceof GithubError) || error.status !== 401 || !OF_TIME.test(error.reason)) return error;
  const { host } = new URL(apiUrl);
  const seconds = Math.round(Math.abs(skew) / 1000);
  const seen = skew === 0 ? "" : `, which is ${seconds} seconds ${skew > 0 ? "ahead" : "behind"}`;
  return new SetupError(
    `The clock of ${host} differs from AWS's${seen}, and GitHub refuses the App's JWT for it (${error.reason}): ` +
      "have that server set its clock by NTP. The private key is not the reason.",
    { cause: error },
  );
};
