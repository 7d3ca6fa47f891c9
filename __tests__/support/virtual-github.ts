import { restClient } from "../../functions/rotate-tokens/rest-client";
import { Github, type GithubOptions } from "./github-core";

export const START = Date.parse("2026-09-01T12:00:00Z");

/** A GitHub in virtual time, reached without a socket. */
export const virtualGithub = (options: GithubOptions = {}) => {
  const clock = { time: START };
  const github = new Github({
    pats: ["ghp_1"],
    now: () => clock.time,
    sleep: (milliseconds) => Promise.resolve((clock.time += milliseconds)),
    ...options,
  });
  const client = (token = "ghp_1") =>
    restClient({ apiUrl: "https://api.github.com", token, fetch: github.fetch });
  return { clock, github, client, octokit: client() };
};

export const statusOf = (call: Promise<{ status: number }>): Promise<number> =>
  call.then(
    ({ status }) => status,
    ({ status }: { status: number }) => status,
  );
