import { fits } from "../../../functions/shared/match-labels";
import { strings } from "../../audit/model";
import { phrase } from "../phrase";
import { stands } from "../plan";
import { fleetsIn, standingIn } from "./installation";
import type { Matter } from "../matters";
import type { Phrase } from "../phrase";
import type { Plan } from "../plan";
import type { FleetChange } from "./installation";

/** Fleets that jobs may wait for, and that are another afterwards. */

const OTHERS = "go to another fleet that has their labels, or are given up with an alarm after 5 minutes";

/** Its role and its log group go with it. */
const MACHINES =
  "its machines that work finish their job without a log of their own, and those that boot end without a job (docs/labels-and-runner-groups.md)";

const haveSameLabels = (one: readonly string[], other: readonly string[]): boolean =>
  fits(one, other) && fits(other, one);

/** At another address in the state. */
const goesOn = ({ change, prefix, name }: FleetChange, all: readonly FleetChange[]): boolean =>
  change.action === "delete" &&
  all.some((one) => one.prefix === prefix && one.name === name && stands(one.change));

/** The new one of the same labels. */
const successorOf = ({ prefix, before }: FleetChange, all: readonly FleetChange[]): FleetChange | undefined =>
  all.find(
    (one) =>
      one.prefix === prefix &&
      one.change.action === "create" &&
      haveSameLabels(strings(before?.labels), strings(one.after?.labels)),
  );

const textOfRemoved = (fleet: FleetChange, all: readonly FleetChange[]): Phrase => {
  const successor = successorOf(fleet, all);
  return successor === undefined
    ? phrase`fleet ${fleet.name} is taken out: jobs that wait for it ${[OTHERS]}; ${[MACHINES]}`
    : phrase`fleet ${fleet.name} becomes ${successor.name}: jobs that wait for it go there within two minutes; ${[MACHINES]}`;
};

/** Jobs go on waiting for a fleet whose machines can run them. */
const losesLabels = ({ before, after }: FleetChange): boolean =>
  before !== undefined && after !== undefined && !fits(strings(before.labels), strings(after.labels));

export const fleets = (plan: Plan): readonly Matter[] => {
  const standing = standingIn(plan);
  const all = fleetsIn(plan).filter(({ prefix }) => standing.has(prefix));
  return all.flatMap((fleet): readonly Matter[] => {
    const base = { kind: "jobs-stranded", level: "attention", address: fleet.change.address } as const;
    if (goesOn(fleet, all)) return [];
    if (fleet.change.action === "delete") return [{ ...base, text: textOfRemoved(fleet, all) }];
    return losesLabels(fleet)
      ? [
          {
            ...base,
            text: phrase`fleet ${fleet.name} gets other labels: jobs that wait for it ${[OTHERS]} (docs/labels-and-runner-groups.md)`,
          },
        ]
      : [];
  });
};
