import type { WorkflowJobEvent } from "@octokit/webhooks-types";
import { machineOfRunner, type JobAction, type JobMessage, type WebhookSettings } from "../shared/contract";
import { matchLabels } from "../shared/match-labels";

/** A job for one of our fleets, or the reason why it is none. */
export type Routing = { readonly message: JobMessage } | { readonly reason: string };

/** What the payload does not say about itself. */
export type Receipt = Pick<JobMessage, "receivedAt" | "delivery">;

/** Who runs the job in the end does not matter: the ledger must also learn that somebody else took it. */
export const routeJob = (event: WorkflowJobEvent, settings: WebhookSettings, receipt: Receipt): Routing => {
  const { action, repository, workflow_job: job } = event;
  if (!isJobAction(action)) return { reason: "this action changes nothing here" };
  if (!isSame(repository.owner.login, settings.owner)) return { reason: "this owner is not served" };
  const choice = chooseFleet(event, settings);
  const fleet = "fleet" in choice ? choice.fleet : robbedFleet(event, settings);
  if (!fleet) return choice as { reason: string };
  return {
    message: {
      action,
      fleet,
      jobId: job.id,
      runId: job.run_id,
      runAttempt: job.run_attempt ?? 1,
      repository: repository.full_name,
      createdAt: job.created_at ?? job.started_at ?? receipt.receivedAt,
      ...receipt,
      // Null while nobody runs the job; empty when it ended before anybody did.
      ...(job.runner_name && { runnerName: job.runner_name }),
      ...(job.conclusion && { conclusion: job.conclusion }),
      ...("fleet" in choice && { labels: job.labels }),
    },
  };
};

const chooseFleet = (
  { repository, workflow_job: { labels } }: WorkflowJobEvent,
  settings: WebhookSettings,
): { readonly fleet: string } | { readonly reason: string } => {
  if (!isListed(repository.full_name, settings.repositories)) {
    return { reason: "this repository is not on the list" };
  }
  if (!repository.private && !settings.publicRepositories) return { reason: "this repository is public" };
  // `runs-on: {group: ...}` alone. Which group is asked for no event tells before a runner has the job, so it may be one of
  // anybody's: https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3643
  if (labels.length === 0) return { reason: "it names a runner group and no labels" };
  return matchLabels(labels, settings.routes) ?? { reason: "no fleet has these labels" };
};

/**
 * GitHub gives a runner any job that asks for no more than the runner's labels and that its group admits. When such a
 * stranger takes a machine of ours, the job that the machine was launched for must get another. The fleet may be one that
 * there is no more, whose machines still work.
 */
const robbedFleet = (
  { workflow_job: { runner_name: name } }: WorkflowJobEvent,
  { installation }: WebhookSettings,
): string | undefined => machineOfRunner(installation, name ?? undefined)?.fleet;

const actions: Record<JobAction, true> = { queued: true, waiting: true, in_progress: true, completed: true };

const isJobAction = (action: string): action is JobAction => Object.hasOwn(actions, action);

const isListed = (name: string, list: readonly string[] | undefined): boolean =>
  list === undefined || list.some((listed) => isSame(listed, name));

const isSame = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
