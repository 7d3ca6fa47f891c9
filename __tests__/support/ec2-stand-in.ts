import { CreateFleetCommand, EC2Client, type CreateFleetCommandOutput } from "@aws-sdk/client-ec2";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerWith } from "./aws-refusals";
import {
  DUPLICATE_POOLS,
  hasDuplicatePools,
  overridesIn,
  zonesBy,
  type ZoneOf,
  type Zones,
} from "./instance-pools";
import { describeAwsCall, readAll, startProxy, type Proxy } from "./proxy";

type Market = "spot" | "on-demand";

/** An EC2 that launches as the emulator does (all in the first pool, at every call anew), behind a proxy. */
export interface Ec2StandIn {
  readonly proxy: Proxy;
  readonly client: EC2Client;
  readonly config: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** Instances, in the order in which they were launched. */
  readonly made: readonly string[];
  readonly zones: Map<string, string>;
  /** In one type and two subnets: `subnet-a`, `subnet-b`. */
  launch(count: number, market?: Market, token?: string): Promise<CreateFleetCommandOutput>;
  stop(): Promise<void>;
}

export const startEc2StandIn = async (): Promise<Ec2StandIn> => {
  const made: string[] = [];
  const zones = new Map<string, string>();
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const json = request.headers["x-amz-target"] !== undefined;
      const asked = new URLSearchParams(body.toString());
      const answer = json ? { status: 200, body: "{}" } : answerEc2(asked, made, zones);
      response.writeHead(answer.status, { "content-type": json ? "application/x-amz-json-1.1" : "text/xml" });
      response.end(answer.body);
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const proxy = await startProxy(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    describeAwsCall,
  );
  const config = {
    endpoint: proxy.url,
    region: "eu-central-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  const client = new EC2Client(config);
  return {
    proxy,
    client,
    config,
    made,
    zones,
    launch: (count, market = "spot", token = "token") => client.send(fleetOf(count, market, token)),
    stop: async () => {
      client.destroy();
      await proxy.stop();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};

export const idsIn = ({ Instances = [] }: CreateFleetCommandOutput): string[] =>
  Instances.flatMap(({ InstanceIds = [] }) => InstanceIds);

const fleetOf = (count: number, market: Market, ClientToken: string): CreateFleetCommand =>
  new CreateFleetCommand({
    Type: "instant",
    ClientToken,
    LaunchTemplateConfigs: [
      {
        LaunchTemplateSpecification: { LaunchTemplateId: "lt-1", Version: "1" },
        Overrides: ["subnet-a", "subnet-b"].map((SubnetId) => ({ InstanceType: "m7i.large", SubnetId })),
      },
    ],
    TargetCapacitySpecification: { TotalTargetCapacity: count, DefaultTargetCapacityType: market },
  });

export interface Ec2Answer {
  readonly status: number;
  readonly body: string;
}

/** CreateFleet, DescribeInstances and DescribeSubnets, as EC2 writes their answers; all others are answered with nothing. */
export const answerEc2 = (asked: URLSearchParams, made: string[], zones: Zones = new Map()): Ec2Answer => {
  const zoneOf = zonesBy(zones);
  const action = asked.get("Action");
  if (action === "DescribeInstances") return { status: 200, body: described(made) };
  if (action === "DescribeSubnets") return { status: 200, body: describedSubnets(filterIn(asked), zoneOf) };
  if (action !== "CreateFleet") return { status: 200, body: "<Response/>" };
  if (hasDuplicatePools([...overridesIn(asked).values()], zoneOf))
    return answerWith("ec2", 400, DUPLICATE_POOLS.code, DUPLICATE_POOLS.message);
  return { status: 200, body: launched(asked, made) };
};

const launched = (asked: URLSearchParams, made: string[]): string => {
  const count = Number(asked.get("TargetCapacitySpecification.TotalTargetCapacity"));
  const ids = Array.from({ length: count }, (_, at) => `i-${made.length + at + 1}`);
  made.push(...ids);
  const items = ids.map((id) => `<item>${id}</item>`).join("");
  return (
    `<CreateFleetResponse><fleetInstanceSet><item><instanceIds>${items}</instanceIds></item>` +
    `</fleetInstanceSet></CreateFleetResponse>`
  );
};

const described = (ids: readonly string[]): string => {
  const reason = "<stateReason><code>Client.UserInitiatedShutdown</code></stateReason>";
  const items = ids.map((id) => `<item>${reason}<instanceId>${id}</instanceId></item>`).join("");
  return (
    `<DescribeInstancesResponse><reservationSet><item><instancesSet>${items}</instancesSet></item>` +
    `</reservationSet></DescribeInstancesResponse>`
  );
};

const FILTER = /^Filter\.1\.Value\.\d+$/;

const filterIn = (asked: URLSearchParams): string[] =>
  [...asked].flatMap(([key, value]) => (FILTER.test(key) ? [value] : []));

const describedSubnets = (ids: readonly string[], zoneOf: ZoneOf): string => {
  const items = ids.map(
    (id) => `<item><subnetId>${id}</subnetId><availabilityZone>${zoneOf(id)}</availabilityZone></item>`,
  );
  return `<DescribeSubnetsResponse><subnetSet>${items.join("")}</subnetSet></DescribeSubnetsResponse>`;
};
