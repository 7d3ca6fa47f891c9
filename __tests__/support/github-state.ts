import { randomBytes, verify } from "node:crypto";

export interface Runner {
  readonly id: number;
  readonly name: string;
  os: string;
  status: "online" | "offline";
  busy: boolean;
  readonly ephemeral: boolean;
  readonly runner_group_id: number;
  readonly labels: readonly { id: number; name: string; type: "custom" }[];
}

export interface HookConfig {
  url: string;
  content_type: string;
  insecure_ssl: string;
  secret?: string;
}

export type Permissions = Readonly<Record<string, "read" | "write">>;

export interface App {
  readonly id: string;
  /** PEM, SPKI */
  readonly publicKey: string;
  /** What the owner granted the installation. Default: {@link allPermissions} */
  readonly permissions?: Permissions;
  /** Where it is installed. Default: `[{ id: 7, owner: "acme" }]` */
  readonly installations?: readonly { readonly id: number; readonly owner: string }[];
}

export const allPermissions: Permissions = {
  actions: "write",
  administration: "write",
  organization_hooks: "write",
  organization_self_hosted_runners: "write",
  repository_hooks: "write",
};

export type AuthorizationKind = "app" | "installation" | "pat" | "none" | "unknown";

export interface Authorization {
  readonly kind: AuthorizationKind;
  readonly permissions: Permissions;
}

interface Credential extends Authorization {
  readonly expiresAt: number;
}

/** GitHub's own: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app */
const TOKEN_LIFE_MS = 60 * 60_000;
const LONGEST_JWT_S = 10 * 60;

/** What this GitHub knows. Public fields are there for tests to look at, and to change. */
export class GithubState {
  /** By scope: `orgs/acme` or `repos/acme/app`. */
  readonly runners = new Map<string, Runner[]>();
  /** By path: `orgs/acme/hooks/1`, `repos/acme/app/hooks/1`, `app`. A hook that is not here answers 404. */
  readonly hooks = new Map<string, HookConfig>();
  readonly registrationTokens = new Map<string, { readonly scope: string; readonly expiresAt: number }>();
  private readonly credentials = new Map<string, Credential>();
  private lastId = 1000;

  constructor(
    readonly app: App | undefined,
    readonly now: () => number,
  ) {}

  nextId(): number {
    return ++this.lastId;
  }

  runnersOf(scope: string): Runner[] {
    const runners = this.runners.get(scope) ?? [];
    this.runners.set(scope, runners);
    return runners;
  }

  /** A personal access token; with `permissions`, a fine-grained one. */
  addPat(token: string, permissions: Permissions = allPermissions): void {
    this.credentials.set(token, { kind: "pat", permissions, expiresAt: Infinity });
  }

  mintInstallationToken(permissions: Permissions = allPermissions): { token: string; expiresAt: string } {
    const token = `ghs_${randomBytes(18).toString("hex")}`;
    const expiresAt = this.wholeSecond(this.now() + TOKEN_LIFE_MS);
    this.credentials.set(token, { kind: "installation", permissions, expiresAt });
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }

  mintRegistrationToken(scope: string): { token: string; expires_at: string } {
    const token = randomBytes(15).toString("hex").toUpperCase().slice(0, 29);
    const expiresAt = this.wholeSecond(this.now() + TOKEN_LIFE_MS);
    this.registrationTokens.set(token, { scope, expiresAt });
    // With an offset: as GitHub writes it for these.
    const local = new Date(expiresAt - 8 * 60 * 60_000).toISOString();
    return { token, expires_at: local.replace("Z", "-08:00") };
  }

  /** From now on calls with this token get 401. */
  revoke(token: string): void {
    this.credentials.delete(token);
  }

  permissionsOf(token: string): Permissions | undefined {
    return this.credentials.get(token)?.permissions;
  }

  authorize(header: string | undefined): Authorization {
    if (!header) return { kind: "none", permissions: {} };
    const token = header.replace(/^(bearer|token) /i, "");
    if (token.split(".").length === 3 && this.isAppJwt(token)) return { kind: "app", permissions: {} };
    const known = this.credentials.get(token);
    return known && known.expiresAt > this.now() ? known : { kind: "unknown", permissions: {} };
  }

  private isAppJwt(jwt: string): boolean {
    const [header = "", payload = "", signature = ""] = jwt.split(".");
    if (!this.app || decode(header).alg !== "RS256") return false;
    const { iss, iat, exp } = decode(payload);
    const now = this.now() / 1000;
    const timely = Number(exp) > now && Number(exp) <= now + LONGEST_JWT_S && Number(iat) <= now;
    const signed = verify(
      "RSA-SHA256",
      Buffer.from(`${header}.${payload}`),
      this.app.publicKey,
      Buffer.from(signature, "base64url"),
    );
    return signed && timely && String(iss) === this.app.id;
  }

  private wholeSecond(time: number): number {
    return Math.floor(time / 1000) * 1000;
  }
}

const decode = (part: string): Record<string, unknown> => {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
};
