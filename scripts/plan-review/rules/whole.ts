import { configuredResources } from "../../audit/read-plan";
import { block, blocks, strings, textOf, withoutIndex } from "../../audit/model";
import { listed, phrase } from "../phrase";
import type { Attributes } from "../../audit/model";
import type { Matter } from "../matters";
import type { Phrase } from "../phrase";
import type { Plan } from "../plan";

/** What tells of the plan itself: https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
type Told = (json: Attributes) => Phrase | undefined;

const deferred = ({ deferred_changes }: Attributes): readonly string[] =>
  blocks(deferred_changes).map(({ resource_change }) => String(block(resource_change).address));

const failedChecks = ({ checks }: Attributes): readonly string[] =>
  blocks(checks)
    .filter(({ status }) => status === "fail" || status === "error")
    .map(({ address }) => textOf(block(address).to_display) ?? "a check");

const ifAny = (all: readonly string[], tell: (all: Phrase) => Phrase): Phrase | undefined =>
  all.length === 0 ? undefined : tell(listed(all));

const TOLD: readonly Told[] = [
  ({ errored }) =>
    errored === true
      ? ["Terraform failed while it planned: what it had not come to is missing here"]
      : undefined,
  (json) => ifAny(deferred(json), (all) => phrase`put off until a later apply: ${all}`),
  (json) =>
    json.complete === false && json.errored !== true && deferred(json).length === 0
      ? ["another plan will be needed after this one is applied"]
      : undefined,
  (json) => ifAny(failedChecks(json), (all) => phrase`checks of the configuration fail: ${all}`),
];

const incomplete = ({ json }: Plan): readonly Matter[] =>
  TOLD.flatMap((tell): readonly Matter[] => {
    const text = tell(json);
    return text === undefined ? [] : [{ kind: "incomplete", level: "attention", address: "", text }];
  });

const provisioners = ({ changes, json }: Plan): readonly Matter[] => {
  const configured = configuredResources(json);
  return changes
    .filter(({ action }) => action === "create" || action === "replace" || action === "delete")
    .flatMap(({ address }): readonly Matter[] => {
      const all = blocks(configured.get(withoutIndex(address))?.provisioners);
      const types = strings(all.map(({ type }) => type));
      if (types.length === 0) return [];
      const text = phrase`runs commands with the rights of whoever applies: ${listed(types)}`;
      return [{ kind: "command-run", level: "danger", address, text }];
    });
};

/** https://developer.hashicorp.com/terraform/language/block/action */
const actions = ({ json }: Plan): readonly Matter[] => {
  const all = [...blocks(json.action_invocations), ...blocks(json.deferred_action_invocations)];
  const text = ifAny(
    all.map(({ address, type }) => textOf(address) ?? String(type)),
    (names) => phrase`the apply starts ${names}`,
  );
  return text === undefined ? [] : [{ kind: "command-run", level: "danger", address: "", text }];
};

const imported = ({ changes }: Plan): readonly Matter[] =>
  changes
    .filter(({ isImported }) => isImported)
    .map(({ address }) => ({
      kind: "imported",
      level: "attention",
      address,
      text: ["stood outside of this configuration, and is taken over by it"],
    }));

/** What a plan brings beside its changes, and what it lacks. */
export const whole = (plan: Plan): readonly Matter[] => [
  ...incomplete(plan),
  ...provisioners(plan),
  ...actions(plan),
  ...imported(plan),
];
