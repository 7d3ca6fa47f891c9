import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { HANDOFF, handoffKey, type LaunchSettings } from "../../../functions/shared/contract";
import type { Call } from "../proxy";
import type { Resource } from "../terraform";
import { callOf } from "./implied";
import { INSTANCE, roleIdOf, settingsOf } from "./installation";

/** The calls in the program that every machine runs. The boot tests run it, and hold each call against the same policy. */
export const machineOperations = (): string[] => {
  const program = readFileSync(resolve(__dirname, "../../../functions/boot/aws.py"), "utf8");
  const direct = [...program.matchAll(/call\("(\w+)", "\w+\.(\w+)"/g)].map(
    ([, service, name]) => `${service}:${name}`,
  );
  const logs = [...program.matchAll(/\blog\("(\w+)"/g)].map(([, name]) => `logs:${name}`);
  return [...direct, ...logs].sort();
};

/** What a machine of each fleet asks of AWS. */
export const machineCalls = (resources: readonly Resource[]): Call[] => {
  const { installation, handoffTable, fleets } = settingsOf<LaunchSettings>(resources, "launch");
  return fleets.flatMap((fleet) => {
    const role = `${installation}_${fleet}_runner`;
    const inputs: Readonly<Record<string, object>> = {
      dynamodb: {
        TableName: handoffTable,
        Key: { [HANDOFF.partitionKey]: { S: handoffKey(roleIdOf(role, resources), INSTANCE) } },
      },
      logs: { logGroupName: `/ephemeral-runners/${installation}/${fleet}`, logStreamName: INSTANCE },
    };
    return machineOperations().map((name) => callOf(role, name, inputs[name.split(":")[0] ?? ""] ?? {}));
  });
};
