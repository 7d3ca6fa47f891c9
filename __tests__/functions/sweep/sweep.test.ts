import { LimitedError } from "../../../functions/shared/github-access";
import { jobItem, type Job } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { sweep } from "../../../functions/sweep/sweep";
import { FLEET } from "../../support/fleet-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const HOUR = 60 * MINUTE;

describe("the sweep", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const inLedger = (id: number) => world.item<Job>(jobItem(id));
  const at = (time: number): string => new Date(time).toISOString();
  const alarms = (text: string) => jest.mocked(logger.error).mock.calls.filter(([said]) => said === text);

  describe("as a whole", () => {
    it("launches for a job that no event will come for any more", async () => {
      await world.tell("queued", world.job(1));

      await world.sweep();

      expect(world.machineStates()).toEqual({ starting: 1 });
    });

    it("sees to the other fleets when one fails, and rings the alarm", async () => {
      await world.tell("queued", world.job(1));
      world.set({ fleets: ["broken", FLEET] });

      await world.sweep();

      expect(world.machineStates()).toEqual({ starting: 1 });
      expect(logger.error).toHaveBeenCalledWith(
        "sweep failed",
        expect.objectContaining({ fleet: "broken", Alarms: 1 }),
      );
    });

    it("reconciles when GitHub and EC2 do not answer", async () => {
      world.set({ registration: "token" });
      await world.tell("queued", world.job(1));
      world.github.inject({ status: 502 });
      const { provider } = world.sweepParts();
      world.replaced.provider = { ...provider, find: () => Promise.reject(new Error("throttled")) };

      await world.sweep();

      expect(world.machineStates()).toEqual({ starting: 1 });
      expect(alarms("sweep failed")).toEqual([
        ["sweep failed", expect.objectContaining({ part: "find machines" })],
      ]);
    });

    it("rings no alarm when GitHub asks for patience", async () => {
      await world.launch(1);
      const { access } = world.sweepParts();
      world.replaced.access = { ...access, call: () => Promise.reject(new LimitedError("app", world.time)) };

      await world.sweep();

      expect(logger.error).not.toHaveBeenCalled();
      expect(logger.warn).toHaveBeenCalledWith(
        "sweep limited",
        expect.objectContaining({ part: "list runners" }),
      );
    });

    it("leaves to the next sweep what it has no time for, and still reconciles", async () => {
      await world.tell("queued", world.job(1));
      const id = "i-0123456789abcdef0";
      world.cloud.machines.set(id, {
        instanceId: id,
        launchId: "x",
        market: "spot",
        launchedAt: at(world.time),
      });

      await sweep(world.sweepParts(), world.settings, world.time + 22_000);

      expect(world.cloud.ended).toEqual([]);
      expect(world.machineStates()).toEqual({ starting: 1 });
    });
  });

  describe("redelivery", () => {
    beforeEach(() => {
      world.set({ redeliver: true });
      world.redelivery = { ids: [], failing: [], until: at(world.time) };
    });

    it("is not asked for when no webhook is managed", async () => {
      world.set({ redeliver: false });

      await world.sweep();

      expect(world.redeliveries).toEqual([]);
    });

    it("begins an hour back, and goes on from where it was", async () => {
      world.redelivery = { ids: ["1", "2"], failing: [], until: at(world.time - MINUTE) };
      const start = world.time;
      await world.sweep();

      await world.sweeps(1);

      expect(world.redeliveries).toEqual([
        { since: at(start - HOUR), except: [] },
        { since: at(start - MINUTE), except: ["1", "2"] },
      ]);
    });

    it.each([
      ["https://github.com", 3],
      ["https://github.acme.example", 7],
    ])(
      "goes no further back than %s sends again, %d days, and forgets what is older",
      async (webUrl, days) => {
        world.set({ github: { ...world.settings.github, webUrl } });
        world.redelivery = { ids: ["1"], failing: [], until: at(world.time) };
        await world.sweep();
        world.time += (days + 1) * 24 * HOUR;
        await world.sweep();

        await world.sweep();

        expect(world.redeliveries[1]?.since).toBe(at(world.time - days * 24 * HOUR));
        expect(world.redeliveries[2]?.except).toEqual(["1"]);
      },
    );

    it("remembers what was sent again for as long as that is", async () => {
      world.set({ github: { ...world.settings.github, webUrl: "https://github.acme.example" } });
      world.redelivery = { ids: ["1"], failing: [], until: at(world.time) };
      await world.sweep();
      world.time += 6 * 24 * HOUR;
      world.redelivery = { ids: ["2"], failing: [], until: at(world.time) };
      await world.sweep();

      await world.sweep();

      expect(world.redeliveries[2]?.except).toEqual(["1", "2"]);
    });

    it("keeps some hundred at the most", async () => {
      const ids = Array.from({ length: 600 }, (_, index) => String(index));
      world.redelivery = { ids, failing: [], until: at(world.time) };
      await world.sweep();

      await world.sweep();

      expect(world.redeliveries[1]?.except).toEqual(ids.slice(-500));
    });

    it("tells once of what goes on failing", async () => {
      world.redelivery = { ids: [], failing: ["guid"], until: at(world.time) };
      await world.sweep();
      await world.sweep();

      expect(alarms("deliveries fail again and again")).toHaveLength(1);
    });

    it("asks for the same again when it fails, and holds up nothing", async () => {
      world.redelivery = new Error("function failed");
      await world.tell("queued", world.job(1));
      await world.sweep();
      await world.sweep();

      expect(world.redeliveries[1]).toEqual(world.redeliveries[0]);
      expect(world.machineStates()).toEqual({ starting: 1 });
    });
  });

  describe("backlog", () => {
    const labels = ["self-hosted", "linux", "x64"];
    beforeEach(() => {
      const routes = [{ fleet: FLEET, labels, match: "exact" as const }];
      world.set({ backlog: { repositories: ["acme/app"], routes } });
    });

    it("launches for a job that no event told of", async () => {
      world.job(1);

      await world.sweeps(1);

      expect(inLedger(1)).toMatchObject({ state: "waiting", runId: 1, repository: "acme/app" });
      expect(world.machineStates()).toEqual({ starting: 1 });
    });

    it("is not read by each sweep, and not while GitHub has few calls left for us", async () => {
      const looks = () => world.requests("GET", /actions.runs$/);
      await world.sweeps(1);
      const first = looks();
      await world.sweeps(2);
      expect([first > 0, looks()]).toEqual([true, first]);

      world.isShort = true;
      await world.sweeps(2);
      expect(looks()).toBe(first);

      world.isShort = false;
      await world.sweeps(1);
      expect(looks()).toBe(2 * first);
    });

    it("launches for a job that no event told of, though GitHub's clock is 700 seconds ahead", async () => {
      world.skew = 700_000;
      world.job(1);

      await world.sweeps(1);

      expect(world.machineStates()).toEqual({ starting: 1 });
    });

    it.each([0, -700_000])("leaves a job alone whose event may be on its way (skew: %d)", async (skew) => {
      world.skew = skew;
      world.job(1);
      world.time += MINUTE / 2;

      await world.sweep();

      expect(inLedger(1)).toBeUndefined();
    });

    it("leaves jobs alone that no fleet is for", async () => {
      world.job(1, ["ubuntu-latest"]);

      await world.sweeps(1);

      expect(inLedger(1)).toBeUndefined();
    });

    it("does not begin a job's wait anew", async () => {
      await world.launch(1);
      const before = inLedger(1)?.changedAt;

      await world.sweeps(1);

      expect(inLedger(1)?.changedAt).toBe(before);
    });

    it("does not take back what is known of a job", async () => {
      const [id = ""] = await world.launch(1);
      await world.start(id, world.github.state.actions.jobs.get(1)!);
      world.github.state.actions.move(world.github.state.actions.jobs.get(1)!, "queued");

      await world.sweeps(1);

      expect(inLedger(1)?.state).toBe("running");
    });

    it("does not undo an event that came while it looked", async () => {
      world.job(1);
      world.time += 2 * MINUTE;
      const { access } = world.sweepParts();
      world.replaced.access = {
        ...access,
        call: async (run) => {
          const answer = await access.call(run);
          world.time += 1000;
          await world.tell("waiting", world.github.state.actions.jobs.get(1)!);
          world.time += 1000;
          return answer;
        },
      };

      await world.sweep();

      expect(inLedger(1)?.state).toBe("withdrawn");
    });

    it("sees to the other repositories when one is refused", async () => {
      world.set({ backlog: { ...world.settings.backlog!, repositories: ["acme/gone", "acme/app"] } });
      world.github.inject({ route: "GET /repos/{owner}/{repo}/actions/runs", status: 404, times: 1 });
      world.job(1);

      await world.sweeps(1);

      expect(alarms("sweep failed")).toHaveLength(1);
      expect(inLedger(1)?.state).toBe("waiting");
    });
  });
});
