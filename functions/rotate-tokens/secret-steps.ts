/**
 * How one webhook secret follows another, so that whichever of them GitHub signs with is accepted, whatever fails:
 *
 * 1. `next` is stored. It is accepted from now on, and GitHub does not have it.
 * 2. {@link SETTLE_MS} later GitHub is given it. An answer that is lost does not matter: both are accepted.
 * 3. Once GitHub has confirmed it, it becomes `current`, and what was current `previous`, up to a time.
 * 4. After that time `previous` is accepted by nobody, and is taken away.
 *
 * Parameter Store has no conditional write: of two runs the later write stands. Hence the wait in step 2. When GitHub is
 * given `next`, no run lives any more that could have read the parameter before `next` stood in it, so none can
 * write over it; and each sandbox of the webhook function has read it. Every other write is either the same for all
 * runs or takes away what GitHub never had.
 */
import type { WebhookSecrets } from "../shared/contract";
import type { StoredSecrets } from "../shared/webhook-secrets";

/**
 * Three times what bounds the others: runs end after a minute, and a sandbox of the webhook function reads the secrets
 * again when they are 5 minutes old. The rest is for clocks that differ.
 */
export const SETTLE_MS = 15 * 60_000;

export interface Pace {
  /** Milliseconds after which GitHub is given another secret. */
  readonly rotateAfter: number;
  /** Milliseconds for which the previous one is still accepted. */
  readonly keepPrevious: number;
}

/** What GitHub has to sign with now. */
export const secretToGive = ({ current, next, nextSince }: StoredSecrets, now: number): string | undefined =>
  current !== undefined && next !== undefined && now - timeOf(nextSince) >= SETTLE_MS ? next : current;

export interface Step {
  /** For the log. */
  readonly done: "next made" | "next timed" | "next given" | "previous timed" | "previous taken away";
  readonly secrets: WebhookSecrets;
}

/**
 * The step that is due, once GitHub has what {@link secretToGive} says; undefined: none.
 *
 * @param make a new secret
 */
export const nextStep = (
  secrets: WebhookSecrets,
  now: number,
  { rotateAfter, keepPrevious }: Pace,
  make: () => string,
): Step | undefined => {
  const { current, next, nextSince, previous, previousUntil, ...rest } = secrets;
  const previousEnd = { previousUntil: toText(now + keepPrevious) };
  if (next !== undefined && secretToGive(secrets, now) === next) {
    const given = { ...rest, current: next, rotatedAt: toText(now), previous: current, ...previousEnd };
    return { done: "next given", secrets: given };
  }
  // A time that is missing, or out of all reason, was written by hand, and would hold everything up.
  if (next !== undefined) {
    return timeOf(nextSince) <= now + SETTLE_MS
      ? undefined
      : { done: "next timed", secrets: { ...secrets, nextSince: toText(now) } };
  }
  if (previous !== undefined) {
    if (previousUntil === undefined || timeOf(previousUntil) > now + keepPrevious)
      return { done: "previous timed", secrets: { ...secrets, ...previousEnd } };
    return timeOf(previousUntil) > now
      ? undefined
      : { done: "previous taken away", secrets: { current, ...rest } };
  }
  return now - timeOf(rest.rotatedAt) < rotateAfter
    ? undefined
    : { done: "next made", secrets: { current, ...rest, next: make(), nextSince: toText(now) } };
};

/** NaN for what is no time: no comparison with it holds. */
const timeOf = (text: string | undefined): number => Date.parse(text ?? "");

const toText = (time: number): string => new Date(time).toISOString();
