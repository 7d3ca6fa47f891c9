import { InputError } from "../read-file";
import { CONTROLS } from "./controls";
import { placeOf } from "./finding";
import { findInstallations } from "./installations";
import { viewOf } from "./view";
import type { Context } from "./checks/shared";
import type { Control } from "./controls";
import type { Finding, Result } from "./finding";
import type { Installation } from "./installations";
import type { Stack } from "./model";
import type { View } from "./view";

export interface GradedControl {
  readonly id: number;
  readonly title: string;
  readonly group: string;
  readonly result: Result;
  /** The resource and attribute that decided. */
  readonly where: string;
  /** In words, for each place that decided. */
  readonly why: string;
  /** Everything that was looked at. */
  readonly findings: readonly Finding[];
}

export interface Audit {
  /** Controls that passed. */
  readonly score: number;
  /** Controls that can be seen in this input. */
  readonly of: number;
  readonly controls: readonly GradedControl[];
  readonly installations: readonly Installation[];
  readonly form: Stack["form"];
}

/** The worst decides: what fails, then what cannot be seen. */
const ORDER: readonly Result[] = ["fail", "not visible here", "pass"];

const proven = ({ proof }: Control): string =>
  proof.length === 0 ? "" : `; proven by ${proof.map((path) => `__tests__/${path}`).join(", ")}`;

const gradeControl = (control: Control, views: readonly View[], context: Context): GradedControl => {
  const { id, title, group, check } = control;
  const findings = views.flatMap((view) => check?.(view, context) ?? []);
  const result =
    ORDER.find((one) => findings.some((finding) => finding.result === one)) ?? "not visible here";
  const decisive = findings.filter((finding) => finding.result === result);
  const told = [...new Set(decisive.map(({ why }) => why))].join("; ") || "a stack says nothing about it";
  return {
    id,
    title,
    group,
    result,
    where: decisive[0] === undefined ? "" : placeOf(decisive[0]),
    why: result === "not visible here" ? `${told}${proven(control)}` : told,
    findings,
  };
};

/** @throws InputError when no installation of the library is in the stack */
export const audit = (stack: Stack, context: Context): Audit => {
  const installations = findInstallations(stack);
  if (installations.length === 0)
    throw new InputError(
      `None of the ${stack.resources.length} resources belongs to an installation of ephemeral runners: nothing is tagged, or set up, as one. Is this the right stack?`,
    );
  const views = installations.map((installation) => viewOf(installation, stack));
  const controls = CONTROLS.map((control) => gradeControl(control, views, context));
  const passed = controls.filter(({ result }) => result === "pass").length;
  const failed = controls.filter(({ result }) => result === "fail").length;
  return { score: passed, of: passed + failed, controls, installations, form: stack.form };
};
