import { parseObject } from "../shared/json";
import type { RedeliveryRequest, RotationRequest } from "../shared/token";

/** What is asked of this function. What is no request, such as an event of EventBridge, asks for an ordinary run. */
export const parseRequest = (event: unknown): RotationRequest => {
  const { refresh, redeliver } = parseObject(JSON.stringify(event)) ?? {};
  const redelivery = parseRedelivery(redeliver);
  return { refresh: refresh === true, ...(redelivery ? { redeliver: redelivery } : {}) };
};

const parseRedelivery = (value: unknown): RedeliveryRequest | undefined => {
  const { since, except } = parseObject(JSON.stringify(value)) ?? {};
  if (typeof since !== "string" || Number.isNaN(Date.parse(since))) return undefined;
  const isId = (id: unknown): id is string => typeof id === "string" && /^\d+$/.test(id);
  return Array.isArray(except) && except.every(isId) ? { since, except } : undefined;
};
