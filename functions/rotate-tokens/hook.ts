import type { Octokit } from "@octokit/rest";
import type { ManagedWebhook } from "../shared/contract";
import { hookPermissions } from "./permissions";
import { restClient } from "./rest-client";
import type { Rotation } from "./rotate-tokens";
import { SetupError } from "./setup-error";

/** With no more rights than the call needs, by a token that is stored nowhere. */
export const hookClient = async (
  { access, settings, fetch }: Rotation,
  { kind }: ManagedWebhook,
): Promise<Octokit> => {
  const { apiUrl } = settings.github;
  const { app } = access;
  if (kind !== "app") return restClient({ apiUrl, token: await access.token(hookPermissions[kind]), fetch });
  if (!app) {
    throw new SetupError(
      "Only the GitHub App itself can set its webhook: connect as the App, or use another webhook.",
    );
  }
  return app.client;
};

/** What to change when GitHub refuses a call for the webhook. */
export const hookSentences = (
  { settings }: Rotation,
  { hookId = "", kind }: ManagedWebhook,
): Record<number, string> => {
  const { owner, repository } = settings.github;
  const where = repository === undefined ? owner : `${owner}/${repository}`;
  const which = kind === "app" ? "the App's webhook" : `webhook ${hookId} of ${where}`;
  return {
    401: `GitHub refuses the credential for ${which}: it has expired or was revoked, so store another.`,
    403: `The credential may not edit ${which}: give it the right to manage webhooks there.`,
    404:
      `GitHub shows no ${which} to this credential: apply again if it was deleted; if it was made with an OAuth ` +
      `token, only that OAuth app sees it, so make it with a personal access token or the App.`,
  };
};
