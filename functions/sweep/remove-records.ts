import { logger } from "../shared/logger";
import { each } from "./attempt";
import type { Sight } from "./look";
import type { Sweep } from "./parts";
import { releaseRunner } from "./release-runner";

/** Removes the records of machines that are nowhere. One that GitHub takes for busy is left until it has missed it. */
export const removeRecords = async (sweep: Sweep, sight: Sight): Promise<void> => {
  const { fleet, strays, records } = sight;
  const free = strays.filter((instanceId) => !records.get(instanceId)?.busy);
  const removed = await each(sweep, { part: "remove records", fleet }, free, async (instanceId) => ({
    instanceId,
    outcome: await releaseRunner(sweep, sight, { instanceId }),
  }));
  if (removed.length > 0) logger.info("records without a machine", { fleet, machines: removed });
};
