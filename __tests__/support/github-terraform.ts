import type { Answer, Call, Route } from "./github-route";
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
  create: write,
  read,
  update: write,
  delete: remove,
};

/**
 * What the stand-in of GitHub's Terraform provider does at GitHub, as the real one does with webhooks; of everything else
 * it is only told.
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/resource_github_organization_webhook.go
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/resource_github_repository_webhook.go
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
      const values = call.body as unknown as HookValues;
      const scope =
        type === "github_organization_webhook" ? `orgs/${owner}` : `repos/${owner}/${values.repository}`;
      return type.endsWith("_webhook")
        ? (verbs[verb] as (typeof verbs)[string])(call, `${scope}/hooks/${values.id}`, values)
        : { status: 200, body: {} };
    },
  },
];
