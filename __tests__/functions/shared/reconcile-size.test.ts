import {
  CreateFleetCommand,
  DescribeSubnetsCommand,
  EC2Client,
  type FleetLaunchTemplateOverrides,
} from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { ec2Machines } from "../../../functions/shared/ec2-machines";
import type { Launch } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { reconcile } from "../../../functions/shared/reconcile";
import type { ReconcileParts } from "../../../functions/shared/reconcile-launch";
import { FLEET, fleetSettings, INSTALLATION } from "../../support/fleet-world";
import { MINUTE, worldWith } from "../../support/reconcile-world";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items */
const MOST_BYTES = 400 * 1024;

const subnetIds = Array.from({ length: 6 }, (_, index) => `subnet-0123456789abcde${index}0`);
/** With the subnets, nearly as many pairs as a launch can name. */
const instanceTypes = Array.from({ length: 48 }, (_, index) => `m7i-flex.${index + 10}xlarge`);

it("what a round writes down fits the fleet's item, though subnets fill up one after the other", async () => {
  const ec2 = mockClient(EC2Client);
  for (const level of ["info", "warn", "error"] as const) jest.spyOn(logger, level).mockReturnValue();
  ec2
    .on(DescribeSubnetsCommand)
    .resolves({ Subnets: subnetIds.map((id, i) => ({ SubnetId: id, AvailabilityZone: `z${i}` })) });
  ec2
    .on(CreateFleetCommand)
    .callsFake((input: { LaunchTemplateConfigs: { Overrides: FleetLaunchTemplateOverrides[] }[] }) => {
      const [override] = input.LaunchTemplateConfigs[0]!.Overrides;
      const ErrorCode = "InsufficientFreeAddressesInSubnet";
      return { Errors: [{ ErrorCode, LaunchTemplateAndOverrides: { Overrides: override } }], $metadata: {} };
    });
  const { world, parts } = await worldWith(400, { rate: { permits: 400, windowMs: MINUTE } });
  const written: (readonly Launch[])[] = [];
  const noted: ReconcileParts = {
    ...parts,
    provider: ec2Machines(new EC2Client({}), INSTALLATION, parts.now),
    ledger: {
      ...parts.ledger,
      hold: (fleet, seen, holder, launches) => {
        written.push(launches);
        return parts.ledger.hold(fleet, seen, holder, launches);
      },
    },
  };

  await reconcile(
    noted,
    FLEET,
    fleetSettings({ subnetIds, instanceTypes, maximumMachines: 400 }),
    world.time + MINUTE,
  );

  expect(ec2.commandCalls(CreateFleetCommand).length).toBe(4 * 2 * subnetIds.length);
  expect(Math.max(...written.map((launches) => JSON.stringify(launches).length))).toBeLessThan(MOST_BYTES);
});
