import { Construct } from "constructs";
import { fromGithubProvider } from "./github-provider";
import { webhookConfig } from "./github-webhook";
import { GITHUB_REPOSITORY_WEBHOOK } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { RepositoryWebhook } from "./github-provider";
import type { GithubWebhookProps } from "./github-webhook";

/** Of which repository, and to where. */
export interface GithubRepositoryWebhookProps extends GithubWebhookProps {
  /** Name of the repository, without its owner: whose it is says the stack's GitHub provider. */
  readonly repository: string;
}

/** A repository's webhook for `workflow_job`, with the throw-away secret of `webhookConfig`. */
export class GithubRepositoryWebhook extends Construct {
  /** The webhook at GitHub; Terraform changes nothing of it once it is made. */
  public readonly webhook: RepositoryWebhook;

  public constructor(scope: Construct, id: string, props: GithubRepositoryWebhookProps) {
    super(scope, id);
    checkProps(this, props, GITHUB_REPOSITORY_WEBHOOK);
    this.webhook = new (fromGithubProvider(this, "RepositoryWebhook"))(this, "Webhook", {
      repository: props.repository,
      ...webhookConfig(props),
    });
  }

  /** What TokenRotation sets address and secret by. */
  public get hookId(): string {
    return this.webhook.id;
  }
}
