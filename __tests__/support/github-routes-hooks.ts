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

/** https://docs.github.com/en/rest/orgs/webhooks */
export const hookRoutes: readonly Route[] = [
  ...atBothLevels("GET", `${OF_A_HOOK}/config`, permissions, getHookConfig),
  ...atBothLevels("PATCH", `${OF_A_HOOK}/config`, permissions, patchHookConfig),
  ...atBothLevels("GET", `${OF_A_HOOK}/deliveries`, reading, listDeliveries),
  ...atBothLevels("POST", `${OF_A_HOOK}/deliveries/{delivery_id}/attempts`, permissions, redeliver),
  { route: "GET /app/hook/config", allow: jwt, answer: getHookConfig },
  { route: "PATCH /app/hook/config", allow: jwt, answer: patchHookConfig },
  { route: "GET /app/hook/deliveries", allow: jwt, answer: listDeliveries },
  { route: "POST /app/hook/deliveries/{delivery_id}/attempts", allow: jwt, answer: redeliver },
];
