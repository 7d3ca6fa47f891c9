/** Every change of a standing network, each while a machine runs in what goes: `NIGHTLY=1 npm run test:e2e -- matrix-network`. */
import { ChangingNetwork, NEW_FIRST } from "../network-change";

let network: ChangingNetwork;

beforeAll(async () => {
  network = await ChangingNetwork.start({ availabilityZones: ["eu-central-1b"] });
});

afterAll(() => network.stop());

it("another range is another VPC", async () => {
  const ranged = { cidrBlock: "10.1.0.0/16", availabilityZones: ["eu-central-1b"] };
  const outcome = await network.change(ranged);

  // Template, parameter, policy and function.
  expect(outcome).toEqual({ ...NEW_FIRST, told: 4 });
  expect(await network.ec2.standing()).toEqual({ "10.1.0.0/16": ["10.1.0.0/19 b"] });
});

it("the range that was there before, and another zone, is another VPC; one zone more is one subnet more", async () => {
  expect(await network.change({ availabilityZones: ["eu-central-1c"] })).toMatchObject(NEW_FIRST);
  expect(await network.ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 c"] });
  const [vpc] = network.ids("aws_vpc");

  await network.apply({ availabilityZones: ["eu-central-1c", "eu-central-1a"] });

  expect(network.ids("aws_vpc")).toEqual([vpc]);
  expect(await network.ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 c", "10.0.32.0/19 a"] });
});

it("zones that are counted in place of named ones are another VPC", async () => {
  const [vpc] = network.ids("aws_vpc");
  expect(await network.change({ zones: 2 })).toMatchObject(NEW_FIRST);

  expect(network.ids("aws_vpc")).not.toEqual([vpc]);
  expect(await network.ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 a", "10.0.32.0/19 b"] });
});

it("one zone less takes one subnet, and the machine in it keeps its way out", async () => {
  const [vpc] = network.ids("aws_vpc");
  expect(await network.change({ zones: 1 })).toMatchObject(NEW_FIRST);

  expect(network.ids("aws_vpc")).toEqual([vpc]);
  expect(await network.ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 a"] });
});

it("a VPC of the team's takes the place of the one that was made", async () => {
  const { vpcId, subnetIds } = await network.ec2.teams();

  expect(await network.change({ existing: { vpcId, subnetIds } })).toMatchObject(NEW_FIRST);

  expect([...network.names().subnetIds].sort()).toEqual(subnetIds);
  expect(await network.ec2.standing()).toEqual({});
});

// Nothing but the group itself waits for machines in subnets of the team's, and the group goes after its rule.
it("a group of the team's takes the place of one that was made in its VPC: the way out goes before the machine", async () => {
  const { subnetIds, groupId } = await network.ec2.teams();

  const { lacks, ...others } = await network.change({ existing: { subnetIds, securityGroupIds: [groupId] } });

  expect(lacks).toContain("egress rule");
  expect(others).toMatchObject({ taken: ["ec2:RevokeSecurityGroupEgress"], toldLate: 0, then: [] });
  expect(network.names().groupIds).toEqual([groupId]);
  expect(network.ids("aws_security_group")).toEqual([]);
});

it("other subnets of the team's, and back to a network of its own", async () => {
  const { subnetIds, groupId } = await network.ec2.teams();
  await network.apply({ existing: { subnetIds: subnetIds.slice(0, 1), securityGroupIds: [groupId] } });
  expect(network.names().subnetIds).toEqual(subnetIds.slice(0, 1));

  await network.apply({ zones: 1 });

  expect(await network.terraform.plan()).toEqual([]);
  expect(network.names().subnetIds).toEqual(network.ids("aws_subnet"));
  expect(await network.ec2.standing()).toEqual({ "10.0.0.0/16": ["10.0.0.0/19 a"] });
});

it("nothing is left after a destroy", async () => {
  await network.terraform.destroy();

  expect(await network.ec2.standing()).toEqual({});
});
