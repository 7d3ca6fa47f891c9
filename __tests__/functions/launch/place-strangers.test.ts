import { takeMessages } from "../../../functions/launch/take-messages";
import { createFleetList } from "../../../functions/shared/fleet-list";
import { jobItem } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { event, FLEET, fleetSettings, HANDOFF_TABLE, LEDGER_TABLE, START } from "../../support/fleet-world";
import { launchWorld, recordOf, type LaunchWorld, type LaunchWorldOptions } from "../../support/launch-world";

let world: LaunchWorld;
const make = async (options?: LaunchWorldOptions) => (world = await launchWorld(options));
const soon = () => Date.now() + 60_000;
const { labels } = fleetSettings();
const seconds = () => Math.floor((Date.now() - START) / 1000);
const queuedFor = (fleet: string, own: object = {}) =>
  recordOf(event("queued", 1, seconds(), { fleet, ...own }));
const rowsOfJob = () =>
  world.database
    .items(LEDGER_TABLE)
    .filter(({ item }) => item === jobItem(1))
    .map(({ fleet, state }) => ({ fleet, state }));
const listed = async () =>
  (await createFleetList(world.database.client(), LEDGER_TABLE).read()).map(({ fleet }) => fleet);

beforeEach(() => {
  for (const level of ["info", "warn", "error"] as const) jest.spyOn(logger, level).mockReturnValue();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await world.server.stop();
});

describe("a message of a fleet that the launch function does not know", () => {
  it("is for the fleet that has its labels now, and a machine is launched at once", async () => {
    await make();

    const answer = await takeMessages(world.sandbox(), [queuedFor("former", { labels })], soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(rowsOfJob()).toEqual([{ fleet: FLEET, state: "waiting" }]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
    expect(await listed()).toEqual([]);
  });

  it("is written down for a fleet to come, whose machine is launched seconds later", async () => {
    await make();

    const answer = await takeMessages(world.sandbox(), [queuedFor("added", { labels: ["gpu"] })], soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(rowsOfJob()).toEqual([{ fleet: "added", state: "waiting" }]);
    expect(await listed()).toEqual(["added"]);
    expect(world.wakes).toEqual([{ fleet: "added", delaySeconds: 15 }]);
    expect(world.database.items(HANDOFF_TABLE)).toEqual([]);

    const { database } = world;
    await world.server.stop();
    await make({ fleets: { [FLEET]: fleetSettings(), added: fleetSettings({ labels: ["gpu"] }) }, database });
    await takeMessages(world.sandbox(), [{ messageId: "wake", body: '{"wake":"added"}' }], soon());

    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  it.each([
    ["has no labels, as those of 0.1.0", {}],
    ["has labels of nobody", { labels: ["gpu"] }],
  ])("is written down where the sweep looks when it %s", async (_, own) => {
    await make();

    await takeMessages(world.sandbox(), [queuedFor("former", own)], soon());

    expect(rowsOfJob()).toEqual([{ fleet: "former", state: "waiting" }]);
    expect(await listed()).toEqual(["former"]);
  });

  it("comes again when it cannot be said where to look, and holds up no other", async () => {
    await make();
    const sandbox = world.sandbox();
    const parts = {
      ...sandbox,
      fleetList: { ...sandbox.fleetList, hear: () => Promise.reject(new Error()) },
    };
    const other = recordOf(event("queued", 2, seconds()));

    const answer = await takeMessages(parts, [queuedFor("former"), other], soon());

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "1" }]);
    expect(world.database.items(HANDOFF_TABLE)).toHaveLength(1);
  });

  const ran = (fleet: string) =>
    recordOf(event("completed", 1, seconds(), { fleet, runnerName: `runners_${fleet}_i-0123456789abcdef0` }));

  it("is left alone when only the name of a runner, which others can give to theirs, speaks of the fleet", async () => {
    await make();

    const answer = await takeMessages(world.sandbox(), [ran("invented")], soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(rowsOfJob()).toEqual([]);
    expect(await listed()).toEqual([]);
  });

  it("is written down when a machine of a former fleet ran the job", async () => {
    await make();
    await createFleetList(world.database.client(), LEDGER_TABLE).leave("former", new Date().toISOString());

    await takeMessages(world.sandbox(), [ran("former")], soon());

    expect(rowsOfJob()).toEqual([{ fleet: "former", state: "done" }]);
  });

  it("comes again when it cannot be read which fleets there were", async () => {
    await make();
    const sandbox = world.sandbox();
    const parts = {
      ...sandbox,
      fleetList: { ...sandbox.fleetList, read: () => Promise.reject(new Error()) },
    };

    const answer = await takeMessages(parts, [ran("former")], soon());

    expect(answer.batchItemFailures).toEqual([{ itemIdentifier: "1" }]);
  });

  it("is safe when the fleets' settings cannot be read", async () => {
    await make();
    const sandbox = world.sandbox();
    const refuse = () => Promise.reject(new Error("throttled"));
    const parts = { ...sandbox, fleetSettings: { ...sandbox.fleetSettings, routes: refuse } };

    const answer = await takeMessages(parts, [queuedFor("former", { labels })], soon());

    expect(answer.batchItemFailures).toEqual([]);
    expect(rowsOfJob()).toEqual([{ fleet: "former", state: "waiting" }]);
  });
});
