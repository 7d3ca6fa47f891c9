import { message, type Answer, type Call, type Route } from "./github-route";
import { hookExists } from "./github-routes-hooks";
import type { HookConfig } from "./github-state";

/** A webhook in Terraform's state. */
interface HookValues {
  readonly id?: string;
  readonly repository?: string;
  readonly active: boolean;
  readonly events: string[];
  readonly configuration: readonly HookBlock[];
}

interface HookBlock {
  readonly url: string;
  readonly content_type: string;
  readonly insecure_ssl: boolean;
  readonly secret?: string | null;
}

/** GitHub shows no secret: https://docs.github.com/en/rest/orgs/webhooks#get-an-organization-webhook */
const STARS = "********";

const configOf = ({ url, content_type, insecure_ssl, secret }: HookBlock): HookConfig => ({
  url,
  content_type,
  insecure_ssl: insecure_ssl ? "1" : "0",
  ...(secret ? { secret } : {}),
});

const create = (call: Call, path: string, values: HookValues): Answer => {
  const url = values.configuration[0]?.url ?? "";
  return call.state.twinOf(path, url, values.events) === undefined
    ? write(call, path, values)
    : hookExists(path);
};

/** Every update sends switch, events and the whole configuration of the state, with the secret as it stands there. */
const write = ({ state }: Call, path: string, { configuration, active, events }: HookValues): Answer => {
  const [block] = configuration;
  if (block) state.hooks.set(path, configOf(block));
  Object.assign(state.subscriptionOf(path), { active, events });
  return { status: 200, body: {} };
};

/** The secret of the state is kept; an import has none, and takes what GitHub shows. */
const read = ({ state }: Call, path: string, { configuration }: HookValues): Answer => {
  const config = state.hooks.get(path);
  if (!config) return { status: 200, body: null };
  const secret = configuration[0] ? configuration[0].secret : STARS;
  const { url, content_type, insecure_ssl } = config;
  const block = {
    url,
    content_type,
    insecure_ssl: insecure_ssl === "1",
    secret: config.secret ? secret : null,
  };
  return { status: 200, body: { ...state.subscriptionOf(path), configuration: [block] } };
};

const remove = ({ state }: Call, path: string): Answer => {
  state.hooks.delete(path);
  return { status: 200, body: {} };
};

const verbs: Readonly<Record<string, (call: Call, path: string, values: HookValues) => Answer>> = {
  create,
  read,
  update: write,
  delete: remove,
};

interface GroupValues {
  readonly id: string;
  readonly name: string;
}

const done: Answer = { status: 200, body: {} };
const groupExists = message(409, "Already exists - A runner group with this name already exists.");

/** The stand-in chooses the ids of what is made, of webhooks as well as of groups. */
const groupVerbs: Readonly<Record<string, (call: Call, scope: string, values: GroupValues) => Answer>> = {
  create: ({ state }, scope, { id, name }) => {
    const groups = state.groupsOf(scope);
    if (groups.some((group) => group.name === name)) return groupExists;
    groups.push({ id: Number(id), name });
    return done;
  },
  read: ({ state }, scope, { id }) =>
    state.groupsOf(scope).some((group) => String(group.id) === id) ? done : { status: 200, body: null },
  update: ({ state }, scope, { id, name }) => {
    const groups = state.groupsOf(scope);
    if (groups.some((group) => group.name === name && String(group.id) !== id)) return groupExists;
    for (const group of groups) if (String(group.id) === id) group.name = name;
    return done;
  },
  delete: ({ state }, scope, { id }) => {
    state.removeGroup(scope, Number(id));
    return done;
  },
};

const WHOSE_TOKEN = "octocat";

/**
 * What the stand-in of GitHub's Terraform provider does at GitHub, as the real one does with webhooks and runner
 * groups; of everything else it is only told.
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/resource_github_organization_webhook.go
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/resource_github_repository_webhook.go
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/resource_github_actions_runner_group.go
 */
export const terraformRoutes = (
  owner: string,
  destroyed: (type: string) => void = () => undefined,
): readonly Route[] => [
  {
    route: "POST /terraform/{type}/{verb}",
    allow: ["pat"],
    answer: (call) => {
      const { type = "", verb = "" } = call.params;
      if (verb === "delete") destroyed(type);
      const organization = `orgs/${call.query.get("owner") ?? owner}`;
      if (type === "github_actions_runner_group")
        return groupVerbs[verb]!(call, organization, call.body as unknown as GroupValues);
      if (!type.endsWith("_webhook")) return done;
      const values = call.body as unknown as HookValues;
      // Without an owner the provider takes whom the token belongs to.
      const whose = call.query.get("owner") ?? WHOSE_TOKEN;
      const scope =
        type === "github_organization_webhook" ? organization : `repos/${whose}/${values.repository}`;
      return verbs[verb]!(call, `${scope}/hooks/${values.id}`, values);
    },
  },
];
