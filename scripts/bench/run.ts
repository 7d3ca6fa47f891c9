import type { Findings, Part, PartOptions } from "./figure";
import { readMachine, readVersions, SCHEMA, type Results } from "./results";

const FAILED = "It failed: ";

export const isFailed = (findings: Findings): boolean =>
  "skipped" in findings && findings.skipped.startsWith(FAILED);

/** Runs the parts one after the other. One that fails takes no other with it. */
export const runParts = async (
  parts: Readonly<Record<string, Part>>,
  { quick, tell }: PartOptions,
): Promise<Results> => {
  const machine = readMachine();
  const found: Record<string, Findings> = {};
  for (const [name, part] of Object.entries(parts)) {
    const options = { quick, tell: (what: string) => tell(`${name}: ${what}`) };
    found[name] = await part(options).catch((error: Error) => ({ skipped: `${FAILED}${error.message}` }));
  }
  return {
    schema: SCHEMA,
    date: new Date().toISOString(),
    machine,
    versions: readVersions(),
    quick,
    parts: found,
  };
};
