/** GitHub's own examples of `workflow_job`, made to speak of the organization and the labels that a test serves. */
import { createHmac } from "node:crypto";
import examples from "@octokit/webhooks-examples/api.github.com/index.json";
import type { WorkflowJobEvent } from "@octokit/webhooks-types";
import type { JobAction } from "../../functions/shared/contract";

export interface JobOverrides {
  readonly owner: string;
  readonly labels: readonly string[];
  readonly id?: number;
  readonly runnerName?: string;
  readonly conclusion?: "success" | "failure";
}

/** Only what tells whose job it is is changed; all else is as GitHub published it. */
export function workflowJob(
  action: JobAction,
  { owner, labels, id, runnerName, conclusion }: JobOverrides,
): object {
  const all = (examples as unknown as { name: string; examples: WorkflowJobEvent[] }[]).find(
    ({ name }) => name === "workflow_job",
  );
  // The last of each action is the plainest: its queued job has no runner yet.
  const found = all?.examples.filter((example) => example.action === action).at(-1);
  if (!found) throw new Error(`There is no example of workflow_job ${action}.`);
  const payload = structuredClone(found) as unknown as {
    repository: { name: string; full_name: string; private: boolean; owner: { login: string } };
    workflow_job: Record<string, unknown>;
  };
  payload.repository.owner.login = owner;
  payload.repository.private = true;
  payload.repository.full_name = `${owner}/${payload.repository.name}`;
  Object.assign(payload.workflow_job, {
    labels,
    ...(id !== undefined && { id }),
    ...(runnerName !== undefined && { runner_name: runnerName }),
    ...(conclusion !== undefined && { conclusion }),
  });
  return payload;
}

/** https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries */
export function sign(body: string, secret: string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}
