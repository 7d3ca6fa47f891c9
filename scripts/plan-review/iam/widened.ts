import { addedValues, unmet, within } from "./grants";
import type { Condition, Grant, Patterns } from "./grants";

/** What a policy allows afterwards and did not before. */
export interface Widening {
  readonly kind: "action" | "resource" | "condition" | "looser" | "principal" | "deny";
  readonly grant: Grant;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Conditions that are gone; with `looser`, that take more values than before. */
  readonly dropped: readonly Condition[];
  /** These values. */
  readonly added: readonly string[];
}

/** One action on one resource by one principal: the smallest thing that is allowed. */
interface Atom {
  readonly action: Patterns;
  readonly resource: Patterns;
  readonly principal: Patterns;
  readonly conditions: readonly Condition[];
}

const single = ({ except, all }: Patterns): readonly Patterns[] =>
  except ? [{ except, all }] : all.map((one) => ({ except, all: [one] }));

const atomsOf = ({ actions, resources, principals, conditions }: Grant): readonly Atom[] =>
  single(actions).flatMap((action) =>
    single(resources).flatMap((resource) =>
      (principals.all.length === 0 ? [principals] : single(principals)).map((principal) => ({
        action,
        resource,
        principal,
        conditions,
      })),
    ),
  );

const lowered = ({ except, all }: Patterns): Patterns => ({
  except,
  all: all.map((one) => one.toLowerCase()),
});

const allows = (grant: Grant, { action, resource, principal }: Partial<Atom>): boolean =>
  (action === undefined || within(lowered(action), lowered(grant.actions))) &&
  (resource === undefined || within(resource, grant.resources)) &&
  (principal === undefined || principal.all.length === 0 || within(principal, grant.principals));

const covered = (atom: Atom, grants: readonly Grant[]): boolean =>
  grants.some((grant) => allows(grant, atom) && unmet(grant.conditions, atom.conditions).length === 0);

/** In which way an atom is more than all that was allowed. */
const explain = (
  { action, resource, principal, conditions }: Atom,
  before: readonly Grant[],
): Pick<Widening, "kind" | "dropped" | "added"> => {
  const same = before.find((grant) => allows(grant, { action, resource, principal }));
  if (same) {
    const dropped = unmet(same.conditions, conditions);
    const added = addedValues(dropped, conditions);
    return added === undefined
      ? { kind: "condition", dropped, added: [] }
      : { kind: "looser", dropped, added };
  }
  if (before.some((grant) => allows(grant, { action, resource }))) return { kind: "principal", ...NONE };
  return { kind: before.some((grant) => allows(grant, { action })) ? "resource" : "action", ...NONE };
};

const NONE = { dropped: [], added: [] } as const;

export const patternTexts = ({ except, all }: Patterns): readonly string[] =>
  except ? [`all but ${all.join(", ")}`] : all;

/** Atoms of one statement that are more in the same way are told together. */
const together = (grant: Grant, atoms: readonly Atom[], before: readonly Grant[]): readonly Widening[] => {
  const byReason = new Map<string, Widening>();
  for (const atom of atoms) {
    const reason = explain(atom, before);
    const key = JSON.stringify(reason);
    const { actions = [], resources = [] } = byReason.get(key) ?? {};
    byReason.set(key, {
      ...reason,
      grant,
      actions: [...new Set([...actions, ...patternTexts(atom.action)])],
      resources: [...new Set([...resources, ...patternTexts(atom.resource)])],
    });
  }
  return [...byReason.values()];
};

/** A refusal that no longer refuses all that it did. */
const lostDenies = (before: readonly Grant[], after: readonly Grant[]): readonly Widening[] =>
  before
    .filter((grant) => !atomsOf(grant).every((atom) => covered(atom, after)))
    .map((grant) => wholeGrant("deny", grant));

export const wholeGrant = (kind: Widening["kind"], grant: Grant): Widening => ({
  kind,
  grant,
  actions: patternTexts(grant.actions),
  resources: patternTexts(grant.resources),
  ...NONE,
});

const of = (effect: Grant["effect"], grants: readonly Grant[]): readonly Grant[] =>
  grants.filter((grant) => grant.effect === effect);

/**
 * All that `after` allows and `before` did not, by what the statements mean: the order, the Sid, and how actions are shared
 * out over statements say nothing.
 */
export const widenings = (before: readonly Grant[], after: readonly Grant[]): readonly Widening[] => {
  const allowed = of("Allow", before);
  return [
    ...of("Allow", after).flatMap((grant) =>
      together(
        grant,
        atomsOf(grant).filter((atom) => !covered(atom, allowed)),
        allowed,
      ),
    ),
    ...lostDenies(of("Deny", before), of("Deny", after)),
  ];
};
