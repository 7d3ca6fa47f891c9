import { audit } from "../../audit/audit";
import { readPlan, readPriorState } from "../../audit/read-plan";
import { InputError } from "../../read-file";
import { listed, phrase } from "../phrase";
import type { Audit, GradedControl } from "../../audit/audit";
import type { Finding } from "../../audit/finding";
import type { Stack } from "../../audit/model";
import type { Matter } from "../matters";
import type { Phrase } from "../phrase";
import type { Plan } from "../plan";

/** The audit before and after; undefined where no installation of the library stands. */
export interface Controls {
  readonly before?: Audit;
  readonly after?: Audit;
}

const audited = (stack: Stack, now: Date): Audit | undefined => {
  try {
    return audit(stack, { now });
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
};

export const controlsOf = ({ json, at }: Plan): Controls => ({
  before: audited(readPriorState(json), at),
  after: audited(readPlan(json), at),
});

const decisive = ({ findings, result }: GradedControl): readonly Finding[] =>
  findings.filter((one) => one.result === result);

const told = (control: GradedControl, attribute: string, why: string): Phrase =>
  phrase`control ${control.id}, ${[control.title]}: ${attribute === "" ? [] : phrase`${attribute}: `}${why}`;

const lost = (control: GradedControl): readonly Matter[] =>
  decisive(control).map(({ address, attribute, why }) => ({
    kind: "control-lost",
    level: "danger",
    address,
    text: told(control, attribute, why),
  }));

/** All together, as they mostly hang on the same few values. */
const unseen = (controls: readonly GradedControl[]): readonly Matter[] => {
  if (controls.length === 0) return [];
  const ids = controls.map(({ id }) => String(id));
  const text = phrase`passed before, and hang on what is known after the apply only: ${[controls.length === 1 ? "control " : "controls "]}${listed(ids, ids.length)}`;
  return [{ kind: "not-visible", level: "attention", address: "", text }];
};

/**
 * Controls that fail after the plan and did not before it, though some are seen only where they are broken, and those that
 * passed before it and cannot be seen now. What failed before is no news, nor is a first apply.
 */
export const controlsLost = ({ before, after }: Controls): readonly Matter[] => {
  const resultBefore = ({ id }: GradedControl) => before?.controls.find((one) => one.id === id)?.result;
  const now = before === undefined ? [] : (after?.controls ?? []);
  return [
    ...now.filter((one) => one.result === "fail" && resultBefore(one) !== "fail").flatMap(lost),
    ...unseen(now.filter((one) => one.result === "not visible here" && resultBefore(one) === "pass")),
  ];
};
