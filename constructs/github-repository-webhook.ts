import { Construct } from "constructs";
import { checkFramework } from "./framework";
import { fromGithubProvider } from "./github-provider";
import { webhookConfig } from "./github-webhook";
import type { RepositoryWebhook } from "./github-provider";
import type { GithubWebhookProps } from "./github-webhook";

/** Of which repository, and to where. */
export interface GithubRepositoryWebhookProps extends GithubWebhookProps {
  /** Name of the repository, without its owner: whose it is says the stack's GitHub provider. */
  readonly repository: string;
}

/** A repository's webhook for `workflow_job`, with the throw-away secret of `webhookConfig`. */
export class GithubRepositoryWebhook extends Construct {
  /** The webhook at GitHub; its `configuration` is ignored once it is made. */
  public readonly webhook: RepositoryWebhook;

  public constructor(scope: Construct, id: string, props: GithubRepositoryWebhookProps) {
    super(scope, id);
    checkFramework(this);
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
