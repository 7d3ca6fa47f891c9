import type { GithubSettings, ManagedWebhook } from "../shared/contract";

/** As in the body of https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
export type Permissions = Readonly<Record<string, "read" | "write">>;

/**
 * What `launch` and `sweep` need, and all that the stored installation token can do:
 * https://docs.github.com/en/rest/actions/self-hosted-runners
 */
export const runnerPermissions = ({ repository }: GithubSettings): Permissions =>
  repository === undefined
    ? { organization_self_hosted_runners: "write", actions: "read" }
    : { administration: "write", actions: "read" };

/** What setting a webhook's address and secret needs. The App's own webhook takes its JWT instead. */
export const hookPermissions: Readonly<Record<Exclude<ManagedWebhook["kind"], "app">, Permissions>> = {
  organization: { organization_hooks: "write" },
  repository: { repository_hooks: "write" },
};

/** As they are called on the App's settings page. */
const titles: Readonly<Record<string, string>> = {
  actions: "Repository permissions: Actions",
  administration: "Repository permissions: Administration",
  organization_hooks: "Organization permissions: Webhooks",
  organization_self_hosted_runners: "Organization permissions: Self-hosted runners",
  repository_hooks: "Repository permissions: Webhooks",
};

/** Those of `needed` which `granted` does not cover, in the words of the App's settings page. */
export const missingPermissions = (
  needed: Permissions,
  granted: Readonly<Record<string, string | undefined>>,
): string[] =>
  Object.entries(needed)
    .filter(([name, level]) => granted[name] !== "write" && granted[name] !== level)
    .map(
      ([name, level]) => `"${titles[name] ?? name}: ${level === "write" ? "Read and write" : "Read-only"}"`,
    );
