/**
 * What a team has in its account before it applies: keys, a network, templates, a boundary. Rows name these things by the words
 * below, and {@link Ground.fill} puts the emulator's ids in their place.
 */
import {
  CreateLaunchTemplateCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  CreateInternetGatewayCommand,
  AttachInternetGatewayCommand,
  CreateRouteCommand,
  DescribeRouteTablesCommand,
} from "@aws-sdk/client-ec2";
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import { emulatorCredentials, emulatorRegion } from "../../support/moto";
import { ORGANIZATION, PRIVATE_KEY_PARAMETER, type World } from "../world";
import type { Json } from "./row";

export const IMAGE_PARAMETER = "/octo-org/runner-image";
export const SECOND_APP = "4712";
export const SECOND_KEY_PARAMETER = "/octo-org/second-app-key";
export const GROUPS = [
  { id: 1007, name: "builders" },
  { id: 1008, name: "others" },
] as const;
const APP_HOOK = {
  url: "https://not-yet.example.com/webhook",
  content_type: "json",
  insecure_ssl: "0",
  secret: "none-yet",
};
export const THIRD_APP = "4713";
export const THIRD_KEY_PARAMETER = "/octo-org/third-app-key";
export const KEYS = ["{key.1}", "{key.2}"] as const;
export const BOUNDARY = "{boundary}";
export const NETWORK = {
  vpcId: "{vpc}",
  subnetIds: ["{subnet.1}", "{subnet.2}"],
  securityGroupIds: ["{group}"],
} as const;
export const EXISTING_TEMPLATES = [1, 2].map((number) => ({
  id: `{template.${number}}`,
  roleArn: `{role.${number}}`,
  roleId: `{roleId.${number}}`,
})) as readonly { readonly id: string; readonly roleArn: string; readonly roleId: string }[] as readonly [
  { readonly id: string; readonly roleArn: string; readonly roleId: string },
  { readonly id: string; readonly roleArn: string; readonly roleId: string },
];

/** A policy that lets everything: what it bounds is not the question here. */
const EVERYTHING = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});
const FOR_MACHINES = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

export class Ground {
  private constructor(private readonly ids: Readonly<Record<string, string>>) {}

  static async lay(world: World): Promise<Ground> {
    world.github.state.groupsOf(`orgs/${ORGANIZATION}`).push(...GROUPS.map((group) => ({ ...group })));
    // An App has one webhook from its beginning on; switched on, it sends to whatever address a person gave it.
    world.github.state.hooks.set("app", { ...APP_HOOK });
    await world.storePrivateKey();
    await world.storePrivateKey(SECOND_KEY_PARAMETER);
    await world.storePrivateKey(THIRD_KEY_PARAMETER);
    const image = new PutParameterCommand({ Name: IMAGE_PARAMETER, Value: "ami-12c6146b", Type: "String" });
    await world.clients.ssm.send(image);
    const parts = await Promise.all([network(world), keys(world), templates(world), boundary(world)]);
    return new Ground(Object.assign({}, ...parts) as Record<string, string>);
  }

  /** The same with the emulator's ids. */
  fill<T extends Json | string>(value: T): T {
    const text = JSON.stringify(value).replace(
      /\{(?:key|boundary|vpc|subnet|group|template|role|roleId)[.\d]*\}/g,
      (word) => {
        const id = this.ids[word];
        if (id === undefined) throw new Error(`Nothing was laid for ${word}.`);
        return id;
      },
    );
    return JSON.parse(text) as T;
  }
}

const network = async ({ clients: { ec2 } }: World): Promise<Record<string, string>> => {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.77.0.0/16" }));
  const VpcId = Vpc?.VpcId ?? "";
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId ?? "";
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const tables = await ec2.send(
    new DescribeRouteTablesCommand({ Filters: [{ Name: "vpc-id", Values: [VpcId] }] }),
  );
  await ec2.send(
    new CreateRouteCommand({
      RouteTableId: tables.RouteTables?.[0]?.RouteTableId ?? "",
      DestinationCidrBlock: "0.0.0.0/0",
      GatewayId,
    }),
  );
  const subnet = async (number: number): Promise<string> => {
    const made = await ec2.send(
      new CreateSubnetCommand({
        VpcId,
        CidrBlock: `10.77.${number}.0/24`,
        AvailabilityZone: `${emulatorRegion}${"abc"[number]}`,
      }),
    );
    return made.Subnet?.SubnetId ?? "";
  };
  const group = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName: "team", Description: "The team's own." }),
  );
  return {
    "{vpc}": VpcId,
    "{subnet.1}": await subnet(0),
    "{subnet.2}": await subnet(1),
    "{group}": group.GroupId ?? "",
  };
};

/** AWS's query and JSON protocols, of services that have no client here. */
const ask = async (world: World, service: string, init: RequestInit, found: RegExp): Promise<string> => {
  const scope = `${emulatorCredentials.accessKeyId}/20260101/${emulatorRegion}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const headers = { ...(init.headers as Record<string, string>), authorization };
  const answer = await fetch(world.moto, { method: "POST", ...init, headers });
  const text = await answer.text();
  const value = found.exec(text)?.[1];
  if (!answer.ok || value === undefined) throw new Error(`${service} answered ${answer.status}: ${text}`);
  return value;
};

const iam = (world: World, parameters: Readonly<Record<string, string>>, found: RegExp): Promise<string> =>
  ask(world, "iam", { body: new URLSearchParams({ Version: "2010-05-08", ...parameters }) }, found);

const keys = async (world: World): Promise<Record<string, string>> => {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.CreateKey" };
  const key = () => ask(world, "kms", { headers, body: "{}" }, /"Arn": *"([^"]+)"/);
  return { "{key.1}": await key(), "{key.2}": await key() };
};

const templates = async (world: World): Promise<Record<string, string>> => {
  const all: Record<string, string> = {};
  for (const number of [1, 2]) {
    const RoleName = `team-machine-${number}`;
    const made = iam(
      world,
      { Action: "CreateRole", RoleName, AssumeRolePolicyDocument: FOR_MACHINES },
      /<Arn>([^<]+)/,
    );
    all[`{role.${number}}`] = await made;
    all[`{roleId.${number}}`] = await iam(world, { Action: "GetRole", RoleName }, /<RoleId>([^<]+)/);
    const template = await world.clients.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: RoleName,
        LaunchTemplateData: { ImageId: "ami-12c6146b", InstanceType: "m5.large" },
      }),
    );
    all[`{template.${number}}`] = template.LaunchTemplate?.LaunchTemplateId ?? "";
  }
  return all;
};

const boundary = async (world: World): Promise<Record<string, string>> => ({
  "{boundary}": await iam(
    world,
    { Action: "CreatePolicy", PolicyName: "boundary", PolicyDocument: EVERYTHING },
    /<Arn>([^<]+)/,
  ),
});

/** Two fleets: one that a team's jobs keep busy, and one with a single machine, for whose job another one waits. */
export const BUSY = {
  name: "linux-x64",
  labels: ["self-hosted", "linux", "x64"],
  maximumMachines: 5,
} as const;
export const NARROW = { name: "narrow", labels: ["self-hosted", "narrow"], maximumMachines: 1 } as const;
export const REPOSITORY = `${ORGANIZATION}/Hello-World`;

/** The installation that every row begins with and comes back to. */
export const baseContext = (githubUrl: string): Json => ({
  region: emulatorRegion,
  runners: {
    github: {
      org: ORGANIZATION,
      appId: "4711",
      privateKeyParameter: PRIVATE_KEY_PARAMETER,
      baseUrl: githubUrl,
    },
    fleets: [BUSY, NARROW],
    prefix: "e2e",
  },
});
