import { UNSET, type WebhookSecrets } from "./contract";
import { parseObject } from "./json";

/** What may stand in the parameter: with `current` {@link WebhookSecrets}, without it no secret yet. */
export type StoredSecrets = Partial<WebhookSecrets>;

/** Reads {@link WebhookSecrets} as JSON, or one plain secret, which somebody set by hand. */
export const parseSecrets = (value: string | undefined): StoredSecrets => {
  // A secret such as `12345` is JSON, too, but no object.
  const { current, rotatedAt, next, nextSince, previous, previousUntil, address } = parseObject(value) ?? {
    current: value,
  };
  return {
    current: secretIn(current),
    rotatedAt: timeIn(rotatedAt),
    next: secretIn(next),
    nextSince: timeIn(nextSince),
    previous: secretIn(previous),
    previousUntil: timeIn(previousUntil),
    address: secretIn(address),
  };
};

/** The secrets that may sign a delivery now. None while there is no current one, whatever else is left. */
export const acceptedSecrets = (
  { current, next, previous, previousUntil }: StoredSecrets,
  now: number,
): readonly string[] => {
  if (current === undefined) return [];
  // A time that is none is no time to wait for.
  const isOver = previousUntil !== undefined && !(now < Date.parse(previousUntil));
  return [current, next, isOver ? undefined : previous].filter((secret) => secret !== undefined);
};

const secretIn = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" && value !== UNSET ? value : undefined;

/** What is no time stays in it as such, so that it is not taken for one that is missing. */
const timeIn = (value: unknown): string | undefined =>
  value === undefined || typeof value === "string" ? value : "";
