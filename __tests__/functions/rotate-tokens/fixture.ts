import type { FurtherApp, ManagedWebhook, RotateTokensSettings } from "../../../functions/shared/contract";
import { makeAppKey } from "../../support/app-key";
import { GithubServer } from "../../support/github-server";
import type { App } from "../../support/github-state";
import { ssmMemory, type SsmMemory } from "../../support/ssm-memory";

export const key = makeAppKey();
export const furtherKey = makeAppKey();
export const NOW = Date.parse("2026-09-01T12:00:00Z");
export const MINUTE = 60_000;

export const parameter = {
  key: "/acme/github-app-key",
  pat: "/acme/pat",
  installation: "/runners/installation-token",
  registration: "/runners/registration-token",
  secret: "/runners/webhook-secret",
  furtherKey: "/acme/further-app-key",
  furtherInstallation: "/runners/installation-token-456",
} as const;

/** Shares the load of App 123. */
export const further: FurtherApp = {
  appId: "456",
  privateKeyParameter: parameter.furtherKey,
  installationTokenParameter: parameter.furtherInstallation,
};

export const hook: ManagedWebhook = {
  kind: "organization",
  hookId: "42",
  url: "https://api.example.com/webhook",
  secretParameter: parameter.secret,
  secretRotationDays: 7,
};

export const route = {
  accessToken: "POST /app/installations/{installation_id}/access_tokens",
  hook: "PATCH /orgs/{org}/hooks/{hook_id}/config",
  registration: "POST /orgs/{org}/actions/runners/registration-token",
} as const;

/** A GitHub where the Apps 123 and 456 are installed at acme, with an organization webhook as Terraform creates it. */
export const startGithub = async (app: Partial<App> = {}): Promise<GithubServer> => {
  const installations = [{ id: 8, owner: "acme" }];
  const github = await GithubServer.start({
    app: { id: "123", publicKey: key.publicKey, ...app },
    apps: [{ id: further.appId, publicKey: furtherKey.publicKey, installations }],
    pats: ["ghp_owner"],
  });
  const made = (): { url: string; secret: string; content_type: string; insecure_ssl: string } => ({
    url: "https://old.example.com/webhook",
    secret: "throw-away",
    content_type: "form",
    insecure_ssl: "0",
  });
  for (const path of ["orgs/acme/hooks/42", "repos/acme/app/hooks/42", "app"])
    github.state.hooks.set(path, made());
  return github;
};

/** Parameter Store as it is after the apply, with the credentials that the user stored. */
export const startSsm = (options?: Parameters<typeof ssmMemory>[1]): SsmMemory =>
  ssmMemory(
    {
      [parameter.key]: key.privateKey,
      [parameter.pat]: "ghp_owner",
      [parameter.installation]: "unset",
      [parameter.registration]: "unset",
      [parameter.secret]: "unset",
      [parameter.furtherKey]: furtherKey.privateKey,
      [parameter.furtherInstallation]: "unset",
    },
    options,
  );

export const appSettings = (
  github: GithubServer,
  more: Partial<RotateTokensSettings> = {},
): RotateTokensSettings => ({
  installation: "runners",
  github: { apiUrl: github.url, webUrl: github.url, owner: "acme" },
  credential: { kind: "app", appId: "123", privateKeyParameter: parameter.key },
  installationTokenParameter: parameter.installation,
  ...more,
});

export const patSettings = (
  github: GithubServer,
  more: Partial<RotateTokensSettings> = {},
): RotateTokensSettings => ({
  installation: "runners",
  github: { apiUrl: github.url, webUrl: github.url, owner: "acme" },
  credential: { kind: "token", tokenParameter: parameter.pat },
  registrationTokenParameter: parameter.registration,
  ...more,
});
