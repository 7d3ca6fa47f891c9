import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  DescribeSubnetsCommand,
  DescribeImagesCommand,
  EC2Client,
} from "@aws-sdk/client-ec2";
import fc from "fast-check";
import { handoffKey, type JobAction, type Market } from "../../functions/shared/contract";
import { ec2Machines } from "../../functions/shared/ec2-machines";
import { createLedger, type Ledger } from "../../functions/shared/ledger";
import {
  machineItem,
  type JobState,
  type MachineState,
  type Task,
} from "../../functions/shared/ledger-items";
import { reconcile } from "../../functions/shared/reconcile";
import { startDynamoDbLocal, type DynamoDbLocal } from "../support/dynamodb-local";
import { emulatorCredentials, emulatorRegion, startMoto, type Moto } from "../support/moto";
import {
  event,
  FLEET,
  fleetSettings,
  FleetWorld,
  HANDOFF_TABLE,
  INSTALLATION,
  LEDGER_TABLE,
  newDatabase,
  START,
} from "../support/fleet-world";
import { leaseSuite } from "../support/suites/lease";
import { permitsSuite } from "../support/suites/permits";
import { leaseFrom } from "../../functions/shared/ledger-lease";

jest.setTimeout(180_000);

let moto: Moto;
let dynamodb: DynamoDbLocal;
let ec2: EC2Client;

beforeAll(async () => {
  [moto, dynamodb] = await Promise.all([startMoto(), startDynamoDbLocal()]);
  ec2 = new EC2Client({
    endpoint: moto.endpoint,
    region: emulatorRegion,
    credentials: emulatorCredentials,
  });
});
afterAll(() => Promise.all([moto.stop(), dynamodb.stop()]));

const sorted = (items: Record<string, unknown>[]): unknown[] =>
  items.sort((a, b) => String(a.item ?? a.instance).localeCompare(String(b.item ?? b.instance)));

type Operation = (ledger: Ledger) => Promise<unknown>;
const holders = ["first", "second"].map((id) => ({ id, until: START + 60_000 }));
const ids = ["i-00000001", "i-00000002"];
const registered = (instanceId: string) => ({
  machine: {
    instanceId,
    launchId: "launch-1",
    market: "spot" as const,
    launchedAt: new Date(START).toISOString(),
    type: "m7i.large",
    zone: undefined,
  },
  runnerId: undefined,
  handoff: { instance: handoffKey("AROA", instanceId), environment: "X", expiresAt: 1 },
});
const task = (instanceId: string): Task => ({
  kind: "rerun-job",
  instanceId,
  createdAt: new Date(START).toISOString(),
});
const launch = {
  launchId: "launch-1",
  market: "spot" as const,
  count: 2,
  parameters: "{}",
  createdAt: START,
};

const holder = fc.constantFrom(...holders);
const instance = fc.constantFrom(...ids);
const message = fc
  .record({
    action: fc.constantFrom<JobAction>("queued", "waiting", "in_progress", "completed"),
    jobId: fc.integer({ min: 1, max: 2 }),
    second: fc.integer({ min: 1, max: 9 }),
    ours: fc.boolean(),
  })
  .map(({ action, jobId, second, ours }) => {
    const runnerName = ours ? `${INSTALLATION}_${FLEET}_${ids[jobId - 1]}` : undefined;
    return event(action, jobId, second, { runnerName });
  });
/** No two of one job: they are written concurrently, and which of them is told "unchanged" is a matter of chance. */
const messages = fc.uniqueArray(message, { selector: ({ jobId }) => jobId, minLength: 1 });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  messages.map(
    (all): Operation =>
      (ledger) =>
        ledger.record(all),
  ),
  holder.map(
    (one): Operation =>
      async (ledger) =>
        ledger.hold(FLEET, (await ledger.read(FLEET)).lease, one, [launch]),
  ),
  holder.map(
    (one): Operation =>
      (ledger) =>
        ledger.hold(FLEET, emptyLease, one, []),
  ),
  fc.tuple(holder, fc.option(fc.nat(2), { nil: undefined })).map(
    ([one, mark]): Operation =>
      (ledger) =>
        ledger.release(FLEET, { holder: one, mark, launches: [], recent: [...ids] }),
  ),
  fc.tuple(fc.uniqueArray(instance), fc.option(holder, { nil: undefined })).map(
    ([some, one]): Operation =>
      (ledger) =>
        ledger.settle(FLEET, some.map(registered), one && { holder: one, mark: 0, launches: [] }),
  ),
  fc.tuple(instance, fc.constantFrom<MachineState>("launching", "idle", "busy", "ending", "gone")).map(
    ([instanceId, state]): Operation =>
      (ledger) =>
        ledger.moveMachine(FLEET, state, { instanceId }),
  ),
  fc
    .tuple(fc.integer({ min: 1, max: 2 }), fc.constantFrom<JobState>("waiting", "givenUp", "done"))
    .map(([jobId, state]): Operation => (ledger) => {
      const { createdAt, runAttempt } = event("queued", jobId, 1);
      return ledger.moveJob(FLEET, state, { jobId, runAttempt, createdAt, reason: "so" });
    }),
  instance.map((id): Operation => async (ledger) => [
    await ledger.note(FLEET, machineItem(id), { interruptedAt: "now", zone: undefined }),
    await ledger.addTask(FLEET, task(id)),
    await ledger.find([FLEET, "other"], id),
  ]),
  instance.map(
    (id): Operation =>
      (ledger) =>
        ledger.endTask(FLEET, task(id)),
  ),
  instance.map(
    (id): Operation =>
      (ledger) =>
        ledger.dropRegistration("AROA", id),
  ),
  fc.constant<Operation>((ledger) => ledger.mark(FLEET)),
  fc.constant<Operation>((ledger) => ledger.read(FLEET)),
  fc.constant<Operation>((ledger) => ledger.states(FLEET, ids)),
);
const emptyLease = leaseFrom(undefined);
const tableNames = { table: LEDGER_TABLE, handoffTable: HANDOFF_TABLE, installation: INSTALLATION };

describe("the lease of a fleet, on DynamoDB Local", () =>
  leaseSuite(async () => {
    const client = (await dynamodb.tables()).client();
    const world = { time: START };
    const ledger = createLedger({ ...tableNames, client, now: () => world.time });
    return Object.assign(world, { ledger });
  }));

describe("permits, on DynamoDB Local", () => permitsSuite(async () => (await dynamodb.tables()).client, 15));

describe("the ledger on DynamoDB Local", () => {
  it("answers and holds what it does in memory, whatever is done to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), async (operations) => {
        const tables = await dynamodb.tables();
        const database = newDatabase();
        let time = START;
        const now = (): number => time;
        const real = createLedger({ ...tableNames, client: tables.client(), now });
        const memory = createLedger({ ...tableNames, client: database.client(), now });
        for (const run of operations) {
          time += 1500;
          expect(await run(real)).toEqual(await run(memory));
        }
        for (const table of [LEDGER_TABLE, HANDOFF_TABLE]) {
          expect(sorted(await tables.items(table))).toEqual(sorted(database.items(table)));
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each<Market>(["spot", "on-demand"])(
    "has reconcile launch, tag, find and end %s machines",
    async (market) => {
      await moto.reset();
      const client = (await dynamodb.tables()).client();
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
      const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
      const { LaunchTemplate } = await ec2.send(
        new CreateLaunchTemplateCommand({
          LaunchTemplateName: "runner",
          LaunchTemplateData: { ImageId: Images[0]?.ImageId },
        }),
      );
      const settings = fleetSettings({
        launchTemplateId: LaunchTemplate?.LaunchTemplateId,
        launchTemplateVersion: "1",
        subnetIds: Subnets.slice(0, 2).map(({ SubnetId = "" }) => SubnetId),
        markets: [market],
      });
      const provider = ec2Machines(ec2, INSTALLATION, Date.now);
      const world = new FleetWorld();
      const parts = {
        ...world.parts(),
        now: Date.now,
        ledger: createLedger({ ...tableNames, client }),
        provider,
      };
      const second = Math.floor((Date.now() - START) / 1000);
      await parts.ledger.record([event("queued", 1, second), event("queued", 2, second)]);

      await reconcile(parts, FLEET, settings, Date.now() + 60_000);

      const { machines } = await parts.ledger.read(FLEET);
      expect(machines).toHaveLength(2);
      const found = await provider.find({ fleet: FLEET });
      expect(found.map(({ instanceId }) => instanceId).sort()).toEqual(
        machines.map((one) => one.instanceId).sort(),
      );
      expect(found).toMatchObject([{ launchId: machines[0]?.launchId, market }, {}]);
      await provider.end(found.map(({ instanceId }) => instanceId));
      expect(await provider.find({ launchId: machines[0]?.launchId ?? "" })).toEqual([]);
    },
  );

  it("has reconcile launch in subnets of which two are in one zone, which the emulator refuses as EC2 does", async () => {
    await moto.reset();
    const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({}));
    const { VpcId, AvailabilityZone } = Subnets[0] ?? {};
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, AvailabilityZone, CidrBlock: "172.31.240.0/24" }),
    );
    const { LaunchTemplate } = await ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: "doubled",
        LaunchTemplateData: { ImageId: Images[0]?.ImageId },
      }),
    );
    const settings = fleetSettings({
      launchTemplateId: LaunchTemplate?.LaunchTemplateId,
      launchTemplateVersion: "1",
      subnetIds: [Subnets[0], Subnet].map((one) => one?.SubnetId ?? ""),
    });
    const order = {
      fleet: FLEET,
      settings,
      market: "spot",
      count: 2,
      createdAt: Date.now(),
      without: [],
    } as const;
    const provider = ec2Machines(ec2, INSTALLATION, Date.now);

    const unaware = await provider.launch(provider.prepare({ ...order, launchId: "unaware" }));
    await provider.ready(settings);
    const aware = await provider.launch(provider.prepare({ ...order, launchId: "aware" }));

    expect(unaware).toMatchObject({ machines: [], errors: [{ code: "InvalidFleetConfig" }] });
    expect(aware).toMatchObject({ machines: [{}, {}], errors: [] });
  });
});
