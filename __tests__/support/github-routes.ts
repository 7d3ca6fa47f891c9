import { allPermissions } from "./github-state";
import type { Authorization, AuthorizationKind, GithubState, HookConfig, Permissions } from "./github-state";

export interface Call {
  readonly state: GithubState;
  readonly authorization: Authorization;
  /** What the placeholders of the path stand for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  /** Method and path with placeholders, e.g. `GET /orgs/{org}/actions/runners`. */
  readonly route: string;
  readonly allow: readonly AuthorizationKind[];
  /** One of these is needed (installation tokens and fine-grained personal access tokens). */
  readonly permissions?: Permissions;
  readonly answer: (call: Call) => Answer;
}

export const message = (status: number, text: string): Answer => ({ status, body: { message: text } });

const tokens = ["installation", "pat"] as const;
const jwt = ["app"] as const;
const organizationRunners: Permissions = { organization_self_hosted_runners: "write" };
const repositoryRunners: Permissions = { administration: "write" };

const scopeOf = ({ params: { org, owner, repo } }: Call): string =>
  org ? `orgs/${org}` : `repos/${owner ?? ""}/${repo ?? ""}`;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

const generateJitConfig = (call: Call): Answer => {
  const { name, runner_group_id: group, labels, work_folder: workFolder = "_work" } = call.body;
  const valid = typeof name === "string" && Number.isInteger(group) && Array.isArray(labels);
  if (!valid || labels.length < 1 || labels.length > 100) return message(422, "Invalid request.");
  const scope = scopeOf(call);
  const runners = call.state.runnersOf(scope);
  if (runners.some((runner) => runner.name === name)) {
    return message(409, `Already exists - A runner with the name ${name} already exists.`);
  }
  const runner = {
    id: call.state.nextId(),
    name,
    os: "unknown",
    status: "offline" as const,
    busy: false,
    ephemeral: true,
    runner_group_id: Number(group),
    labels: labels.map((label, id) => ({ id, name: String(label), type: "custom" as const })),
  };
  runners.push(runner);
  const files = {
    ".runner": encode({
      AgentId: runner.id,
      AgentName: name,
      Ephemeral: true,
      WorkFolder: workFolder,
      scope,
    }),
    ".credentials": encode({ Scheme: "OAuth", Data: { ClientId: `client-${runner.id}` } }),
    ".credentials_rsaparams": encode({ d: "x".repeat(1200) }),
  };
  return { status: 201, body: { runner, encoded_jit_config: encode(files) } };
};

const listRunners = (call: Call): Answer => {
  const name = call.query.get("name");
  const all = call.state.runnersOf(scopeOf(call)).filter((runner) => !name || runner.name === name);
  const size = Math.min(Number(call.query.get("per_page") ?? 30), 100);
  const start = (Number(call.query.get("page") ?? 1) - 1) * size;
  return { status: 200, body: { total_count: all.length, runners: all.slice(start, start + size) } };
};

const getRunner = (call: Call): Answer => {
  const found = call.state.runnersOf(scopeOf(call)).find(({ id }) => String(id) === call.params.runner_id);
  return found ? { status: 200, body: found } : message(404, "Not Found");
};

const deleteRunner = (call: Call): Answer => {
  const runners = call.state.runnersOf(scopeOf(call));
  const index = runners.findIndex(({ id }) => String(id) === call.params.runner_id);
  const runner = runners[index];
  if (!runner) return message(404, "Not Found");
  if (runner.busy) {
    return message(
      422,
      `Bad request - Runner "${runner.name}" is currently running a job and cannot be deleted.`,
    );
  }
  runners.splice(index, 1);
  return { status: 204 };
};

const registrationToken = (call: Call): Answer => ({
  status: 201,
  body: call.state.mintRegistrationToken(scopeOf(call)),
});

const findInstallation = ({ state, params }: Call): Answer => {
  const owner = (params.org ?? params.owner ?? params.username ?? "").toLowerCase();
  const found = installationsOf(state).find((installation) => installation.owner.toLowerCase() === owner);
  return found ? { status: 200, body: shownInstallation(state, found) } : message(404, "Not Found");
};

const getInstallation = ({ state, params }: Call): Answer => {
  const found = installationsOf(state).find(({ id }) => String(id) === params.installation_id);
  return found ? { status: 200, body: shownInstallation(state, found) } : message(404, "Not Found");
};

const createAccessToken = ({ state, params, body }: Call): Answer => {
  if (!installationsOf(state).some(({ id }) => String(id) === params.installation_id))
    return message(404, "Not Found");
  const granted = grantedBy(state);
  const asked = (body.permissions as Permissions | undefined) ?? granted;
  if (!covers(granted, asked)) {
    return message(422, "The permissions requested are not granted to this installation.");
  }
  const { token, expiresAt } = state.mintInstallationToken(asked);
  return {
    status: 201,
    // Whole seconds, without milliseconds: as GitHub writes it.
    body: {
      token,
      expires_at: expiresAt.replace(".000Z", "Z"),
      permissions: asked,
      repository_selection: "all",
    },
  };
};

const shownInstallation = (state: GithubState, { id, owner }: { id: number; owner: string }): unknown => ({
  id,
  account: { login: owner },
  permissions: grantedBy(state),
});

const installationsOf = (state: GithubState): readonly { id: number; owner: string }[] =>
  state.app?.installations ?? [{ id: 7, owner: "acme" }];

const grantedBy = (state: GithubState): Permissions => state.app?.permissions ?? allPermissions;

/** `write` includes `read`. */
export const covers = (granted: Permissions, asked: Permissions): boolean =>
  Object.entries(asked).every(([name, level]) => granted[name] === "write" || granted[name] === level);

const hookPath = (call: Call): string =>
  call.params.hook_id ? `${scopeOf(call)}/hooks/${call.params.hook_id}` : "app";

const shown = (config: HookConfig): HookConfig =>
  config.secret ? { ...config, secret: "********" } : config;

const getHookConfig = (call: Call): Answer => {
  const config = call.state.hooks.get(hookPath(call));
  return config ? { status: 200, body: shown(config) } : message(404, "Not Found");
};

const patchHookConfig = (call: Call): Answer => {
  const config = call.state.hooks.get(hookPath(call));
  if (!config) return message(404, "Not Found");
  Object.assign(config, call.body);
  return { status: 200, body: shown(config) };
};

/** One verb at both levels where runners can be registered. */
const atBothLevels = (
  method: string,
  rest: string,
  permissions: readonly [organization: Permissions, repository: Permissions],
  answer: Route["answer"],
): Route[] => [
  { route: `${method} /orgs/{org}${rest}`, allow: tokens, permissions: permissions[0], answer },
  { route: `${method} /repos/{owner}/{repo}${rest}`, allow: tokens, permissions: permissions[1], answer },
];

const runnerPermissions = [organizationRunners, repositoryRunners] as const;
const hookPermissions = [{ organization_hooks: "write" }, { repository_hooks: "write" }] as const;

export const routes: readonly Route[] = [
  ...atBothLevels("POST", "/actions/runners/generate-jitconfig", runnerPermissions, generateJitConfig),
  ...atBothLevels("POST", "/actions/runners/registration-token", runnerPermissions, registrationToken),
  ...atBothLevels("GET", "/actions/runners", runnerPermissions, listRunners),
  ...atBothLevels("GET", "/actions/runners/{runner_id}", runnerPermissions, getRunner),
  ...atBothLevels("DELETE", "/actions/runners/{runner_id}", runnerPermissions, deleteRunner),
  ...atBothLevels("GET", "/hooks/{hook_id}/config", hookPermissions, getHookConfig),
  ...atBothLevels("PATCH", "/hooks/{hook_id}/config", hookPermissions, patchHookConfig),
  { route: "GET /app/hook/config", allow: jwt, answer: getHookConfig },
  { route: "PATCH /app/hook/config", allow: jwt, answer: patchHookConfig },
  { route: "GET /orgs/{org}/installation", allow: jwt, answer: findInstallation },
  { route: "GET /repos/{owner}/{repo}/installation", allow: jwt, answer: findInstallation },
  { route: "GET /users/{username}/installation", allow: jwt, answer: findInstallation },
  { route: "GET /app/installations/{installation_id}", allow: jwt, answer: getInstallation },
  { route: "POST /app/installations/{installation_id}/access_tokens", allow: jwt, answer: createAccessToken },
];
