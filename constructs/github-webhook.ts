import type { GithubConnection } from "./github-connection";

/** Where a webhook sends to. */
export interface GithubWebhookProps {
  /** Where GitHub sends its events: `url` of a WebhookApi. */
  readonly url: string;
}

/**
 * Which webhook sends the events.
 * - `organization`, `repository`: made by Terraform at the connection's own level; TokenRotation sets its address and secret.
 * - `app`: the GitHub App's own. TokenRotation sets its address and secret; Terraform makes nothing at GitHub. Subscribe
 *   the App to "Workflow job" in its settings.
 * - `manual`: made by hand, from the stack's outputs. Nothing here touches it; you store its secret in the parameter.
 */
export type WebhookKind = "organization" | "repository" | "app" | "manual";

export const WEBHOOK_KINDS: readonly WebhookKind[] = ["organization", "repository", "app", "manual"];

/** The one asked for, or one at the level of the connection. */
export const kindOfWebhook = ({
  webhook,
  github,
}: {
  readonly webhook?: WebhookKind;
  readonly github: GithubConnection;
}): WebhookKind => webhook ?? github.level;

/**
 * Whatever secret Terraform gives GitHub stands in the plan and in the state, and the provider sends it again with any
 * later change of the webhook. So it is a constant that signs nothing: the webhook function refuses every request until
 * TokenRotation has made the real secret, stored it and given it to GitHub. From then on address and secret are
 * TokenRotation's, which sets both on each of its runs, and Terraform ignores the whole block.
 */
const THROW_AWAY_SECRET = "replaced-by-token-rotation";

export const webhookConfig = ({ url }: GithubWebhookProps) => ({
  active: true,
  events: ["workflow_job"],
  configuration: { url, contentType: "json", insecureSsl: false, secret: THROW_AWAY_SECRET },
  lifecycle: { ignoreChanges: ["configuration"] },
});

const LEVEL = { organization: "an organization", repository: "a repository" } as const;

/** What is wrong with the choice of webhook for a connection, in the user's words. */
export const webhookMistakes = (
  kind: WebhookKind | undefined,
  github: GithubConnection,
): readonly string[] => {
  const { level, credential } = github;
  if (kind === "app" && credential.kind === "token")
    return [
      'webhook "app" is the webhook of a GitHub App, and github is a personal access token: use GithubConnection.app, or another webhook.',
    ];
  if ((kind === "organization" || kind === "repository") && kind !== level)
    return [
      `webhook "${kind}" does not fit github, which is at the level of ${LEVEL[level]}: leave webhook out.`,
    ];
  return [];
};
