import { stylesFor } from "../terminal";
import { GROUPS } from "./controls";
import type { Styles } from "../terminal";
import type { Audit, GradedControl } from "./audit";
import type { Result } from "./finding";
import type { Installation } from "./installations";

export interface TextOptions {
  /** What was read, as the user named it. */
  readonly file: string;
  readonly color: boolean;
  /** Whether every resource of the installations is named, with the reason why it was taken for one. */
  readonly resources: boolean;
}

const MARKS: Readonly<Record<Result, readonly [mark: string, style: keyof Styles]>> = {
  pass: ["pass", "green"],
  fail: ["FAIL", "red"],
  "not visible here": ["-", "dim"],
};

const FORMS = { stack: "synthesized stack", plan: "plan" } as const;

const INDENT = " ".repeat(12);

/** What failed is told in full, what cannot be seen in a line, what passed by its title. */
const controlLines = (
  { id, title, result, why, findings }: GradedControl,
  styles: Styles,
): readonly string[] => {
  const [mark, style] = MARKS[result];
  const head = `${String(id).padStart(4)}  ${styles[style](mark.padEnd(4))}  ${result === "pass" ? title : styles.bold(title)}`;
  if (result === "pass") return [head];
  if (result === "not visible here") return [head, styles.dim(`${INDENT}${why}`)];
  const failed = findings.filter((one) => one.result === "fail");
  return [
    head,
    ...failed.flatMap(({ address, attribute, why: reason }) => [
      `${INDENT}${address}${attribute === "" ? "" : `.${attribute}`}`,
      `${INDENT}  ${reason}`,
    ]),
  ];
};

const installationLines = (
  { name, members }: Installation,
  { resources }: TextOptions,
): readonly string[] => [
  `installation ${name}: ${members.length} resources, of which ${
    members.filter(({ why }) => why.startsWith("tagged")).length
  } by their tag`,
  ...(resources ? members.map(({ resource, why }) => `${INDENT}${resource.address}  (${why})`) : []),
];

const HINT =
  "Much of a first plan is known after the apply only. The synthesized stack, cdk.tf.json, shows it before.";

/** The audit as a table: for people. */
export const reportText = (audit: Audit, options: TextOptions): string => {
  const styles = stylesFor(options.color);
  const { score, of, controls, form, installations } = audit;
  const late =
    form === "plan" &&
    controls.some(({ result, why }) => result !== "fail" && why.includes("after the apply"));
  return [
    `${styles.bold("audit")} of ${options.file} (${FORMS[form]})`,
    ...installations.flatMap((one) => installationLines(one, options)),
    ...GROUPS.flatMap((group) => [
      "",
      styles.bold(group),
      ...controls.filter((one) => one.group === group).flatMap((one) => controlLines(one, styles)),
    ]),
    "",
    `${styles.bold(`${score} of ${of}`)} visible controls pass, ${controls.length - of} of ${controls.length} are not visible here.`,
    ...(late ? [HINT] : []),
    "",
  ].join("\n");
};
