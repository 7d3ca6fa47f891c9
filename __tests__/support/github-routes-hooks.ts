import type { Permissions } from "./github-credentials";
import { shownDelivery } from "./github-deliveries";
import {
  atBothLevels,
  jwt,
  linkHeader,
  linkTo,
  message,
  notFound,
  pageSize,
  scopeOf,
  type Answer,
  type Call,
  type Route,
} from "./github-route";
import type { HookConfig } from "./github-state";

const hookPath = (call: Call): string =>
  call.params.hook_id ? `${scopeOf(call)}/hooks/${call.params.hook_id}` : "app";

const shown = (config: HookConfig): HookConfig =>
  config.secret ? { ...config, secret: "********" } : config;

const getHookConfig = (call: Call): Answer => {
  const config = call.state.hooks.get(hookPath(call));
  return config ? { status: 200, body: shown(config) } : notFound;
};

const patchHookConfig = (call: Call): Answer => {
  const config = call.state.hooks.get(hookPath(call));
  if (!config) return notFound;
  Object.assign(config, call.body);
  return { status: 200, body: shown(config) };
};

const idOf = (path: string): number => Number(path.split("/").at(-1));

/** As a whole, with its switch and its events; the secret is never shown. */
const shownHook = ({ state }: Call, path: string, config: HookConfig): Answer => ({
  status: 200,
  body: { id: idOf(path), name: "web", ...state.subscriptionOf(path), config: shown(config) },
});

const getHook = (call: Call): Answer => {
  const path = hookPath(call);
  const config = call.state.hooks.get(path);
  return config ? shownHook(call, path, config) : notFound;
};

interface HookBody {
  readonly config?: Partial<HookConfig>;
  readonly active?: boolean;
  readonly events?: string[];
}

const NO_CONFIG: HookConfig = { url: "", content_type: "form", insecure_ssl: "0" };
/** https://docs.github.com/en/rest/orgs/webhooks#create-an-organization-webhook */
const DEFAULTS = { active: true, events: ["push"] };

/** In GitHub's words as others met them: https://github.com/readthedocs/readthedocs.org/issues/2561 */
export const hookExists = (path: string): Answer => {
  const level = path.startsWith("orgs/") ? "organization" : "repository";
  const error = { resource: "Hook", code: "custom", message: `Hook already exists on this ${level}` };
  return { status: 422, body: { message: "Validation Failed", errors: [error] } };
};

const createHook = (call: Call): Answer => {
  const { state } = call;
  const { config, active = DEFAULTS.active, events = DEFAULTS.events } = call.body as HookBody;
  const path = `${scopeOf(call)}/hooks/${state.nextId()}`;
  const made = { ...NO_CONFIG, ...config };
  if (state.twinOf(path, made.url, events) !== undefined) return hookExists(path);
  state.hooks.set(path, made);
  Object.assign(state.subscriptionOf(path), { active, events });
  return { ...shownHook(call, path, made), status: 201 };
};

/**
 * "If you previously had a secret set, you must provide the same secret or set a new secret or the secret will be
 * removed"; `active` and `events` have the same defaults as for a new hook:
 * https://docs.github.com/en/rest/orgs/webhooks#update-an-organization-webhook
 */
const updateHook = (call: Call): Answer => {
  const path = hookPath(call);
  const config = call.state.hooks.get(path);
  if (!config) return notFound;
  const { active = DEFAULTS.active, events = DEFAULTS.events, ...body } = call.body as HookBody;
  const changed: HookConfig = { ...config, secret: undefined, ...body.config };
  call.state.hooks.set(path, changed);
  Object.assign(call.state.subscriptionOf(path), { active, events });
  return shownHook(call, path, changed);
};

const deleteHook = (call: Call): Answer =>
  call.state.hooks.delete(hookPath(call)) ? { status: 204 } : notFound;

const CURSOR = "v1_";

/** Newest first, page by page: a cursor names the delivery that a page begins with. */
const listDeliveries = (call: Call): Answer => {
  const { state, query, url } = call;
  if (!state.hooks.has(hookPath(call))) return notFound;
  const [status, redelivery, cursor] = ["status", "redelivery", "cursor"].map((name) => query.get(name));
  const all = state.deliveries
    .of(hookPath(call))
    .filter((one) => !status || (status === "success") === succeeded(one.status_code))
    .filter((one) => !redelivery || (redelivery === "true") === one.redelivery)
    .reverse();
  const start = cursor ? all.findIndex(({ id }) => cursor === `${CURSOR}${id}`) : 0;
  if (start < 0) return message(400, "Invalid cursor");
  const end = start + pageSize(query);
  const next = all[end] ? [linkTo(url, "cursor", `${CURSOR}${all[end].id}`, "next")] : [];
  return { status: 200, body: all.slice(start, end).map(shownDelivery), headers: linkHeader(next) };
};

const redeliver = (call: Call): Answer => {
  const { deliveries } = call.state;
  const found = deliveries.of(hookPath(call)).find(({ id }) => String(id) === call.params.delivery_id);
  if (!found) return notFound;
  deliveries.again(found);
  return { status: 202, body: {} };
};

const succeeded = (status: number): boolean => status >= 200 && status < 300;

const permissions: readonly [Permissions, Permissions] = [
  { organization_hooks: "write" },
  { repository_hooks: "write" },
];
const reading: readonly [Permissions, Permissions] = [
  { organization_hooks: "read" },
  { repository_hooks: "read" },
];
const OF_A_HOOK = "/hooks/{hook_id}";

const ofHooks: readonly Route[] = [
  ...atBothLevels("POST", "/hooks", permissions, createHook),
  ...atBothLevels("GET", OF_A_HOOK, reading, getHook),
  ...atBothLevels("PATCH", OF_A_HOOK, permissions, updateHook),
  ...atBothLevels("DELETE", OF_A_HOOK, permissions, deleteHook),
];

/** https://docs.github.com/en/rest/orgs/webhooks */
export const hookRoutes: readonly Route[] = [
  ...ofHooks,
  ...atBothLevels("GET", `${OF_A_HOOK}/config`, permissions, getHookConfig),
  ...atBothLevels("PATCH", `${OF_A_HOOK}/config`, permissions, patchHookConfig),
  ...atBothLevels("GET", `${OF_A_HOOK}/deliveries`, reading, listDeliveries),
  ...atBothLevels("POST", `${OF_A_HOOK}/deliveries/{delivery_id}/attempts`, permissions, redeliver),
  { route: "GET /app/hook/config", allow: jwt, answer: getHookConfig },
  { route: "PATCH /app/hook/config", allow: jwt, answer: patchHookConfig },
  { route: "GET /app/hook/deliveries", allow: jwt, answer: listDeliveries },
  { route: "POST /app/hook/deliveries/{delivery_id}/attempts", allow: jwt, answer: redeliver },
];
