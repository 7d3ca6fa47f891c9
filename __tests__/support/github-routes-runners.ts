import type { Permissions } from "./github-credentials";
import type { Runner, RunnerGroup } from "./github-state";
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
  // What the runner's own service says of it: https://github.com/actions/runner/issues/634
  if (!call.state.hasGroup(Number(group)))
    return message(404, `No runner group found with identifier ${String(group)}.`);
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

const OF_GROUPS = "/orgs/{org}/actions/runner-groups";

/** Names are unique: the runner itself is told its group by name. */
const isTaken = (groups: readonly RunnerGroup[], name: string, id?: number): boolean =>
  groups.some((group) => group.id !== id && group.name.toLowerCase() === name.toLowerCase());

const nameTaken = message(409, "Already exists - A runner group with this name already exists.");

const createGroup = (call: Call): Answer => {
  const { state, body } = call;
  const groups = state.groupsOf(scopeOf(call));
  if (isTaken(groups, String(body.name))) return nameTaken;
  const group = { ...GROUP_DEFAULTS, ...body, name: String(body.name), id: state.nextId() };
  groups.push(group);
  return { status: 201, body: group };
};

/** https://docs.github.com/en/rest/actions/self-hosted-runner-groups#create-a-self-hosted-runner-group-for-an-organization */
const GROUP_DEFAULTS = {
  visibility: "all",
  allows_public_repositories: false,
  restricted_to_workflows: false,
  selected_workflows: [],
  default: false,
  inherited: false,
};

const withGroup = (call: Call, act: (group: RunnerGroup) => Answer): Answer => {
  const found = call.state
    .groupsOf(scopeOf(call))
    .find(({ id }) => String(id) === call.params.runner_group_id);
  return found ? act(found) : notFound;
};

const getGroup = (call: Call): Answer => withGroup(call, (group) => ({ status: 200, body: group }));

const updateGroup = (call: Call): Answer =>
  withGroup(call, (group) => {
    const { name = group.name } = call.body;
    if (isTaken(call.state.groupsOf(scopeOf(call)), String(name), group.id)) return nameTaken;
    Object.assign(group, call.body);
    return { status: 200, body: group };
  });

const removeGroup = (call: Call): Answer =>
  withGroup(call, ({ id }) => {
    call.state.removeGroup(scopeOf(call), id);
    return { status: 204 };
  });

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
  ...(
    [
      [`POST ${OF_GROUPS}`, createGroup],
      [`GET ${OF_GROUPS}/{runner_group_id}`, getGroup],
      [`PATCH ${OF_GROUPS}/{runner_group_id}`, updateGroup],
      [`DELETE ${OF_GROUPS}/{runner_group_id}`, removeGroup],
    ] as const
  ).map(([route, answer]) => ({ route, allow: tokens, permissions: permissions[0], answer })),
  // Before the runners' own: the first that fits answers.
  ...atBothLevels("GET", "/actions/runners/downloads", readOnly, listApplications),
  ...atBothLevels("GET", "/actions/runners/deprecations/{version}", readOnly, getSchedule),
  ...atBothLevels("GET", "/actions/runners/{runner_id}", permissions, getRunner),
  ...atBothLevels("DELETE", "/actions/runners/{runner_id}", permissions, deleteRunner),
];
