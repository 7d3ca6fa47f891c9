/** What the webhook at GitHub should look like, and what of it is left to people. */
import { ringAlarm } from "../shared/alarm";
import type { ManagedWebhook } from "../shared/contract";
import type { HookState, Subscription } from "./hook-at-github";
import type { NotedSecrets } from "./noted-secrets";
import type { Rotation } from "./rotate-tokens";

const EVENT = "workflow_job";
const ALL_EVENTS = "*";

/** By the address as a browser writes it: GitHub keeps what it was given. */
const isSame = (one: string, other: string): boolean => normal(one) === normal(other);

const normal = (address: string): string => (URL.canParse(address) ? new URL(address).href : address);

/** Id of the App that this function acts as. */
export const appOf = ({ settings: { credential } }: Rotation): string | undefined =>
  credential.kind === "app" ? credential.appId : undefined;

/**
 * Whether somebody else has set the address of the App's webhook after us, as another installation with the same App does.
 * To set it back would be answered in kind, at every run of both. Other webhooks are this installation's alone. What
 * another App's webhook was told says nothing of this one's.
 */
export const isTaken = (
  rotation: Rotation,
  { kind, url }: ManagedWebhook,
  { address }: HookState,
  { address: given, addressApp = appOf(rotation) }: NotedSecrets,
): boolean =>
  kind === "app" &&
  !!address &&
  given !== undefined &&
  addressApp === appOf(rotation) &&
  !isSame(address, url) &&
  !isSame(address, given);

/** Without what may be a secret in it: user, password, query. */
const plain = (address: string): string => {
  if (!URL.canParse(address)) return "no address";
  const { origin, pathname } = new URL(address);
  return `${origin}${pathname}`;
};

export const tellTaken = (
  { settings }: Rotation,
  { url }: ManagedWebhook,
  { address = "" }: HookState,
): void => {
  ringAlarm(settings.installation, "webhook taken", {
    address: plain(address),
    url,
    remedy:
      "An App has one webhook, and somebody else has set its address: give this installation an App of its own, or " +
      'webhook: "organization". If this one is to have it, write its url into the App\'s settings as the Webhook URL.',
  });
};

/**
 * What has to be set beside the configuration, so that events of jobs are sent. The switch stays as it is: somebody may
 * have wanted it so. Undefined: nothing.
 */
export const missingSubscription = ({ active = true, events }: HookState): Subscription | undefined =>
  isSubscribed(events) ? undefined : { active, events: [...events, EVENT] };

const isSubscribed = (events: readonly string[]): boolean =>
  events.includes(EVENT) || events.includes(ALL_EVENTS);

/** Rings for what keeps events from being sent, and what a person alone can, or may, set. */
export const tellSilence = (
  { settings }: Rotation,
  { kind, hookId }: ManagedWebhook,
  { active, events }: HookState,
): void => {
  if (active === false)
    ringAlarm(settings.installation, "webhook switched off", {
      kind,
      hookId,
      remedy: "GitHub tells of no jobs until somebody makes the webhook active there: nothing here does.",
    });
  if (kind === "app" && !isSubscribed(events))
    ringAlarm(settings.installation, "app not subscribed to jobs", {
      events,
      remedy: 'Subscribe the App to "Workflow job" in its settings, below "Permissions & events".',
    });
};
