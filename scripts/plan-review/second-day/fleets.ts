import { strings } from "../../audit/model";
import { phrase } from "../phrase";
import { fleetsIn, isStanding } from "./installation";
import type { Matter } from "../matters";
import type { Plan } from "../plan";

/** Fleets that jobs may wait for, and that are another afterwards. */

const WAITING = "go to another fleet that has their labels, or are given up with an alarm";

const sameLabels = (one: unknown, other: unknown): boolean =>
  JSON.stringify([...strings(one)].sort()) === JSON.stringify([...strings(other)].sort());

export const fleets = (plan: Plan): readonly Matter[] => {
  if (!isStanding(plan)) return [];
  return fleetsIn(plan).flatMap(({ change, name, before, after }): readonly Matter[] => {
    const base = { kind: "jobs-stranded", level: "attention", address: change.address } as const;
    if (change.action === "delete")
      return [
        {
          ...base,
          text: phrase`fleet ${name} is taken out: jobs that wait for it ${[WAITING]}, and its machines that run lose their role. Empty it first (docs/changing.md)`,
        },
      ];
    return before !== undefined && after !== undefined && !sameLabels(before.labels, after.labels)
      ? [{ ...base, text: phrase`fleet ${name} gets other labels: jobs that wait for it ${[WAITING]}` }]
      : [];
  });
};
