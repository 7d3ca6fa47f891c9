import { UNSET } from "../shared/contract";
import { parseObject } from "../shared/json";

/** A signature that matches nothing may be that of a new secret; the caller may also be anybody. */
export const REREAD_INTERVAL_MS = 30_000;

/** What was read this short a time ago was most likely read for the same delivery. */
const FRESH_MS = 1_000;

/** Until the rotation function has made the first secret, seconds after the first apply. */
export const UNSET_INTERVAL_MS = 5_000;

/** The secrets that may have signed a delivery, read when first needed and kept from then on. */
export interface SecretStore {
  /** Empty while there is no secret; then looked up again at most every {@link UNSET_INTERVAL_MS}. */
  secrets(): Promise<readonly string[]>;
  /** The same, read again, at most every {@link REREAD_INTERVAL_MS}. */
  freshSecrets(): Promise<readonly string[]>;
}

/**
 * A read that fails rejects, and is not kept: the next one tries again. Who asks while a read is under way shares it.
 *
 * @param read the value of the secret's parameter; undefined: there is none
 * @param now epoch milliseconds
 */
export const createSecretStore = (
  read: () => Promise<string | undefined>,
  now: () => number = Date.now,
): SecretStore => {
  let kept: { readonly secrets: readonly string[]; readonly readAt: number } | undefined;
  let pending: Promise<readonly string[]> | undefined;
  let rereadAt = -Infinity;

  const load = async (): Promise<readonly string[]> => {
    const secrets = parseSecrets(await read());
    kept = { secrets, readAt: now() };
    return secrets;
  };
  const isYoungerThan = (milliseconds: number): boolean =>
    kept !== undefined && now() - kept.readAt < milliseconds;
  const share = (): Promise<readonly string[]> =>
    (pending ??= load().finally(() => {
      pending = undefined;
    }));

  return {
    secrets: async () => {
      if (kept && (kept.secrets.length > 0 || isYoungerThan(UNSET_INTERVAL_MS))) return kept.secrets;
      return share();
    },
    freshSecrets: async () => {
      const isTooEarly = isYoungerThan(FRESH_MS) || now() - rereadAt < REREAD_INTERVAL_MS;
      if (kept && isTooEarly && !pending) return kept.secrets;
      rereadAt = now();
      return share();
    },
  };
};

/** Current and previous secret, out of `WebhookSecrets` as JSON or of one plain secret, which somebody set by hand. */
export const parseSecrets = (value: string | undefined): readonly string[] => {
  // A secret such as `12345` is JSON, too, but no object.
  const { current, previous }: Record<string, unknown> = parseObject(value) ?? { current: value };
  if (!isSecret(current)) return [];
  return [current, previous].filter(isSecret);
};

const isSecret = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "" && value !== UNSET;
