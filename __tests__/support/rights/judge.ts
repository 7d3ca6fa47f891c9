import { checksOf, lambdaCalls, type Check } from "./implied";
import { readInstallation } from "./installation";
import { machineCalls } from "./machine-calls";
import { recordCalls } from "./record";
import type { Variant } from "./variants";

/** Every right that an installation asks for: its functions, Lambda in their name, and its machines. */
export const checksFor = async ({
  resources,
  credentials,
  lacksSpotRole = false,
}: Omit<Variant, "what">): Promise<Check[]> => {
  const installation = readInstallation(resources, credentials, lacksSpotRole);
  const recorded = await recordCalls(resources);
  return checksOf([...recorded, ...lambdaCalls(installation), ...machineCalls(resources)], installation);
};
