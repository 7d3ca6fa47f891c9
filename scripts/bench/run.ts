import type { Findings, Part, PartOptions } from "./figure";
import { readMachine, readVersions, SCHEMA, type Results } from "./results";

/** Runs the parts one after the other. */
export const runParts = async (
  parts: Readonly<Record<string, Part>>,
  { quick, tell }: PartOptions,
): Promise<Results> => {
  const machine = readMachine();
  const found: Record<string, Findings> = {};
  for (const [name, part] of Object.entries(parts)) {
    found[name] = await part({ quick, tell: (what) => tell(`${name}: ${what}`) });
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
