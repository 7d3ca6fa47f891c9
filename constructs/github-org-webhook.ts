import { Construct } from "constructs";
import { fromGithubProvider } from "./github-provider";
import { webhookConfig } from "./github-webhook";
import { GITHUB_WEBHOOK } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { OrganizationWebhook } from "./github-provider";
import type { GithubWebhookProps } from "./github-webhook";

/**
 * The organization's webhook for `workflow_job`, with the throw-away secret of `webhookConfig`. Whose organization
 * it is says the stack's GitHub provider.
 */
export class GithubOrgWebhook extends Construct {
  /** The webhook at GitHub; Terraform changes nothing of it once it is made. */
  public readonly webhook: OrganizationWebhook;

  public constructor(scope: Construct, id: string, props: GithubWebhookProps) {
    super(scope, id);
    checkProps(this, props, GITHUB_WEBHOOK);
    this.webhook = new (fromGithubProvider(this, "OrganizationWebhook"))(
      this,
      "Webhook",
      webhookConfig(props),
    );
  }

  /** What TokenRotation sets address and secret by. */
  public get hookId(): string {
    return this.webhook.id;
  }
}
