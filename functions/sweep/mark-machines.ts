import { machineStates, type MachineState } from "../shared/ledger-items";
import { each } from "./attempt";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

/**
 * Writes down what the records say of machines whose events did not come. `busy` can be trusted when it is true;
 * false only says that the runner is online, since it lags by up to a minute.
 */
export const markMachines = async (sweep: Sweep, { fleet, view, records }: Sight): Promise<void> => {
  const further = view.machines.flatMap(({ instanceId, state: before }) => {
    const record = records.get(instanceId);
    if (!record || record.status !== "online") return [];
    const state: MachineState = record.busy ? "busy" : "idle";
    return machineStates[state].rank > machineStates[before].rank
      ? [{ instanceId, state, runnerId: record.id }]
      : [];
  });
  await each(sweep, { part: "mark machines", fleet }, further, ({ state, ...fields }) =>
    sweep.parts.ledger.moveMachine(fleet, state, fields),
  );
};
