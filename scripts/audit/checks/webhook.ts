import { demand, fail, hidden, pass } from "../finding";
import { isNarrow, widestBits } from "../../../constructs/github-hook-networks";
import { blocks, isFalse, isObject, isTrue, strings, textOf } from "../model";
import { sameSet } from "../policies";
import { eachFunction, setting } from "./shared";
import type { Finding } from "../finding";
import type { View } from "../view";
import type { Check } from "./shared";

/** The setting with the addresses that deliveries may come from; the webhook function's own. */
const SOURCES = "sourceAddresses";

/** Control 25. Off unless asked for: what is not asked for cannot be graded. */
export const sourceAddresses: Check = eachFunction("webhook", ({ resource, settings }) => {
  const given = settings[SOURCES];
  if (given === undefined)
    return [hidden(resource, setting(SOURCES), "not asked for: the signature alone decides")];
  const addresses = strings(given);
  const open = addresses.find((one) => !isNarrow(one));
  return [
    demand(
      addresses.length > 0 && open === undefined,
      resource,
      setting(SOURCES),
      `${addresses.length} networks of GitHub's hooks`,
      open === undefined
        ? "the list is empty"
        : `${open} lets in more than GitHub sends from: its widest network of that kind is a /${widestBits(open)}`,
    ),
  ];
});

const onlyJobs = (view: View): readonly Finding[] =>
  view
    .of("github_organization_webhook", "github_repository_webhook")
    .map((hook) =>
      demand(
        sameSet(strings(hook.attributes.events), ["workflow_job"]),
        hook,
        "events",
        "workflow_job only",
        "GitHub sends other events than workflow_job",
      ),
    );

const privateGroups = (view: View): readonly Finding[] =>
  view.fleets
    .flatMap(
      ({ settings }) => view.named(textOf(settings?.runnerGroupId), "github_actions_runner_group") ?? [],
    )
    .filter(({ attributes }) => isTrue(attributes.allows_public_repositories))
    .map((group) =>
      fail(
        group,
        "allows_public_repositories",
        "whoever opens a pull request to a public repository may run code here",
      ),
    );

/** Control 26. */
export const allowLists: Check = (view, context) => [
  ...eachFunction("webhook", ({ resource, settings }) => {
    const owner = textOf(settings.owner) ?? "";
    const repositories = strings(settings.repositories);
    return [
      demand(
        owner !== "" && !owner.includes("*"),
        resource,
        setting("owner"),
        `jobs of ${owner} only`,
        "jobs of every owner are served",
      ),
      demand(
        isFalse(settings.publicRepositories) || repositories.length > 0,
        resource,
        setting("publicRepositories"),
        repositories.length > 0 ? `${repositories.length} repositories` : "private repositories only",
        "every public repository is served: name the repositories",
      ),
    ];
  })(view, context),
  ...onlyJobs(view),
  ...privateGroups(view),
];

/** Control 27. */
export const twoWayLabels: Check = eachFunction("webhook", ({ resource, settings }) => {
  const routes = blocks(settings.routes);
  if (routes.length === 0) return [fail(resource, setting("routes"), "no fleet has labels")];
  return routes.map(({ fleet, labels, match }) =>
    demand(
      match === "exact" && strings(labels).length > 0,
      resource,
      setting("routes"),
      `fleet ${String(fleet)}: the very labels`,
      `fleet ${String(fleet)} takes jobs that do not name all its labels: it says so itself (match)`,
    ),
  );
});

/** https://docs.github.com/en/actions/concepts/runners/runner-groups: every organization has it. */
const DEFAULT_GROUP = "1";

/** Control 28. */
export const namedGroup: Check = (view) => {
  const atRepository = view
    .functionsOf("launch")
    .find(({ settings }) => isObject(settings?.github) && settings.github.repository !== undefined);
  if (atRepository)
    return [
      hidden(
        atRepository.resource,
        setting("github.repository"),
        "a repository's runners are in no group of their own",
      ),
    ];
  if (view.fleets.length === 0) return [hidden(view.self, "", "no fleet's settings stand in this stack")];
  return view.fleets.map(({ resource, attribute, settings }) => {
    if (settings === undefined) return hidden(resource, attribute, "known after the apply only, or no JSON");
    const id = textOf(settings.runnerGroupId) ?? "";
    if (id.includes("${") && !view.named(id, "github_actions_runner_group"))
      return hidden(resource, `${attribute}.runnerGroupId`, `which group ${id} is, is not known here`);
    return id === "" || id === DEFAULT_GROUP
      ? fail(resource, `${attribute}.runnerGroupId`, "machines join GitHub's default group")
      : pass(resource, `${attribute}.runnerGroupId`, "a group of its own");
  });
};
