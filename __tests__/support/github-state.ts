import { ActionsState } from "./github-actions";
import { Credentials, type App } from "./github-credentials";
import { Deliveries } from "./github-deliveries";
import { RunnerReleases } from "./github-releases";

export { allPermissions } from "./github-credentials";
export type { App, Authorization, AuthorizationKind, Permissions } from "./github-credentials";

export interface Runner {
  readonly id: number;
  readonly name: string;
  os: string;
  status: "online" | "offline";
  busy: boolean;
  readonly ephemeral: boolean;
  readonly runner_group_id: number;
  readonly labels: readonly { id: number; name: string; type: "custom" }[];
  /** Of the runner that was online last; null before. Since September 2026, and not on every Enterprise Server. */
  version?: string | null;
}

export interface HookConfig {
  url: string;
  content_type: string;
  insecure_ssl: string;
  secret?: string;
}

/** Whether a hook sends, and what. */
export interface Subscription {
  active: boolean;
  events: string[];
}

/** What this GitHub knows. Public fields are there for tests to look at, and to change. */
export class GithubState extends Credentials {
  /** By scope: `orgs/acme` or `repos/acme/app`. */
  readonly runners = new Map<string, Runner[]>();
  /** By path: `orgs/acme/hooks/1`, `repos/acme/app/hooks/1`, `app`. A hook that is not here answers 404. */
  readonly hooks = new Map<string, HookConfig>();
  private readonly subscriptions = new Map<string, Subscription>();
  readonly deliveries: Deliveries;
  readonly releases = new RunnerReleases();
  readonly actions: ActionsState;
  private lastId = 1000;

  constructor(apps: readonly App[], now: () => number) {
    super(apps, now);
    const nextId = (): number => this.nextId();
    this.deliveries = new Deliveries(nextId, now, (hook, event) => this.sends(hook, event));
    this.actions = new ActionsState({ nextId, now, deregister: (runner) => this.deregister(runner) });
  }

  nextId(): number {
    return ++this.lastId;
  }

  /** Of a hook, by its path. Unless a test changes it: active, for `workflow_job`. */
  subscriptionOf(hook: string): Subscription {
    const subscription = this.subscriptions.get(hook) ?? { active: true, events: ["workflow_job"] };
    this.subscriptions.set(hook, subscription);
    return subscription;
  }

  /** A ping is sent to every hook: https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping */
  private sends(hook: string, event: string): boolean {
    const { active, events } = this.subscriptionOf(hook);
    return active && (event === "ping" || events.includes("*") || events.includes(event));
  }

  runnersOf(scope: string): Runner[] {
    const runners = this.runners.get(scope) ?? [];
    this.runners.set(scope, runners);
    return runners;
  }

  /** Removes the record, as GitHub does for an ephemeral runner after its job. */
  deregister(runner: Runner): void {
    for (const runners of this.runners.values()) {
      const index = runners.indexOf(runner);
      if (index >= 0) runners.splice(index, 1);
    }
  }
}
