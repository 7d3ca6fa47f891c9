import { checksOf, lambdaCalls, type Check } from "./implied";
import { parameterArn, readInstallation, type Installation } from "./installation";
import { machineCalls } from "./machine-calls";
import { recordCalls } from "./record";
import type { Variant } from "./variants";

/**
 * Every right that an installation asks for: its functions, Lambda in their name, and its machines; where a second key may be
 * used, also while all lies under that one.
 */
export const checksFor = async ({
  resources,
  credentials,
  furtherKey,
  lacksSpotRole = false,
}: Omit<Variant, "what">): Promise<Check[]> => {
  const installation = readInstallation(resources, credentials, lacksSpotRole);
  const recorded = await recordCalls(resources);
  const calls = [...recorded, ...lambdaCalls(installation), ...machineCalls(resources)];
  const before =
    furtherKey === undefined ? [] : checksOf(calls, allUnder(furtherKey, installation, credentials));
  const checks = [...checksOf(calls, installation), ...before];
  return [...new Map(checks.map((check) => [JSON.stringify(check), check])).values()];
};

/** The same installation with the other key: what the team stores itself stays where it is. */
const allUnder = (
  key: string,
  installation: Installation,
  credentials: Readonly<Record<string, string>>,
): Installation => {
  const own = new Set(Object.keys(credentials).map(parameterArn));
  const stored = [...installation.keys].filter(([what]) => own.has(what));
  const things = installation.things.map((what) => [what, key] as const);
  return {
    ...installation,
    keys: new Map([...things, ...stored]),
    templates: new Map([...installation.templates].map(([id, one]) => [id, { ...one, kmsKeyArn: key }])),
  };
};
