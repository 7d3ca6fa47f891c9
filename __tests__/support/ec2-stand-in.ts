import { CreateFleetCommand, EC2Client, type CreateFleetCommandOutput } from "@aws-sdk/client-ec2";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
  /** In one type and two subnets: `subnet-a`, `subnet-b`. */
  launch(count: number, market?: Market, token?: string): Promise<CreateFleetCommandOutput>;
  stop(): Promise<void>;
}

export const startEc2StandIn = async (): Promise<Ec2StandIn> => {
  const made: string[] = [];
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const json = request.headers["x-amz-target"] !== undefined;
      response.writeHead(200, { "content-type": json ? "application/x-amz-json-1.1" : "text/xml" });
      response.end(json ? "{}" : answerEc2(new URLSearchParams(body.toString()), made));
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

/** CreateFleet and DescribeInstances, as EC2 writes their answers; all others are answered with nothing. */
export const answerEc2 = (asked: URLSearchParams, made: string[]): string => {
  if (asked.get("Action") === "DescribeInstances") return described(made);
  if (asked.get("Action") !== "CreateFleet") return "<Response/>";
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
