import type { Permissions } from "./github-credentials";
import type { Runner } from "./github-state";
import { getSchedule, listApplications } from "./github-releases";
import {
  atBothLevels,
  listed,
  message,
  notFound,
  scopeOf,
  tokens,
  type Answer,
  type Call,
  type Route,
} from "./github-route";

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
  return listed(call, "runners", all);
};

/**
 * Those of one group. It has no filter by name, and knows nothing of what stands in other groups; groups exist at the
 * level of an organization only.
 * https://docs.github.com/en/rest/actions/self-hosted-runner-groups#list-self-hosted-runners-in-a-group-for-an-organization
 */
const listGroup = (call: Call): Answer => {
  const inGroup = ({ runner_group_id: id }: Runner): boolean => String(id) === call.params.runner_group_id;
  return listed(call, "runners", call.state.runnersOf(scopeOf(call)).filter(inGroup));
};

const getRunner = (call: Call): Answer => {
  const found = call.state.runnersOf(scopeOf(call)).find(({ id }) => String(id) === call.params.runner_id);
  return found ? { status: 200, body: found } : notFound;
};

const deleteRunner = (call: Call): Answer => {
  const runners = call.state.runnersOf(scopeOf(call));
  const index = runners.findIndex(({ id }) => String(id) === call.params.runner_id);
  const runner = runners[index];
  if (!runner) return notFound;
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

const permissions: readonly [Permissions, Permissions] = [
  { organization_self_hosted_runners: "write" },
  { administration: "write" },
];
const readOnly: readonly [Permissions, Permissions] = [
  { organization_self_hosted_runners: "read" },
  { administration: "read" },
];

/** https://docs.github.com/en/rest/actions/self-hosted-runners */
export const runnerRoutes: readonly Route[] = [
  ...atBothLevels("POST", "/actions/runners/generate-jitconfig", permissions, generateJitConfig),
  ...atBothLevels("POST", "/actions/runners/registration-token", permissions, registrationToken),
  ...atBothLevels("GET", "/actions/runners", permissions, listRunners),
  {
    route: "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners",
    allow: tokens,
    permissions: permissions[0],
    answer: listGroup,
  },
  // Before the runners' own: the first that fits answers.
  ...atBothLevels("GET", "/actions/runners/downloads", readOnly, listApplications),
  ...atBothLevels("GET", "/actions/runners/deprecations/{version}", readOnly, getSchedule),
  ...atBothLevels("GET", "/actions/runners/{runner_id}", permissions, getRunner),
  ...atBothLevels("DELETE", "/actions/runners/{runner_id}", permissions, deleteRunner),
];
