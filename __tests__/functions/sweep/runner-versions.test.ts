import { logger } from "../../../functions/shared/logger";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const METRIC = "RunnerVersionDaysLeft";
const ASKED = /actions\/runners\/deprecations\//;

describe("how long GitHub accepts the runner's versions", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));

  const lines = (): Record<string, unknown>[] =>
    jest
      .mocked(logger.info)
      .mock.calls.filter(([message]) => message === "runner versions")
      .map(([, fields]) => fields as unknown as Record<string, unknown>);
  const daysLeft = (): unknown[] => lines().map((line) => line[METRIC]);
  const versionsTold = (): unknown => lines().at(-1)?.versions;
  const asked = (): number => world.requests("GET", ASKED);

  const inDays = (days: number): string => new Date(world.time + days * DAY).toISOString();
  const packaged = (version: string, releasedDaysAgo: number, pinned: string[] = []): void =>
    world.set({ runnerVersions: { pinned, packaged: { version, releasedAt: inDays(-releasedDaysAgo) } } });
  const named = (version: string, days: number): void =>
    void world.github.state.releases.schedules.set(version, { runtime_deprecates_at: inDays(days) });
  const unnamed = (version: string): void =>
    void world.github.state.releases.schedules.set(version, { runtime_deprecates_at: null });

  it("is what GitHub says of the version that comes with the package, whatever its age", async () => {
    packaged("2.336.0", 5);
    named("2.336.0", 3);

    await world.sweep();

    expect(daysLeft()).toEqual([expect.closeTo(3, 5)]);
    expect(versionsTold()).toEqual([{ version: "2.336.0", until: inDays(3), by: "GitHub" }]);
  });

  it("has no value while GitHub names no day, however old the version is", async () => {
    packaged("2.338.0", 55);
    unnamed("2.338.0");

    await world.sweep();

    expect(daysLeft()).toEqual([undefined]);
    expect(versionsTold()).toEqual([{ version: "2.338.0", until: null, by: "GitHub" }]);
  });

  it("ends with the registration, where that ends first", async () => {
    packaged("2.330.0", 5);
    world.github.state.releases.schedules.set("2.330.0", {
      registration_deprecates_at: inDays(2),
      runtime_deprecates_at: inDays(20),
    });

    await world.sweep();

    expect(daysLeft()).toEqual([expect.closeTo(2, 5)]);
  });

  it("is below 0 once GitHub refuses the version", async () => {
    packaged("2.300.0", 5);
    named("2.300.0", -7);

    await world.sweep();

    expect(daysLeft()).toEqual([expect.closeTo(-7, 5)]);
  });

  it("is that of the renewed version, not of the packaged one, once that is handed over", async () => {
    packaged("2.336.0", 5);
    named("2.336.0", 1);
    unnamed("2.339.0");
    const sha256 = { x64: "a".repeat(64), arm64: "b".repeat(64) };
    world.release.prime(JSON.stringify({ version: "2.339.0", sha256 }));

    await world.sweep();

    expect(versionsTold()).toEqual([{ version: "2.339.0", until: null, by: "GitHub" }]);
    expect(daysLeft()).toEqual([undefined]);
  });

  it("counts the versions that fleets name, and the first day of all", async () => {
    packaged("2.338.0", 5, ["2.333.0", "2.334.0"]);
    unnamed("2.338.0");
    named("2.333.0", 12);
    named("2.334.0", 40);

    await world.sweep();

    expect(daysLeft()).toEqual([expect.closeTo(12, 5)]);
  });

  it("counts what our own runners have, such as those of an image, and not those of others", async () => {
    const [id = ""] = await world.launch(1);
    world.online(id).version = "2.331.0";
    world.register("runner-of-others", { version: "2.300.0" });
    named("2.331.0", 4);
    named("2.300.0", -100);

    await world.sweep();

    expect(daysLeft()).toEqual([expect.closeTo(4, 5)]);
  });

  it("is asked for at once of a version that was not there before", async () => {
    packaged("2.338.0", 5);
    unnamed("2.338.0");
    await world.sweep();
    const [id = ""] = await world.launch(1);
    world.online(id).version = "2.331.0";
    named("2.331.0", 4);

    await world.sweep();

    expect(daysLeft()).toEqual([undefined, expect.closeTo(4, 5)]);
    expect(asked()).toBe(2);
  });

  it("is asked for no more than 20 versions that runners say they have, within half a day", async () => {
    const ids = await world.launch(...Array.from({ length: 30 }, (_, index) => index + 1));
    for (const [index, id] of ids.entries()) world.online(id).version = `2.330.${index}`;

    await world.sweeps(2);

    expect(asked()).toBe(20);
  });

  it("asks nothing for what a job wrote in place of a version", async () => {
    const [id = ""] = await world.launch(1);
    world.online(id).version = "../../../app";

    await world.sweep();

    expect(asked()).toBe(0);
  });

  it("is asked for twice a day", async () => {
    packaged("2.338.0", 5);
    named("2.338.0", 20);

    await world.sweeps(3);
    expect(asked()).toBe(1);
    world.time += 12 * HOUR;
    await world.sweep();

    expect(asked()).toBe(2);
    expect(daysLeft()).toHaveLength(2);
  });

  it("waits for another day when few calls are left", async () => {
    packaged("2.338.0", 5);
    world.isShort = true;

    await world.sweep();

    expect(asked()).toBe(0);
  });

  it("rings when GitHub refuses the question, and stops nothing else of the sweep", async () => {
    packaged("2.338.0", 5);
    await world.launch(1);
    world.github.inject({ route: "GET /orgs/{org}/actions/runners/deprecations/{version}", status: 403 });

    await world.sweep();

    expect(logger.error).toHaveBeenCalledWith("sweep failed", expect.objectContaining({ Alarms: 1 }));
    expect(world.item("fleet")).toBeDefined();
  });

  describe("where the server does not know the question", () => {
    beforeEach(() => (world.github.state.releases.tellsSchedules = false));

    it("has no end for what the server offers itself, however old it is", async () => {
      packaged("2.322.0", 300);
      world.github.state.releases.offer("2.322.0", { x64: "a".repeat(64), arm64: "b".repeat(64) });

      await world.sweep();

      expect(versionsTold()).toEqual([
        { version: "2.322.0", until: null, by: "the server offers it itself" },
      ]);
      expect(daysLeft()).toEqual([undefined]);
    });

    it("goes by the age of the packaged version otherwise: 30 days from its release", async () => {
      packaged("2.336.0", 26.5);

      await world.sweep();

      expect(versionsTold()).toMatchObject([{ version: "2.336.0", by: "its age" }]);
      expect(daysLeft()).toEqual([expect.closeTo(3.5, 5)]);
    });

    it("says that it does not know of a version whose release it does not know", async () => {
      world.set({ runnerVersions: { pinned: ["2.333.0"] } });

      await world.sweep();

      expect(versionsTold()).toEqual([{ version: "2.333.0", by: "nobody" }]);
      expect(daysLeft()).toEqual([undefined]);
    });
  });
});
