import type { ManagedWebhook, RotateTokensSettings } from "../shared/contract";

/** As in the body of https://docs.github.com/en/rest/apps/apps#create-an-installation-access-token-for-an-app */
export type Permissions = Readonly<Record<string, "read" | "write">>;

/**
 * What `launch` and `sweep` need, and all that a stored installation token can do:
 * https://docs.github.com/en/rest/actions/self-hosted-runners
 * https://docs.github.com/en/rest/actions/workflow-runs#re-run-a-job-from-a-workflow-run
 */
export const runnerPermissions = ({
  github,
  rerunInterrupted = false,
}: Pick<RotateTokensSettings, "github" | "rerunInterrupted">): Permissions => ({
  ...(github.repository === undefined
    ? { organization_self_hosted_runners: "write" }
    : { administration: "write" }),
  actions: rerunInterrupted ? "write" : "read",
});

/** What it needs to ask which version of the runner GitHub offers. */
export const readRunners = ({ repository }: RotateTokensSettings["github"]): Permissions =>
  repository === undefined ? { organization_self_hosted_runners: "read" } : { administration: "read" };

/**
 * What an installation gets whose owner has not accepted yet that interrupted jobs are run again: machines must not
 * stop registering for that. Undefined: there is nothing to do without.
 */
export const withoutReruns = (permissions: Permissions): Permissions | undefined =>
  permissions.actions === "write" ? { ...permissions, actions: "read" } : undefined;

/** What it needs to set a webhook's address and secret, and to have its deliveries sent again. The App's own webhook takes its JWT instead. */
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
