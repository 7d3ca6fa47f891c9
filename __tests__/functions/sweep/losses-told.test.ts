import { FLEET } from "../../support/fleet-world";
import { lossesIn, POWERED_OFF, step } from "./losses-world";
import { eachInSweepWorld, MINUTE, type SweepWorld } from "./sweep-world";

jest.setTimeout(60_000);

const LOG_GROUP = "/ephemeral-runners/runners/linux-x64";

describe("machines that are lost before they take a job", () => {
  let world: SweepWorld;
  eachInSweepWorld((fresh) => (world = fresh));
  const { lease, alarms, sweepsOfDeath, newest, look } = lossesIn(() => world);

  it("are told of after three in a row: EC2's reason, the boot step that failed, where its log is, and what to do", async () => {
    await world.launch(1);
    await sweepsOfDeath(2);
    expect(alarms()).toEqual([]);
    world.time += MINUTE;
    await look();
    const third = newest();

    await sweepsOfDeath(1);

    expect(alarms()).toHaveLength(1);
    const [told] = alarms();
    expect(told).toMatchObject({ fleet: FLEET, inARow: 3, Alarms: 1 });
    expect((told?.machines as unknown[]).at(-1)).toEqual({
      instanceId: third,
      reason: `${POWERED_OFF}: the instance was shut down from its operating system`,
      failedStep: '"setup"',
      status: 127,
      lastStep: '"runner"',
      log: { group: LOG_GROUP, stream: third },
    });
    expect(told?.advice).toMatch(/setup runs your setupCommands/);
  });

  it("are told of once an hour, and not at each sweep", async () => {
    await world.launch(1, 2, 3, 4, 5);

    await sweepsOfDeath(29);
    expect(alarms()).toHaveLength(1);
    await sweepsOfDeath(15);

    expect(alarms()).toHaveLength(2);
  });

  it("are told of when others of their launch can still take a job only once those are lost, too", async () => {
    const ids = await world.launch(1, 2, 3, 4, 5);
    for (const id of ids.slice(0, 3)) world.cloud.stop(id, POWERED_OFF);
    await world.sweeps(1);
    expect(alarms()).toEqual([]);
    expect(world.cloud.machines.size).toBe(2);

    await sweepsOfDeath(1);

    expect(alarms()).toHaveLength(1);
    expect(alarms()[0]).toMatchObject({ inARow: 5 });
  });

  it("show a machine's text as a stranger's: in quotes, cut, without control characters", async () => {
    await world.launch(1, 2, 3);
    const hostile = 'setup\u001b[2J\r\n{"level":"INFO"}\u202e\u2028"'.padEnd(500, "x");
    for (const id of world.cloud.machines.keys()) {
      world.cloud.stop(id, POWERED_OFF);
      world.logs.set(id, [
        "bash: not json",
        'bash: {"message":"boot step","step":{"a":1},"status":1}',
        step("setup", 1.5),
        step(hostile, 1),
      ]);
    }

    await world.sweeps(1);

    const [machine] = (alarms()[0]?.machines ?? []) as { failedStep: string; status: number }[];
    expect(machine?.status).toBe(1);
    expect(machine?.failedStep).toMatch(/^".*…"$/);
    expect(machine?.failedStep.length).toBeLessThan(80);
    expect(machine?.failedStep).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    expect(JSON.parse(machine?.failedStep ?? "")).toMatch(/^setup \[2J \{"level":"INFO"\} "x+…$/);
  });

  it.each([
    ["there is no stream", undefined],
    ["it cannot be read", new Error("AccessDeniedException")],
  ])("are told of when %s", async (_, refused) => {
    world.logsRefused = refused;
    await world.launch(1, 2, 3);

    await sweepsOfDeath(1, "Client.VolumeLimitExceeded");

    expect(alarms()[0]).toMatchObject({
      advice: expect.stringMatching(/quota of EBS storage/) as string,
      machines: Array.from({ length: 3 }, () => ({
        reason:
          "Client.VolumeLimitExceeded: the limit on the number of EBS volumes or total storage was exceeded",
        log: expect.stringMatching(/^It wrote none/) as string,
      })),
    });
  });

  it("are replaced by one machine, and nobody is told, while GitHub does not say whether they had a job", async () => {
    const ids = await world.launch(1, 2, 3, 4);
    for (const id of ids) world.cloud.stop(id, POWERED_OFF);
    const route = "DELETE /orgs/{org}/actions/runners/{runner_id}";
    world.github.inject({ route, status: 502 });

    await world.sweeps(1);

    expect(world.machineStates()).toEqual({ gone: 4, starting: 1 });
    expect(lease().losses).toMatchObject({ count: 0, rounds: 1 });
    expect(alarms()).toEqual([]);
  });
});
