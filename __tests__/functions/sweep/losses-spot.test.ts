import { lossesIn, POWERED_OFF } from "./losses-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

jest.setTimeout(60_000);

describe("machines that are lost before they take a job", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));
  const { launched, lease, alarms, sweepsOfDeath, newest, look } = lossesIn(() => world);

  describe("on spot", () => {
    const marketsOf = (from: number): string[] =>
      world.cloud.launches.slice(from).map(({ market, count }) => `${count} ${market}`);

    it.each([
      "Client.InternalError",
      "Client.VolumeLimitExceeded",
      "Client.InvalidSnapshot.NotFound",
      "Server.InternalError",
      "Server.InsufficientInstanceCapacity",
    ])("by EC2, at the launch (%s), have the next round try on-demand", async (reason) => {
      await world.launch(1, 2, 3);
      const before = world.cloud.launches.length;

      await sweepsOfDeath(1, reason);

      expect(marketsOf(before)).toEqual(["1 on-demand"]);
    });

    it.each([
      ["the machine itself", POWERED_OFF],
      ["us or others, by the API", "Client.UserInitiatedShutdown"],
      ["a true interruption", "Server.SpotInstanceTermination"],
    ])("by %s have the next round try spot as before", async (_, reason) => {
      await world.launch(1, 2, 3);
      const before = world.cloud.launches.length;

      await sweepsOfDeath(1, reason);

      expect(marketsOf(before)).toEqual(["1 spot"]);
      expect(lease().losses?.count).toBe(3);
    });

    it("are no machine of on-demand that ended so", async () => {
      world.fleet = { ...world.fleet, markets: ["on-demand", "spot"] };
      await world.launch(1, 2, 3);

      await sweepsOfDeath(1, "Client.InternalError");

      expect([lease().losses?.count, lease().spotLosses]).toEqual([3, undefined]);
    });

    it("of a fleet with no other market go on being tried, with pauses", async () => {
      world.fleet = { ...world.fleet, markets: ["spot"] };
      await world.launch(1, 2, 3);

      await sweepsOfDeath(30, "Client.InternalError");

      expect(new Set(world.cloud.launches.map(({ market }) => market))).toEqual(new Set(["spot"]));
      expect(launched()).toBeLessThan(25);
      expect(launched()).toBeGreaterThan(8);
    });

    it("leave on-demand to all the jobs once it serves, and try spot again with one machine", async () => {
      await world.launch(1, 2, 3);
      await sweepsOfDeath(1, "Client.InternalError");
      await world.start(newest(), world.github.state.actions.jobs.get(1)!);
      const before = world.cloud.launches.length;

      await look();
      expect(marketsOf(before)).toEqual(["2 on-demand"]);
      expect(lease().losses).toBeUndefined();
      for (const [at, id] of [...world.cloud.machines.keys()].slice(1).entries())
        await world.start(id, world.github.state.actions.jobs.get(at + 2)!);
      world.time += 6 * MINUTE;
      await world.launch(4, 5, 6);

      expect(marketsOf(before + 1)).toEqual(["1 spot", "2 on-demand"]);
      const spot = [...world.cloud.machines.values()].find(({ market }) => market === "spot");
      await world.start(spot?.instanceId ?? "", world.github.state.actions.jobs.get(4)!);
      const last = world.cloud.launches.length;
      await world.launch(7, 8);
      expect(marketsOf(last)).toEqual(["2 spot"]);
      expect(lease().spotLosses).toBeUndefined();
    });

    it("are told of although on-demand serves the jobs", async () => {
      await world.launch(1, 2, 3);

      await sweepsOfDeath(1, "Client.InternalError");

      expect(alarms()[0]).toMatchObject({
        inARow: 3,
        advice: expect.stringMatching(/AWSServiceRoleForEC2Spot/) as string,
      });
    });
  });
});
