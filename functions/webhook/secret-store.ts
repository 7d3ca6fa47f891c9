import { logger } from "../shared/logger";
import { acceptedSecrets, parseSecrets, type StoredSecrets } from "../shared/webhook-secrets";

/** A signature that matches nothing may be that of a new secret; the caller may also be anybody. */
export const REREAD_INTERVAL_MS = 30_000;

/**
 * Secrets are read again when they are this old: so a secret that was taken away is forgotten, and one that GitHub is to
 * sign with in a while is known here before it does, whatever strangers do to the other limit.
 */
export const MAXIMUM_AGE_MS = 5 * 60_000;

/** What was read this short a time ago was most likely read for the same delivery. */
const FRESH_MS = 1_000;

/** Until the rotation function has made the first secret, seconds after the first apply. */
export const UNSET_INTERVAL_MS = 5_000;

/** The secrets that may have signed a delivery, read when first needed and kept for a while. */
export interface SecretStore {
  /**
   * Empty while there is no secret; then looked up again at most every {@link UNSET_INTERVAL_MS}. Secrets that are
   * {@link MAXIMUM_AGE_MS} old are read again; while that fails, they still count.
   */
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
  let kept: { readonly secrets: StoredSecrets; readonly readAt: number } | undefined;
  let pending: Promise<readonly string[]> | undefined;
  let rereadAt = -Infinity;

  const accepted = (): readonly string[] => (kept ? acceptedSecrets(kept.secrets, now()) : []);
  const load = async (): Promise<readonly string[]> => {
    kept = { secrets: parseSecrets(await read()), readAt: now() };
    return accepted();
  };
  const isYoungerThan = (milliseconds: number): boolean =>
    kept !== undefined && now() - kept.readAt < milliseconds;
  const share = (): Promise<readonly string[]> =>
    (pending ??= load().finally(() => {
      pending = undefined;
    }));
  /** Deliveries must not fail because Parameter Store does, as long as their secret is known. */
  const renew = async (): Promise<readonly string[]> => {
    rereadAt = now();
    try {
      return await share();
    } catch (error) {
      logger.warn("webhook secret not read again", { error });
      return accepted();
    }
  };

  return {
    secrets: async () => {
      if (accepted().length === 0) return isYoungerThan(UNSET_INTERVAL_MS) ? [] : share();
      if (isYoungerThan(MAXIMUM_AGE_MS) || now() - rereadAt < REREAD_INTERVAL_MS) return accepted();
      return renew();
    },
    freshSecrets: async () => {
      const isTooEarly = isYoungerThan(FRESH_MS) || now() - rereadAt < REREAD_INTERVAL_MS;
      if (kept && isTooEarly && !pending) return accepted();
      rereadAt = now();
      return share();
    },
  };
};
