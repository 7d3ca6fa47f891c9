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
  runner_group_id: number;
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

export interface RunnerGroup {
  readonly id: number;
  name: string;
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
  /** Runner groups that somebody made, by scope; the default group is no. 1. */
  readonly groups = new Map<string, RunnerGroup[]>();
  /** Ids of groups that are no more. */
  private readonly removedGroups = new Set<number>();
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

  /**
   * A hook that has the address of this one and an event in common with it: GitHub makes no second one. "Each webhook
   * should have a unique `config`. Multiple webhooks can share the same `config` as long as those webhooks do not have
   * any `events` that overlap": https://docs.github.com/en/rest/repos/webhooks#create-a-repository-webhook
   */
  twinOf(path: string, url: string, events: readonly string[]): string | undefined {
    const scope = path.slice(0, path.lastIndexOf("/") + 1);
    return [...this.hooks].find(
      ([other, config]) =>
        other !== path &&
        other.startsWith(scope) &&
        config.url === url &&
        this.subscriptionOf(other).events.some((event) => events.includes(event)),
    )?.[0];
  }

  groupsOf(scope: string): RunnerGroup[] {
    const groups = this.groups.get(scope) ?? [];
    this.groups.set(scope, groups);
    return groups;
  }

  /**
   * "Runners are automatically returned to the default group when their group is removed":
   * https://docs.github.com/en/actions/how-tos/manage-runners/self-hosted-runners/manage-access#removing-a-self-hosted-runner-group
   */
  removeGroup(scope: string, id: number): boolean {
    const groups = this.groupsOf(scope);
    const index = groups.findIndex((group) => group.id === id);
    if (index < 0) return false;
    groups.splice(index, 1);
    this.removedGroups.add(id);
    for (const runner of this.runnersOf(scope)) if (runner.runner_group_id === id) runner.runner_group_id = 1;
    return true;
  }

  /** Whether runners can join the group. Ids that were never made here are those of groups that tests only name. */
  hasGroup(id: number): boolean {
    return !this.removedGroups.has(id);
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
