import { randomBytes, verify } from "node:crypto";

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

/** `write` includes `read`. */
export const covers = (granted: Permissions, asked: Permissions): boolean =>
  Object.entries(asked).every(([name, level]) => granted[name] === "write" || granted[name] === level);

export type AuthorizationKind = "app" | "installation" | "pat" | "none" | "unknown";

export interface Authorization {
  readonly kind: AuthorizationKind;
  readonly permissions: Permissions;
  /** Whose limits it draws on, e.g. `installation ID 7`. */
  readonly name: string;
  /** Of a JWT. */
  readonly app?: App;
  /** Of an installation token: whose installation. Absent: that of any account. */
  readonly installation?: { readonly id: number; readonly owner?: string };
  /** Why nobody is known by it, where GitHub says more than "Bad credentials". */
  readonly refusal?: string;
}

interface Credential extends Authorization {
  readonly expiresAt: number;
}

/** GitHub's own: https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app */
const TOKEN_LIFE_MS = 60 * 60_000;
const LONGEST_JWT_S = 10 * 60;

/** Who may call, and what tokens there are. */
export class Credentials {
  /** Installations that their owner has suspended, by id. */
  readonly suspended = new Set<number>();
  readonly registrationTokens = new Map<string, { readonly scope: string; readonly expiresAt: number }>();
  private readonly known = new Map<string, Credential>();
  private pats = 0;

  constructor(
    private readonly apps: readonly App[],
    readonly now: () => number,
  ) {}

  /** A personal access token; with `permissions`, a fine-grained one. */
  addPat(token: string, permissions: Permissions = allPermissions): void {
    const name = `user ID ${++this.pats}`;
    this.known.set(token, { kind: "pat", permissions, name, expiresAt: Infinity });
  }

  mintInstallationToken(
    permissions: Permissions = allPermissions,
    installation = 7,
    owner?: string,
  ): { token: string; expiresAt: string } {
    const token = `ghs_${randomBytes(18).toString("hex")}`;
    const expiresAt = wholeSecond(this.now() + TOKEN_LIFE_MS);
    const name = `installation ID ${installation}`;
    const of = { id: installation, owner };
    this.known.set(token, { kind: "installation", permissions, name, expiresAt, installation: of });
    return { token, expiresAt: new Date(expiresAt).toISOString() };
  }

  mintRegistrationToken(scope: string): { token: string; expires_at: string } {
    const token = randomBytes(15).toString("hex").toUpperCase().slice(0, 29);
    const expiresAt = wholeSecond(this.now() + TOKEN_LIFE_MS);
    this.registrationTokens.set(token, { scope, expiresAt });
    // With an offset: as GitHub writes it for these.
    const local = new Date(expiresAt - 8 * 60 * 60_000).toISOString();
    return { token, expires_at: local.replace("Z", "-08:00") };
  }

  /** From now on calls with this token get 401. */
  revoke(token: string): void {
    this.known.delete(token);
  }

  permissionsOf(token: string): Permissions | undefined {
    return this.known.get(token)?.permissions;
  }

  authorize(header: string | undefined): Authorization {
    if (!header) return { kind: "none", permissions: {}, name: "nobody" };
    const token = header.replace(/^(bearer|token) /i, "");
    const app = this.apps.find((one) => isJwtOf(one, token));
    if (app) {
      const refusal = untimely(token, this.now());
      return refusal === undefined
        ? { kind: "app", permissions: {}, name: `App ID ${app.id}`, app }
        : { kind: "unknown", permissions: {}, name: "nobody", refusal };
    }
    const known = this.known.get(token);
    return known && known.expiresAt > this.now()
      ? known
      : { kind: "unknown", permissions: {}, name: "nobody" };
  }
}

const isJwtOf = ({ id, publicKey }: App, jwt: string): boolean => {
  const [header = "", payload = "", signature = "", ...rest] = jwt.split(".");
  if (!signature || rest.length > 0 || decode(header).alg !== "RS256") return false;
  const { iss } = decode(payload);
  const signed = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${payload}`),
    publicKey,
    Buffer.from(signature, "base64url"),
  );
  return signed && String(iss) === id;
};

/**
 * What GitHub says of a JWT whose times do not fit its own clock, in its words as octokit's authentication library knows
 * them: https://github.com/octokit/auth-app.js/blob/v8.3.1/src/hook.ts. `iat` lies in the past, `exp` at most ten minutes
 * ahead:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
const untimely = (jwt: string, time: number): string | undefined => {
  const { iat, exp } = decode(jwt.split(".")[1] ?? "");
  const now = time / 1000;
  if (!(Number(exp) > now))
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";
  if (!(Number(exp) <= now + LONGEST_JWT_S))
    return "'Expiration time' claim ('exp') is too far in the future";
  return Number(iat) <= now
    ? undefined
    : "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
};

const wholeSecond = (time: number): number => Math.floor(time / 1000) * 1000;

const decode = (part: string): Record<string, unknown> => {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
};
