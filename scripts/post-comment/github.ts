import { block, jsonIn, textOf } from "../audit/model";
import { InputError } from "../read-file";
import { limitWait } from "./limits";

/** The part of GitHub's REST API that comments need: https://docs.github.com/en/rest/issues/comments */
export interface Github {
  /** @throws GithubRefusal, InputError when GitHub does not answer */
  call<Answer>(method: string, path: string, body?: object): Promise<Answer>;
}

/** GitHub answered, and not with what was asked for. */
export class GithubRefusal extends Error {
  public constructor(
    public readonly status: number,
    public readonly path: string,
    public readonly reason: string,
    /** How long GitHub wants to be left alone, in milliseconds; undefined where no rate limit is the reason. */
    public readonly limitedMs?: number,
  ) {
    super(`GitHub answered ${status} to ${path}: ${reason}`);
    this.name = "GithubRefusal";
  }
}

const TIMEOUT_MS = 30_000;
const API_VERSION = "2022-11-28";

const messageIn = async (response: Response): Promise<string> => {
  const text = await response.text();
  return textOf(block(jsonIn(text)).message) ?? text.slice(0, 200);
};

/** @param apiUrl `https://api.github.com`, or `https://HOST/api/v3` */
export const createGithub = (apiUrl: string, token: string): Github => ({
  call: async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: {
        accept: "application/vnd.github+json",
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        "user-agent": "ephemeral-runners",
        "x-github-api-version": API_VERSION,
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new InputError(
        `GitHub does not answer at ${apiUrl} (${String(error)}): is GITHUB_API_URL right?`,
      );
    });
    if (!response.ok) {
      const message = await messageIn(response);
      throw new GithubRefusal(response.status, path, message, limitWait(response, message, Date.now()));
    }
    return (await response.json()) as Answer;
  },
});
