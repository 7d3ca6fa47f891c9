import { LimitedError } from "../../../functions/shared/github-access";
import { runnerName } from "../../../functions/shared/contract";
import { logger } from "../../../functions/shared/logger";
import { FLEET, INSTALLATION } from "../../support/fleet-world";
import { ALL, GROUP, ONE, runnerLists, stray } from "./runner-lists";
import { eachInSweepWorld, type SweepWorld } from "./sweep-world";

// Hundreds of runners over sockets, on machines that do other things beside.
jest.setTimeout(30_000);

describe("the sweep's look at runners", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const { asks, others, idle, leave, endAll } = runnerLists(() => world);

  describe("in a group of the installation's own", () => {
    it("takes one call, however many runners others have", async () => {
      others(350, 1);
      const [id = ""] = await idle(1);

      expect(await asks()).toEqual([GROUP]);
      expect(world.stateOf(id)).toBe("idle");
    });

    it("takes no call before anything was launched", async () => {
      others(5, 1);

      expect(await asks()).toEqual([]);
    });

    it("takes no call once there is nothing any more, and none of ours is left", async () => {
      await idle(1);
      await endAll();
      await world.sweeps(4);

      expect(await asks()).toEqual([]);
      expect(world.records()).toEqual([]);
    });

    it("looks on for as long as a record of ours is left, and removes it", async () => {
      await idle(1);
      await endAll();
      leave(1);
      const busy = world.register(runnerName(INSTALLATION, FLEET, stray(2)), { busy: true });
      await world.sweeps(6);
      expect(world.records()).toEqual([busy]);
      busy.busy = false;

      await world.sweeps(2);

      expect(world.records()).toEqual([]);
      expect(await asks()).toEqual([]);
    });

    it("looks again after each launch, even of a machine that came and went between two sweeps", async () => {
      await idle(1);
      await endAll();
      await world.sweeps(4);
      const [id = ""] = await world.launch(2);
      await endAll();
      await world.sweepParts().ledger.moveMachine(FLEET, "gone", { instanceId: id });
      leave(1);

      await world.sweeps(1);

      expect(world.recordOf(stray(1))).toBeUndefined();
    });

    it("reads a long list of our own whole, where that takes fewer calls than to ask for each", async () => {
      world.fleet = { ...world.fleet, maximumMachines: 300 };
      await idle(170);

      expect(await asks()).toEqual([GROUP, GROUP]);
      expect(world.machineStates()).toEqual({ idle: 170 });
    });

    it("goes on at the page where it stopped when its time was out", async () => {
      world.fleet = { ...world.fleet, maximumMachines: 300 };
      others(150, 3);
      await idle(100);
      const { access } = world.sweepParts();
      const pages: string[] = [];
      world.replaced.access = {
        ...access,
        call: async (run) => {
          const answer = await access.call(run);
          const page = world.github.requests.at(-1)?.query.get("page");
          if (page) world.time += 13_000;
          if (page) pages.push(page);
          return answer;
        },
      };

      await world.sweeps(3);

      expect(pages).toEqual(["1", "2", "3"]);
      expect(world.machineStates()).toEqual({ idle: 100 });
    });
  });

  describe("where there is no list of our own", () => {
    it("looks at all runners in GitHub's default group, a page at a time", async () => {
      world.fleet = { ...world.fleet, runnerGroupId: "1" };
      others(350, 5);
      const [id = ""] = await idle(1);

      expect(await asks()).toEqual([ALL, ONE]);
      expect(world.stateOf(id)).toBe("idle");
    });

    it("looks at a repository's runners, a page at a time", async () => {
      world.set({ github: { ...world.settings.github, repository: "app" } });
      others(350, 1, "repos/acme/app");
      const [id = ""] = await world.launch(1);
      const record = world.github.state.runnersOf("repos/acme/app").at(-1)!;
      record.status = "online";

      expect(await asks()).toEqual([
        "GET /repos/{owner}/{repo}/actions/runners",
        "GET /repos/{owner}/{repo}/actions/runners/{runner_id}",
      ]);
      expect(world.stateOf(id)).toBe("idle");
    });

    it("asks by name where the id is not known", async () => {
      world.set({ registration: "token" });
      world.fleet = { ...world.fleet, runnerGroupId: "1" };
      others(350, 1);
      const [id = ""] = await world.launch(1);
      const { ledger } = world.sweepParts();
      await ledger.note(FLEET, `machine#${id}`, { runnerId: undefined });
      world.register(runnerName(INSTALLATION, FLEET, id));

      expect(await asks()).toEqual([ALL, ALL]);
      expect(world.github.requests.at(-1)?.query.get("name")).toBe(runnerName(INSTALLATION, FLEET, id));
      expect(world.stateOf(id)).toBe("idle");
    });
  });

  it("asks once more when an answer is lost, and no more than once", async () => {
    const [id = ""] = await idle(1);
    world.github.inject({ route: GROUP, status: 502, times: 1 });

    expect(await asks()).toEqual([GROUP, GROUP]);
    expect(world.stateOf(id)).toBe("idle");
    world.github.inject({ route: GROUP, status: 502 });
    expect(await asks()).toEqual([GROUP, GROUP]);
  });

  it("rings when GitHub has not answered for a quarter of an hour", async () => {
    await idle(1);
    const { access } = world.sweepParts();
    world.replaced.access = { ...access, call: () => Promise.reject(new LimitedError("app", world.time)) };
    const alarms = () =>
      jest.mocked(logger.error).mock.calls.filter(([text]) => text === "sweep has no time");

    await world.sweeps(8);
    expect(alarms()).toEqual([]);
    await world.sweeps(1);

    expect(alarms()).toEqual([
      ["sweep has no time", expect.objectContaining({ part: "list runners", Alarms: 1 })],
    ]);
  });
});
