import { REGISTRATION_RATES, REGISTRATIONS } from "../../../functions/shared/permits";
import { START } from "../../support/fleet-world";
import { permitsWorld, takeAll } from "../../support/permits-world";

const MINUTE = 60_000;
const PERMITS_A_MINUTE = 180;

describe("permits for registrations", () => {
  it("are as many as GitHub takes in a minute: 180 JIT configurations, 1,500 registrations in 5 minutes", async () => {
    const token = permitsWorld({ names: [REGISTRATIONS], rate: REGISTRATION_RATES.token });

    expect(await takeAll(permitsWorld().instance(), 1000)).toBe(PERMITS_A_MINUTE);
    expect(await takeAll(token.instance(), 2000)).toBe(1500);
    token.time += 5 * MINUTE - 1;
    expect(await takeAll(token.instance(), 1)).toBe(0);
  });

  it("say when there are more, and then there are", async () => {
    const world = permitsWorld();
    const permits = world.instance();
    await permits.take(100);
    world.time += 20_000;

    const { grants, next } = await permits.take(100);

    expect(grants).toEqual([{ name: "app", count: 80 }]);
    expect(next).toBe(START + MINUTE + 2000);
    world.time = (next ?? 0) - 1;
    expect(await takeAll(permits, 100)).toBe(0);
    world.time++;
    expect(await takeAll(permits, 101)).toBe(100);
  });

  it("say nothing of more when all were granted", async () => {
    expect(await permitsWorld().instance().take(PERMITS_A_MINUTE)).toEqual({
      grants: [{ name: "app", count: PERMITS_A_MINUTE }],
    });
  });

  it("cost one write, not a read, while nobody else takes any", async () => {
    const world = permitsWorld();
    const permits = world.instance();

    for (let i = 0; i < 5; i++) await permits.take(10);

    expect(world.reads).toBe(1);
  });

  it("are counted anew when another took some meanwhile", async () => {
    const world = permitsWorld();
    const [one, other] = [world.instance(), world.instance()];
    await one.take(10);

    await other.take(100);

    expect(await takeAll(one, PERMITS_A_MINUTE)).toBe(70);
  });

  it("are not refused for a count that is out of date", async () => {
    const world = permitsWorld();
    const [one, other] = [world.instance(), world.instance()];
    const { grants } = await other.take(PERMITS_A_MINUTE);
    expect(await takeAll(one, 1)).toBe(0);

    await other.giveBack(grants);

    expect(await takeAll(one, 5)).toBe(5);
  });

  it("can be had a second later when others were quicker each time", async () => {
    const world = permitsWorld();
    const other = world.instance();
    const one = world.instance(async (call, run) => {
      if (call === "UpdateItem") await other.take(1);
      return run();
    });

    expect(await one.take(1)).toEqual({ grants: [], next: START + 1000 });
  });

  it("can be had again once they were given back", async () => {
    const permits = permitsWorld().instance();
    const { grants } = await permits.take(PERMITS_A_MINUTE);

    await permits.giveBack([{ ...grants[0]!, count: 30 }]);

    expect(await takeAll(permits, PERMITS_A_MINUTE)).toBe(30);
  });

  it("are not had of a token for which GitHub asked for patience, by those neither who had counted before", async () => {
    const world = permitsWorld();
    const [one, other] = [world.instance(), world.instance()];
    await one.take(1);

    await other.postpone("app", START + 10 * MINUTE);

    expect(await one.take(5)).toEqual({ grants: [], next: START + 10 * MINUTE });
    world.time += 10 * MINUTE;
    expect(await takeAll(one, 5)).toBe(5);
  });

  it("can be had as soon as that is over, and not only when those that are in use count no more", async () => {
    const permits = permitsWorld().instance();
    await permits.take(1);
    await permits.postpone("app", START + 1000);

    expect(await permits.take(5)).toEqual({ grants: [], next: START + 1000 });
  });

  it("are not had earlier because a shorter wait was asked for later", async () => {
    const permits = permitsWorld().instance();

    await permits.postpone("app", START + 10 * MINUTE);
    await permits.postpone("app", START + MINUTE);

    expect((await permits.take(1)).next).toBe(START + 10 * MINUTE);
  });

  it("are shared out among several tokens, from the roomiest on", async () => {
    const permits = permitsWorld({ names: ["first", "second"] }).instance();
    await permits.take(100);

    const { grants } = await permits.take(200);

    expect(grants).toEqual([
      { name: "second", count: 180 },
      { name: "first", count: 20 },
    ]);
    expect(await takeAll(permits, 100)).toBe(60);
  });

  it("are had of the other token while one has to wait, and the first to have some says when", async () => {
    const permits = permitsWorld({ names: ["first", "second"] }).instance();
    await permits.postpone("first", START + 30_000);

    const { grants, next } = await permits.take(300);

    expect(grants).toEqual([{ name: "second", count: 180 }]);
    expect(next).toBe(START + 30_000);
  });
});
