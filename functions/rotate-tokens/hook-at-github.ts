import type { Octokit } from "@octokit/rest";
import type { GithubSettings, ManagedWebhook } from "../shared/contract";
import { hookClient, hookSentences } from "./hook";
import type { Rotation } from "./rotate-tokens";
import { explained } from "./setup-error";

/** What a webhook shows of itself: all but its secret. */
export interface HookState {
  /** Absent: there is none yet. */
  readonly address?: string;
  /** Absent of an App's webhook, whose switch GitHub shows to people only. */
  readonly active?: boolean;
  readonly events: readonly string[];
}

export interface HookConfig {
  readonly url: string;
  readonly secret: string;
  readonly content_type: string;
  readonly insecure_ssl: string;
}

export interface Subscription {
  readonly active: boolean;
  readonly events: readonly string[];
}

interface Place extends GithubSettings {
  readonly hook: number;
}

interface Calls {
  readonly read: (client: Octokit, at: Place) => Promise<HookState>;
  readonly write: (client: Octokit, at: Place, config: HookConfig) => Promise<unknown>;
  /** Absent of an App's webhook: there is no such call. */
  readonly subscribe?: (client: Octokit, at: Place, hook: WholeHook) => Promise<unknown>;
}

/** A call that names events or the switch takes the secret away unless it brings it: https://docs.github.com/en/rest/orgs/webhooks#update-an-organization-webhook */
interface WholeHook {
  readonly config: HookConfig;
  readonly active: boolean;
  readonly events: string[];
}

interface HookAnswer {
  readonly data: {
    readonly active: boolean;
    readonly events: string[];
    readonly config: { readonly url?: string };
  };
}

const stateOf = ({ data: { active, events, config } }: HookAnswer): HookState => ({
  address: config.url,
  active,
  events,
});

/**
 * `data` is the body as it is: given beside it, `url` would be taken for the address to call.
 * https://docs.github.com/en/rest/orgs/webhooks, https://docs.github.com/en/rest/repos/webhooks,
 * https://docs.github.com/en/rest/apps/webhooks
 */
const calls: Readonly<Record<ManagedWebhook["kind"], Calls>> = {
  organization: {
    read: async (client, { owner, hook: hook_id }) =>
      stateOf(await client.request("GET /orgs/{org}/hooks/{hook_id}", { org: owner, hook_id })),
    write: (client, { owner, hook: hook_id }, data) =>
      client.request("PATCH /orgs/{org}/hooks/{hook_id}/config", { org: owner, hook_id, data }),
    subscribe: (client, { owner, hook: hook_id }, data) =>
      client.request("PATCH /orgs/{org}/hooks/{hook_id}", { org: owner, hook_id, data }),
  },
  repository: {
    read: async (client, { owner, repository: repo = "", hook: hook_id }) =>
      stateOf(await client.request("GET /repos/{owner}/{repo}/hooks/{hook_id}", { owner, repo, hook_id })),
    write: (client, { owner, repository: repo = "", hook: hook_id }, data) =>
      client.request("PATCH /repos/{owner}/{repo}/hooks/{hook_id}/config", { owner, repo, hook_id, data }),
    subscribe: (client, { owner, repository: repo = "", hook: hook_id }, data) =>
      client.request("PATCH /repos/{owner}/{repo}/hooks/{hook_id}", { owner, repo, hook_id, data }),
  },
  app: {
    read: async (client) => {
      const config = await client.request("GET /app/hook/config");
      const app = await client.request("GET /app");
      return { address: config.data.url, events: app.data?.events ?? [] };
    },
    write: (client, _at, data) => client.request("PATCH /app/hook/config", { data }),
  },
};

/** The webhook at GitHub. Every call throws SetupError when GitHub does not let us, and says what to do. */
export interface HookAtGithub {
  read(): Promise<HookState>;
  /** @param subscription to be set beside it; of an App's webhook it cannot be */
  write(config: HookConfig, subscription?: Subscription): Promise<void>;
}

export const openHook = async (rotation: Rotation, webhook: ManagedWebhook): Promise<HookAtGithub> => {
  const client = await hookClient(rotation, webhook);
  const sentences = hookSentences(rotation, webhook);
  const at: Place = { ...rotation.settings.github, hook: Number(webhook.hookId) };
  const { read, write, subscribe } = calls[webhook.kind];
  return {
    read: () => explained(read(client, at), sentences),
    write: async (config, subscription) => {
      const whole = subscription && { ...subscription, events: [...subscription.events], config };
      await explained(
        whole && subscribe ? subscribe(client, at, whole) : write(client, at, config),
        sentences,
      );
    },
  };
};
