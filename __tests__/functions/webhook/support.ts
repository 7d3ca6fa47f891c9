import { createHmac } from "node:crypto";
import examples from "@octokit/webhooks-examples";
import type { WorkflowJobEvent } from "@octokit/webhooks-types";
import type { DeliveryRequest } from "../../../functions/webhook/delivery";
import type { JobMessage, WebhookSettings } from "../../../functions/shared/contract";
import { answerDelivery, type Answer } from "../../../functions/webhook/answer-delivery";
import { unwrapDelivery } from "../../../functions/webhook/delivery";
import { createSecretStore } from "../../../functions/webhook/secret-store";

export const SECRET = "It's a Secret to Everybody";
export const DELIVERY = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

export const sign = (body: string | Buffer, secret = SECRET): string =>
  `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;

export const published = (name: string): readonly Record<string, unknown>[] =>
  (examples.find((definition) => definition.name === name)?.examples ?? []) as unknown as Record<
    string,
    unknown
  >[];

export const workflowJobs = published("workflow_job") as unknown as readonly WorkflowJobEvent[];

/** The published job that asks for `self-hosted` and `k8s`. */
export const selfHosted = (action: WorkflowJobEvent["action"]): WorkflowJobEvent => {
  const example = workflowJobs.find(({ workflow_job: { labels } }) => labels.includes("k8s"));
  return { ...example, action } as WorkflowJobEvent;
};

export const request = (
  payload: unknown,
  {
    secret = SECRET,
    headers = {},
    sourceIp,
  }: { secret?: string; headers?: Record<string, string>; sourceIp?: string } = {},
): DeliveryRequest => {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  return {
    headers: {
      "content-type": "application/json",
      "x-github-event": "workflow_job",
      "x-github-delivery": DELIVERY,
      "x-hub-signature-256": sign(body, secret),
      ...headers,
    },
    body,
    isBase64Encoded: false,
    ...(sourceIp !== undefined && { requestContext: { http: { sourceIp } } }),
  };
};

export const settings: WebhookSettings = {
  installation: "runners",
  queueUrl: "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs",
  secretParameter: "/runners/webhook-secret",
  owner: "lineville",
  // GitHub's published examples are of public ones.
  publicRepositories: true,
  routes: [{ fleet: "k8s", labels: ["self-hosted", "K8S"], match: "exact" }],
};

export interface WebhookWorld {
  readonly sent: JobMessage[];
  answer(request: DeliveryRequest): Promise<Answer>;
}

/** The whole webhook but its transport: what is in the parameter, and a queue that takes or throws. */
export const webhookWorld = ({
  parameter = () => Promise.resolve(JSON.stringify({ current: SECRET })),
  send = () => Promise.resolve(),
  overrides = {},
}: {
  parameter?: () => Promise<string | undefined>;
  send?: () => Promise<void>;
  overrides?: Partial<WebhookSettings>;
} = {}): WebhookWorld => {
  const sent: JobMessage[] = [];
  const deps = {
    settings: { ...settings, ...overrides },
    store: createSecretStore(parameter),
    send: async (message: JobMessage) => {
      await send();
      sent.push(message);
    },
    now: () => Date.parse("2026-09-01T10:00:00Z"),
  };
  return { sent, answer: (wanted) => answerDelivery(unwrapDelivery(wanted), deps) };
};
