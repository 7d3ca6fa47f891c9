import { leaveOut, leaveOutDoubled, poolsOf, type ZoneOf } from "../../../functions/shared/pools";

const settings = { instanceTypes: ["x", "y"], subnetIds: ["a1", "b1", "a2", "a3"] };
/** `a1` is in zone `a`. */
const zoneOf: ZoneOf = (subnetId) => subnetId[0];
const nobodyKnows: ZoneOf = () => undefined;
const names = (pools: readonly { type: string; subnetId: string }[] | undefined) =>
  pools?.map(({ type, subnetId }) => `${type} ${subnetId}`);
const pool = (name: string) => {
  const [type = "", subnetId = ""] = name.split(" ");
  return { type, subnetId };
};
const error = (code: string, at?: string) => ({ code, message: "", ...(at && { pool: pool(at) }) });
const NO_CAPACITY = "InsufficientInstanceCapacity";
const NO_ADDRESS = "InsufficientFreeAddressesInSubnet";

describe("the pools that a launch names", () => {
  it("are every type in one subnet of each zone", () => {
    expect(names(poolsOf(settings, [], zoneOf, 0))).toEqual(["x a1", "x b1", "y a1", "y b1"]);
  });

  it("are in the subnets of a zone by turns", () => {
    const turns = [0, 1, 2, 3].map((turn) => names(poolsOf(settings, [], zoneOf, turn))?.[0]);
    expect(turns).toEqual(["x a1", "x a2", "x a3", "x a1"]);
  });

  it("have another subnet of the zone stand in for one that is left out", () => {
    const without = ["x a1", "y a1"].map(pool);
    expect(names(poolsOf(settings, without, zoneOf, 0))).toEqual(["x b1", "x a2", "y b1", "y a2"]);
  });

  it("leave out a type where it alone is left out", () => {
    expect(names(poolsOf(settings, [pool("x b1")], zoneOf, 0))).toEqual(["x a1", "y a1", "y b1"]);
  });

  it("are all of them where nobody knows a zone", () => {
    expect(poolsOf(settings, [], nobodyKnows, 0)).toHaveLength(8);
  });

  it("never double a zone, whatever is left out and whoever's turn it is", () => {
    const all = settings.instanceTypes.flatMap((type) =>
      settings.subnetIds.map((subnetId) => ({ type, subnetId })),
    );
    for (let mask = 0; mask < 2 ** all.length; mask++) {
      const without = all.filter((_, index) => mask & (1 << index));
      const asked = poolsOf(settings, without, zoneOf, mask);
      const zones = asked.map(({ type, subnetId }) => `${type} ${zoneOf(subnetId)}`);
      expect(new Set(zones).size).toBe(zones.length);
      expect(asked.length === 0).toBe(without.length === all.length);
    }
  });
});

describe("what another launch in the market leaves out", () => {
  it("is a type in the whole of a zone that has none, for its subnets share what it has", () => {
    const out = leaveOut(settings, [], [error(NO_CAPACITY, "x a1")], zoneOf);
    expect(names(out)).toEqual(["x a1", "x a2", "x a3"]);
  });

  it("is a subnet without addresses, whatever the type, and none other of its zone", () => {
    expect(names(leaveOut(settings, [], [error(NO_ADDRESS, "x a1")], zoneOf))).toEqual(["x a1", "y a1"]);
  });

  it("grows by each subnet that is full, and by nothing else", () => {
    const first = ["x a1", "y a1"].map(pool);
    const second = leaveOut(settings, first, [error(NO_ADDRESS, "y a2")], zoneOf);
    expect(names(second)).toEqual(["x a1", "x a2", "y a1", "y a2"]);
    expect(leaveOut(settings, first, [error(NO_CAPACITY, "x b1")], zoneOf)).toBeUndefined();
  });

  it.each([
    ["the error is of no pool", [], [error(NO_CAPACITY)]],
    ["another place would be as bad", [], [error("InvalidAMIID.NotFound", "x a1")]],
    ["every pool is full", [], ["x a1", "y a1", "x b1", "y b1"].map((at) => error(NO_CAPACITY, at))],
    ["there was no error", [], []],
  ])("is nothing to go on with when %s", (_, without, errors) => {
    expect(leaveOut(settings, without, errors, zoneOf)).toBeUndefined();
  });
});

describe("after a launch that was refused for two subnets in one zone", () => {
  it("all but one subnet of each zone are left out, where the zones are known by now", () => {
    expect(names(leaveOutDoubled(settings, [], zoneOf))).toEqual(["x a2", "x a3", "y a2", "y a3"]);
  });

  it("all but one subnet are left out, where they are not", () => {
    const out = leaveOutDoubled(settings, [], nobodyKnows) ?? [];
    expect(names(poolsOf(settings, out, nobodyKnows, 0))).toEqual(["x a1", "y a1"]);
  });

  it("nothing is tried a second time", () => {
    expect(leaveOutDoubled(settings, [pool("x a1")], nobodyKnows)).toBeUndefined();
    expect(leaveOutDoubled({ ...settings, subnetIds: ["a1"] }, [], nobodyKnows)).toBeUndefined();
  });
});
