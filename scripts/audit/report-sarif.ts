import { createHash } from "node:crypto";
import { placeOf } from "./finding";
import type { Audit, GradedControl } from "./audit";
import type { Finding } from "./finding";
import type { Log, ReportingDescriptor, Result } from "sarif";

export interface SarifOptions {
  /** Path of the input, relative to the repository. */
  readonly file: string;
  /** Its text, in which the resources are looked up. */
  readonly text: string;
  /** Of this package. */
  readonly version: string;
}

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

const ruleId = (id: number): string => `control-${String(id).padStart(2, "0")}`;

const ruleOf = ({ id, title, group }: GradedControl): ReportingDescriptor => ({
  id: ruleId(id),
  name: `Control${id}`,
  shortDescription: { text: title },
  fullDescription: { text: `Control ${id} (${group}): ${title}.` },
  help: { text: `${title}. "ephemeral-runners audit" names the attribute to change.` },
  defaultConfiguration: { level: "error" },
  properties: { tags: ["security"], "security-severity": "7.0" },
});

/** The line on which a resource begins: by its name, which stands once for each resource in a synthesized stack. */
const lineOf = (address: string, text: string): number => {
  const name = address.split(".").at(-1) ?? address;
  const at = [`"${name}": {`, `"${address}"`].map((one) => text.indexOf(one)).find((index) => index >= 0);
  return at === undefined ? 1 : text.slice(0, at).split("\n").length;
};

/** The same finding has the same fingerprint wherever it stands in the file. */
const fingerprint = (id: number, { address, attribute }: Finding): string =>
  createHash("sha256").update(`${id}|${address}|${attribute}`).digest("hex");

const uriOf = (file: string): string => encodeURI(file.replaceAll("\\", "/"));

/**
 * Braces and brackets mean something in a message: a placeholder, a link (sections 3.11.5 and 3.11.6 of SARIF 2.1.0). Not
 * every reader undoes their escapes, so the message does without them.
 */
const plain = (text: string): string => text.replace(/\[(\w+)\]/g, ".$1").replace(/\$\{|[{}[\]]/g, "");

const resultOf = (
  control: GradedControl,
  finding: Finding,
  index: number,
  options: SarifOptions,
): Result => ({
  ruleId: ruleId(control.id),
  ruleIndex: index,
  level: "error",
  message: { text: plain(`${control.title}: ${finding.why} (${placeOf(finding)})`) },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(options.file) },
        region: { startLine: lineOf(finding.address, options.text) },
      },
      logicalLocations: [{ fullyQualifiedName: placeOf(finding), kind: "resource" }],
    },
  ],
  partialFingerprints: { "controlAndAttribute/v1": fingerprint(control.id, finding) },
});

/** SARIF 2.1.0 for code scanning: every control is a rule, every broken place a result. */
export const reportSarif = ({ controls }: Audit, options: SarifOptions): string => {
  const log: Log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "ephemeral-runners audit",
            semanticVersion: options.version,
            rules: controls.map(ruleOf),
          },
        },
        results: controls.flatMap((control, index) =>
          control.findings
            .filter(({ result }) => result === "fail")
            .map((finding) => resultOf(control, finding, index, options)),
        ),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
};
