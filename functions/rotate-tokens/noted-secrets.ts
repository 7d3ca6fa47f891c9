import type { WebhookSecrets } from "../shared/contract";
import { parseObject } from "../shared/json";
import { parseSecrets } from "../shared/webhook-secrets";

/** The secrets with what this function alone notes beside them. */
export type NotedSecrets = Partial<WebhookSecrets>;

/** As `parseSecrets`, which the webhook function uses too, and which need not know what is noted. */
export const parseNoted = (value: string | undefined): NotedSecrets => {
  const { addressApp } = parseObject(value) ?? {};
  return { ...parseSecrets(value), ...(typeof addressApp === "string" && { addressApp }) };
};
