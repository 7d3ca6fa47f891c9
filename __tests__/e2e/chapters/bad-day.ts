import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { LEDGER, type LaunchSettings, type TokenValue } from "../../../functions/shared/contract";
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { FLEET_ITEM } from "../../../functions/shared/ledger-items";
import { Ec2Capacity } from "../../support/ec2-capacity";
import { awsRefusal, githubRefusal, withFaults } from "../../support/fault-proxy";
import { Faults, type FaultRates } from "../../support/faults";
import { AwsThrottle } from "../../support/token-buckets";
import { instancesOf, runAll } from "../machines";
import {
  deliverJobs,
  launchesUnderWay,
  runJobs,
  standing,
  sweepOnce,
  untilRegistered,
  type Standing,
} from "../standing";
import { drainQueue } from "../traffic";
import { FLEET, ORGANIZATION, PREFIX, type World } from "../world";

const TEN = 10;
const SEED = 7;
const GENERATE = `POST /orgs/${ORGANIZATION}/actions/runners/generate-jitconfig`;
const code = "InsufficientInstanceCapacity";
const nothing: Standing = { instances: [], machines: [], registrations: [], runners: [] };
/** All tries of the SDK's own, and those that it has for EC2. */
const TRIES = 3;
const TRIES_OF_EC2 = 2;

/** What AWS and GitHub do on a bad day costs time at most: one machine a job, and nothing is left of it. */
export const badDay = (world: () => World): void => {
  let nextId = 55001;
  let ids: readonly number[];
  let aws: Faults;
  let github: Faults;
  let capacity: Ec2Capacity;

  /** From here on calls of the functions fail: by chance, as the rates say, and as a test plans. */
  const begin = (rates: FaultRates = {}): void => {
    // GitHub's throttle asks for a minute's patience, which no test has.
    aws = new Faults({ seed: SEED, rates });
    github = new Faults({ seed: SEED, rates: { ...rates, throttle: 0 } });
    capacity = new Ec2Capacity();
    const hits = ({ caller }: { caller: string }): boolean => caller.startsWith(`${PREFIX}-`);
    const throttle = new AwsThrottle(Date.now);
    const crash = (): void => world().lambda.cold();
    withFaults(world().aws, { faults: aws, refusal: awsRefusal, throttle, capacity, hits, crash });
    withFaults(world().githubProxy, { faults: github, refusal: githubRefusal, crash });
  };
  const end = (): void => {
    for (const proxy of [world().aws, world().githubProxy]) proxy.intercept = undefined;
  };
  const takeTen = async (): Promise<readonly number[]> => {
    ids = Array.from({ length: TEN }, () => nextId++);
    await deliverJobs(world(), ids);
    return ids;
  };
  /** One machine a job, known in all places, and no fault that did not happen. */
  const expectOneEach = async (): Promise<void> => {
    expect([aws.pending, github.pending]).toEqual([[], []]);
    const { instances, ...elsewhere } = await standing(world());
    expect(instances).toHaveLength(TEN);
    expect(elsewhere).toEqual({ machines: instances, registrations: instances, runners: instances });
    expect(await launchesUnderWay(world())).toEqual([]);
  };
  const marketsOf = async (): Promise<Record<string, number>> => {
    const instances = await instancesOf(world());
    const spot = instances.filter(({ InstanceLifecycle }) => InstanceLifecycle === "spot").length;
    return { spot, "on-demand": instances.length - spot };
  };

  describe("on a bad day", () => {
    beforeAll(async () => {
      await runAll(world());
      world().github.state.runners.clear();
      await runJobs(world(), []);
    });
    beforeEach(() => begin());
    afterEach(async () => {
      end();
      expect(await runJobs(world(), ids)).toEqual(nothing);
    });

    it("gets machines elsewhere when spot is short in one zone", async () => {
      const subnets = world()
        .terraform.resources()
        .filter(({ type }) => type === "aws_subnet");
      const subnetId = String(subnets[0]!.values.id);
      capacity.short({ market: "spot", subnetId, code });
      await takeTen();
      expect(await drainQueue(world(), TEN)).toEqual({ taken: TEN, failed: 0 });

      await expectOneEach();
      expect(await marketsOf()).toEqual({ spot: TEN, "on-demand": 0 });
      expect((await instancesOf(world())).map(({ SubnetId }) => SubnetId)).not.toContain(subnetId);
    });

    it("fills up a partial fleet on demand, to the machine", async () => {
      capacity.short({ market: "spot", code, left: 4 });
      await takeTen();
      expect(await drainQueue(world(), TEN)).toEqual({ taken: TEN, failed: 0 });

      await expectOneEach();
      expect(await marketsOf()).toEqual({ spot: 4, "on-demand": 6 });
    });

    it("finds the machines of a CreateFleet whose answers were lost, and makes no others", async () => {
      aws.plan("ec2:CreateFleet", "lostAnswer", TRIES_OF_EC2);
      await takeTen();
      await drainQueue(world(), TEN);
      await untilRegistered(world(), TEN);

      await expectOneEach();
    });

    it("registers each machine once when answers of GitHub are lost, refused or late", async () => {
      github.plan(GENERATE, "lostAnswer", 3);
      github.plan(GENERATE, "error", 2);
      await takeTen();
      await drainQueue(world(), TEN);
      await untilRegistered(world(), TEN);

      await expectOneEach();
    });

    it("gets one new token for ten registrations that GitHub refused with 401", async () => {
      const { githubTokens } = world().settings<LaunchSettings>("launch");
      const Name = githubTokens[0]?.parameter ?? "";
      const { Parameter } = await world().clients.ssm.send(
        new GetParameterCommand({ Name, WithDecryption: true }),
      );
      world().github.state.revoke((JSON.parse(Parameter?.Value ?? "") as TokenValue).token);
      await takeTen();
      expect(await drainQueue(world(), TEN)).toEqual({ taken: TEN, failed: 0 });

      await expectOneEach();
    });

    it("reads its settings though Parameter Store throttles", async () => {
      aws.plan("ssm:GetParameters", "throttle", TRIES - 1);
      world().lambda.cold();
      await takeTen();
      expect(await drainQueue(world(), TEN)).toEqual({ taken: TEN, failed: 0 });

      await expectOneEach();
    });

    it("is succeeded by the sweep when the function dies over its launch", async () => {
      aws.plan("ec2:CreateFleet", "crashAfter");
      await takeTen();
      await drainQueue(world(), TEN);
      expect((await standing(world())).machines).toEqual([]);

      await runOutTheLease();
      await sweepOnce(world());
      await untilRegistered(world(), TEN);

      await expectOneEach();
    });

    it("loses nothing when one call in ten fails", async () => {
      await takeTen();
      begin({ error: 0.04, throttle: 0.03, lostAnswer: 0.03 });
      await drainQueue(world(), TEN);
      await untilRegistered(world(), TEN);
      end();
      await sweepOnce(world());

      expect(aws.injected.length + github.injected.length).toBeGreaterThan(0);
      await expectOneEach();
    });
  });

  /** As if the time of the function that died had run out. */
  const runOutTheLease = async (): Promise<void> => {
    await world().clients.dynamodb.send(
      new UpdateCommand({
        TableName: world().settings<LaunchSettings>("launch").ledgerTable,
        Key: { [LEDGER.partitionKey]: FLEET.name, [LEDGER.sortKey]: FLEET_ITEM },
        UpdateExpression: "SET #until = :now",
        ExpressionAttributeNames: { "#until": "until" },
        ExpressionAttributeValues: { ":now": Date.now() - 1 },
      }),
    );
  };
};
