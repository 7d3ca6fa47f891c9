import { LimitedError } from "../../../functions/shared/github-access";
import { runnerName } from "../../../functions/shared/contract";
import { logger } from "../../../functions/shared/logger";
import { FLEET, INSTALLATION } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const GROUP = "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners";
const ALL = "GET /orgs/{org}/actions/runners";
const ONE = "GET /orgs/{org}/actions/runners/{runner_id}";

// Hundreds of runners over sockets, on machines that do other things beside.
jest.setTimeout(30_000);

/** A machine that is nowhere. */
const stray = (index: number): string => `i-${index.toString(16).padStart(17, "0")}`;

describe("the sweep's look at runners", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const routes = () => world.github.requests.map(({ route }) => route);
  /** The routes that the next sweep asks for. */
  const asks = async (): Promise<(string | undefined)[]> => {
    world.github.requests.length = 0;
    await world.sweeps(1);
    return routes();
  };
  const others = (count: number, group: number, scope?: string): void => {
    for (let index = 0; index < count; index++)
      world.register(`others-${group}-${index}`, { busy: true, runner_group_id: group }, scope);
  };
  /** So many machines of ours, up and free. */
  const idle = async (count: number): Promise<string[]> => {
    const ids = await world.launch(...Array.from({ length: count }, (_, index) => index + 1));
    for (const id of ids) world.online(id);
    return ids;
  };
  const register = (index: number): void => {
    world.register(runnerName(INSTALLATION, FLEET, stray(index)), { status: "offline" });
  };
  /** The job that was waited for has been cancelled, and the machine is gone. */
  const endAll = async (): Promise<void> => {
    for (const [id] of world.cloud.machines) world.cloud.stop(id, "Client.InstanceInitiatedShutdown");
    for (const job of world.github.state.actions.jobs.values()) {
      world.github.state.actions.cancel(job);
      await world.tell("completed", job);
    }
  };

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
      register(1);
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
      register(1);

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

  describe("in a list that is long because of others", () => {
    beforeEach(() => others(350, 3));

    it("asks for each free machine by its own id, and for one page", async () => {
      const ids = await idle(2);

      expect(await asks()).toEqual([GROUP, ONE, ONE]);
      expect(ids.map((id) => world.stateOf(id))).toEqual(["idle", "idle"]);
    });

    it("asks for none that is too young to be up", async () => {
      await idle(2);
      world.github.requests.length = 0;

      await world.sweep();

      expect(routes()).toEqual([GROUP]);
    });

    it("takes one that is asked for and not there for absent", async () => {
      const [id = ""] = await idle(1);
      world.github.state.actions.lose(world.recordOf(id)!);

      await world.sweeps(2);

      expect(world.cloud.ended).toEqual([id]);
    });

    it("takes none that was not asked for, for absent", async () => {
      const ids = await idle(2);
      world.github.inject({ route: ONE, status: 502 });
      world.time += 12 * MINUTE;

      await world.sweeps(2);

      expect(ids.map((id) => world.stateOf(id))).toEqual(["starting", "starting"]);
      expect(world.cloud.ended).toEqual([]);
    });

    it("asks for machines at work now and then, some in each sweep, and for each in its turn", async () => {
      others(700, 3);
      world.fleet = { ...world.fleet, maximumMachines: 40 };
      const ids = await idle(40);
      const jobs = [...world.github.state.actions.jobs.values()];
      for (const [index, id] of ids.entries()) await world.start(id, jobs[index]!);
      world.time += 10 * MINUTE;
      world.github.requests.length = 0;

      await world.sweeps(30);

      const asked = world.github.requests.filter(({ route }) => route === ONE).map(({ path }) => path);
      expect(asked.length).toBeLessThanOrEqual(30 * 3);
      expect(new Set(asked).size).toBe(40);
    });

    it("asks for fifty at the most, and for the others in the next sweep", async () => {
      world.fleet = { ...world.fleet, maximumMachines: 70 };
      others(7000, 3);
      await idle(70);

      await world.sweeps(1);
      expect(world.machineStates()).toEqual({ starting: 20, idle: 50 });
      await world.sweeps(1);

      expect(world.machineStates()).toEqual({ idle: 70 });
    });

    it("reads one page more in each sweep, and so finds what nobody knows", async () => {
      await idle(1);
      await endAll();
      register(1);
      await world.sweeps(3);
      expect(world.recordOf(stray(1))).toBeDefined();

      await world.sweeps(3);

      expect(world.recordOf(stray(1))).toBeUndefined();
    });

    it("takes no call any more once all pages were seen without one of ours", async () => {
      await idle(1);
      await endAll();
      await world.sweeps(10);

      expect(await asks()).toEqual([]);
    });

    it("begins anew when the list has become shorter", async () => {
      world.set({ idleLimitSeconds: 3600 });
      await idle(1);
      await world.sweeps(3);
      world.records().splice(0, 350);

      const pages = async () => (await asks()).filter((route) => route === GROUP).length;
      expect([await pages(), await pages()]).toEqual([2, 1]);
    });

    it("sees to the record of a machine that is gone, though nobody asked for it", async () => {
      const [id = ""] = await idle(1);
      world.cloud.stop(id, "Server.InternalError");
      const record = world.recordOf(id)!;
      record.busy = true;
      await world.sweeps(2);
      expect(world.stateOf(id)).toBe("gone");
      expect(world.recordOf(id)).toBeDefined();
      record.busy = false;

      await world.sweeps(5);

      expect(world.recordOf(id)).toBeUndefined();
    });

    it("makes no call for the record of a machine that ended its job in peace", async () => {
      const [id = ""] = await idle(1);
      const job = world.github.state.actions.jobs.get(1)!;
      await world.start(id, job);
      world.github.state.actions.complete(job);
      await world.tell("completed", job);
      world.cloud.stop(id, "Client.InstanceInitiatedShutdown");

      await world.sweeps(3);

      expect(world.stateOf(id)).toBe("gone");
      expect(world.requests("DELETE", /./)).toBe(0);
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
