/**
 * The real terraform changes the network of a standing installation, each time while a machine runs in what goes. NIGHTLY=1
 * makes every change; CI makes those that bring something of their own.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RunnerNetworkProps } from "../../constructs/runner-network";
import { startMoto, type Moto } from "../support/moto";
import { describeAwsCall, startProxy, type Call, type Proxy } from "../support/proxy";
import { Terraform } from "../support/terraform";
import { Ec2, synthNetwork } from "./network-world";

type Network = Partial<RunnerNetworkProps>;

const nightly = process.env.NIGHTLY ? it : it.skip;
const work = mkdtempSync(join(tmpdir(), "network-change-"));
let moto: Moto;
let proxy: Proxy;
let terraform: Terraform;
let ec2: Ec2;
let stacks = 0;

const synth = (network: Network): string => synthNetwork(join(work, `out-${++stacks}`), network);
const made = (type: string) => terraform.resources().filter((one) => one.type === type);
const idsOf = (type: string): string[] => made(type).map(({ values }) => String(values.id));

/** What the fleet's parameter names, and what the newest version of its template. */
const told = (): { readonly subnetIds: string[]; readonly groupIds: unknown } => {
  const [parameter] = made("aws_ssm_parameter").map(({ values }) => String(values.insecure_value));
  const { subnetIds } = JSON.parse(parameter ?? "{}") as { subnetIds: string[] };
  return { subnetIds, groupIds: made("aws_launch_template")[0]?.values.vpc_security_group_ids };
};

interface Machine {
  readonly id: string;
  readonly subnetId: string;
  readonly groupId: string;
}

/** In the last of the subnets that launches name now. */
const launch = async (): Promise<Machine> => {
  const { subnetIds, groupIds } = told();
  const place = { subnetId: String(subnetIds.at(-1)), groupId: String((groupIds as string[])[0]) };
  return { id: await ec2.run(place.subnetId, place.groupId), ...place };
};

const TELLING =
  /^(ec2:CreateLaunchTemplateVersion|ssm:PutParameter|iam:PutRolePolicy|lambda:PUT .*configuration)$/;
const TAKING = /^ec2:(Delete(Subnet|SecurityGroup|Route|VpcEndpoints|Vpc)|DetachInternetGateway)$/;
const isRefused = ({ name, status }: Call): boolean => TAKING.test(name) && status === 400;
const takes = ({ name, body }: Call, { groupId }: Machine): boolean =>
  TAKING.test(name) || (name === "ec2:RevokeSecurityGroupEgress" && body.includes(groupId));

/** Once EC2 has refused to take something, and Terraform has had time for all else that it would take. */
const refused = async (): Promise<void> => {
  const until = Date.now() + 120_000;
  while (!proxy.calls.some(isRefused)) {
    if (Date.now() > until) throw new Error("EC2 was asked for nothing that the machine stands in.");
    await wait(100);
  }
  await wait(2_000);
};

/** Applies the network while a machine runs, which ends when the apply waits for it. */
const change = async (network: Network) => {
  const machine = await launch();
  terraform.update(synth(network));
  proxy.calls.length = 0;
  const applying = terraform.apply();
  // Whatever fails first is the reason.
  await Promise.race([refused(), applying]);
  const lacks = await ec2.lacks(machine.subnetId, machine.groupId);
  const before = [...proxy.calls];
  await ec2.end(machine.id);
  await applying;
  const tellings = proxy.calls.filter(({ name }) => TELLING.test(name)).length;
  return {
    lacks,
    /** What was taken while the machine ran, of what it needs. */
    taken: before.filter((call) => takes(call, machine) && call.status === 200).map(({ name }) => name),
    toldLate: tellings - before.filter(({ name }) => TELLING.test(name)).length,
    tellings,
    then: await terraform.plan(),
  };
};

/** All who launch know of the new before the old goes, which the machine had until its end. */
const NEW_FIRST = { lacks: [], taken: [], toldLate: 0, then: [] };

beforeAll(async () => {
  moto = await startMoto();
  proxy = await startProxy(moto.endpoint, describeAwsCall);
  ec2 = new Ec2(moto.endpoint);
  terraform = await Terraform.prepare({
    stack: synth({ availabilityZones: ["eu-central-1b"] }),
    work: join(work, "terraform"),
    endpoint: proxy.url,
    served: true,
  });
  await terraform.apply();
});

afterAll(async () => {
  terraform?.stop();
  await proxy.stop();
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("another range is another VPC; where a machine outlives the apply, the next one goes on and takes nothing either", async () => {
  const machine = await launch();
  const lacks = () => ec2.lacks(machine.subnetId, machine.groupId);
  terraform.update(synth({ cidrBlock: "10.1.0.0/16", availabilityZones: ["eu-central-1b"] }));

  await expect(terraform.apply()).rejects.toThrow("DependencyViolation");

  expect(await lacks()).toEqual([]);
  expect(told().subnetIds).not.toContain(machine.subnetId);
  expect(told().groupIds).not.toContain(machine.groupId);
  proxy.calls.length = 0;
  const again = terraform.apply();
  await Promise.race([refused(), again]);
  expect(await lacks()).toEqual([]);
  await ec2.end(machine.id);
  await again;
  expect(await terraform.plan()).toEqual([]);
  expect(await ec2.standing()).toEqual({ "10.1.0.0/16": ["10.1.0.0/19 b"] });
});

nightly("the range that was there before", async () => {
  expect(await change({ availabilityZones: ["eu-central-1b"] })).toMatchObject(NEW_FIRST);
  expect(await ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 b"] });
});

nightly("another zone is another VPC; one more is one subnet more", async () => {
  expect(await change({ availabilityZones: ["eu-central-1c"] })).toMatchObject(NEW_FIRST);
  expect(await ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 c"] });
  const [vpc] = idsOf("aws_vpc");

  terraform.update(synth({ availabilityZones: ["eu-central-1c", "eu-central-1a"] }));
  await terraform.apply();

  expect(idsOf("aws_vpc")).toEqual([vpc]);
  expect(await ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 c", "10.0.32.0/19 a"] });
});

nightly("zones that are counted in place of named ones are another VPC", async () => {
  const [vpc] = idsOf("aws_vpc");
  expect(await change({ zones: 2 })).toMatchObject(NEW_FIRST);

  expect(idsOf("aws_vpc")).not.toEqual([vpc]);
  expect(await ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 a", "10.0.32.0/19 b"] });
});

nightly("one zone less takes one subnet, and the machine in it keeps its way out", async () => {
  expect(await change({ zones: 1 })).toMatchObject(NEW_FIRST);

  expect(await ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 a"] });
});

it("a VPC of the team's takes the place of the one that was made", async () => {
  const { vpcId, subnetIds } = await ec2.teams();

  expect(await change({ existing: { vpcId, subnetIds } })).toMatchObject({ ...NEW_FIRST, tellings: 4 });

  expect([...told().subnetIds].sort()).toEqual(subnetIds);
  expect(await ec2.standing()).toEqual({});
});

// Nothing but the group itself waits for machines in subnets of the team's, and the group goes after its rule.
it("a group of the team's takes the place of one that was made in its VPC: launches move first, the way out goes before the machine", async () => {
  const { subnetIds, groupId } = await ec2.teams();

  const { lacks, ...others } = await change({ existing: { subnetIds, securityGroupIds: [groupId] } });

  expect(lacks).toContain("egress rule");
  expect(others).toMatchObject({ taken: ["ec2:RevokeSecurityGroupEgress"], toldLate: 0, then: [] });
  expect(told().groupIds).toEqual([groupId]);
  expect(idsOf("aws_security_group")).toEqual([]);
});

nightly("other subnets of the team's, and back to a network of its own", async () => {
  const { subnetIds, groupId } = await ec2.teams();
  terraform.update(synth({ existing: { subnetIds: subnetIds.slice(0, 1), securityGroupIds: [groupId] } }));
  await terraform.apply();
  expect(told().subnetIds).toEqual(subnetIds.slice(0, 1));

  terraform.update(synth({ zones: 1 }));
  await terraform.apply();

  expect(await terraform.plan()).toEqual([]);
  expect(told().subnetIds).toEqual(idsOf("aws_subnet"));
  expect(await ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 a"] });
});

it("nothing is left after a destroy", async () => {
  await terraform.destroy();

  expect(await ec2.standing()).toEqual({});
});
