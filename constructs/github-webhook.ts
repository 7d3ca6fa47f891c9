import { newBeforeOld } from "./new-before-old";
import type { GithubConnection } from "./github-connection";

/** Where a webhook sends to. */
export interface GithubWebhookProps {
  /** Where GitHub sends its events: `url` of a WebhookApi. */
  readonly url: string;
}

/**
 * Which webhook sends the events.
 * - `organization`, `repository`: made by Terraform at the connection's own level; TokenRotation sets its address, its secret
 *   and its events. Whether it is active is left to you.
 * - `app`: the GitHub App's own, of which there is one: each installation needs an App of its own. TokenRotation sets its
 *   address and secret; Terraform makes nothing at GitHub. Subscribe the App to "Workflow job" in its settings.
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
 * Whatever secret Terraform gives GitHub stands in the plan and in the state. So it is a constant that signs nothing: the
 * webhook function refuses every request until TokenRotation has made the real secret, stored it and given it to GitHub.
 */
const THROW_AWAY_SECRET = "replaced-by-token-rotation";

/**
 * All that an update of the webhook could send. The provider sends all of it with any change of any of it, the secret of
 * the state included, which is the throw-away one, or after an import eight stars:
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/resource_github_organization_webhook.go
 * So once the webhook is made, Terraform changes nothing of it: address, secret and events are TokenRotation's, and the
 * switch is left to people. Another repository still makes another webhook.
 */
export const IGNORED_CHANGES = ["active", "configuration", "events"];

export const webhookConfig = ({ url }: GithubWebhookProps) => ({
  active: true,
  events: ["workflow_job"],
  configuration: { url, contentType: "json", insecureSsl: false, secret: THROW_AWAY_SECRET },
  // Where another webhook takes its place, it goes on sending until the functions know of the other.
  lifecycle: { ...newBeforeOld, ignoreChanges: IGNORED_CHANGES },
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
