/** The range of a standing network is changed while a machine runs in it; all other changes are in changing/matrix-network. */
import { ChangingNetwork, NEW_FIRST } from "./network-change";

let network: ChangingNetwork;

beforeAll(async () => {
  network = await ChangingNetwork.start({ availabilityZones: ["eu-central-1b"] });
});

afterAll(() => network.stop());

it("another range is another VPC; where a machine outlives the apply, the next one goes on and takes nothing either", async () => {
  const machine = await network.launch();
  network.update({ cidrBlock: "10.1.0.0/16", availabilityZones: ["eu-central-1b"] });

  await expect(network.terraform.apply()).rejects.toThrow("DependencyViolation");

  expect(await network.lacks(machine)).toEqual([]);
  expect(network.names().subnetIds).not.toContain(machine.subnetId);
  expect(network.names().groupIds).not.toContain(machine.groupId);
  expect(await network.applyAround(machine)).toEqual({ ...NEW_FIRST, told: 0 });
  expect(await network.ec2.standing()).toEqual({ "10.1.0.0/16": ["10.1.0.0/19 b"] });
});

it("nothing is left after a destroy", async () => {
  await network.terraform.destroy();

  expect(await network.ec2.standing()).toEqual({});
});
