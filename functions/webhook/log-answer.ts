import { logger } from "../shared/logger";
import type { Answer } from "./answer-delivery";
import type { Delivery } from "./delivery";

type Outcome = readonly [message: string, level: "info" | "warn" | "error"];

const outcomes: Record<Answer["status"], Outcome> = {
  200: ["delivery left alone", "info"],
  202: ["delivery taken", "info"],
  400: ["delivery refused", "warn"],
  401: ["delivery refused", "warn"],
  403: ["delivery refused", "warn"],
  500: ["delivery failed", "error"],
  503: ["delivery refused", "warn"],
};

/** One line a request: never the body, a secret or a signature. */
export const logAnswer = ({ event, id }: Delivery, { status, text, details }: Answer): void => {
  const [message, level] = outcomes[status];
  logger[level](message, { status, reason: text, event, delivery: id, ...details });
};
