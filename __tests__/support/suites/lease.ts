import type { Ledger } from "../../../functions/shared/ledger";
import { FLEET, START } from "../fleet-world";
import { recordedMachine } from "../ledger-world";

interface LeaseWorld {
  readonly ledger: Ledger;
  /** Epoch milliseconds */
  time: number;
}

/** What the lease of a fleet does, on whatever holds the tables. */
export const leaseSuite = (fresh: () => LeaseWorld | Promise<LeaseWorld>): void => {
  const first = { id: "first", until: START + 60_000 };
  const second = { id: "second", until: START + 90_000 };
  const leaseOf = async (world: LeaseWorld) => (await world.ledger.read(FLEET)).lease;

  it("is taken by one of two who saw it free", async () => {
    const world = await fresh();
    const seen = await leaseOf(world);

    expect(await world.ledger.hold(FLEET, seen, first, [])).toBe(true);
    expect(await world.ledger.hold(FLEET, seen, second, [])).toBe(false);
  });

  it("is not taken on a read that is older than the last holder", async () => {
    const world = await fresh();
    const seen = await leaseOf(world);
    await world.ledger.hold(FLEET, seen, first, []);
    await world.ledger.release(FLEET, { holder: first, mark: 0 });

    expect(await world.ledger.hold(FLEET, seen, second, [])).toBe(false);
    expect(await world.ledger.hold(FLEET, await leaseOf(world), second, [])).toBe(true);
  });

  it("is not let go while a mark stands that the round has not seen", async () => {
    const world = await fresh();
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);
    const { mark } = await leaseOf(world);
    expect(await world.ledger.mark(FLEET)).toBe(true);

    expect(await world.ledger.release(FLEET, { holder: first, mark })).toBe(false);
    expect(await world.ledger.release(FLEET, { holder: first, mark: (await leaseOf(world)).mark })).toBe(
      true,
    );
  });

  it("takes no mark when nobody holds it, so that the reader looks again", async () => {
    const world = await fresh();
    expect(await world.ledger.mark(FLEET)).toBe(false);
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);
    world.time = first.until + 1;

    expect(await world.ledger.mark(FLEET)).toBe(false);
  });

  it("passes on when it runs out, and the late holder writes nothing more down", async () => {
    const world = await fresh();
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);
    const held = await leaseOf(world);
    expect(await world.ledger.hold(FLEET, held, second, [])).toBe(false);
    world.time = first.until + 1;

    expect(await world.ledger.hold(FLEET, held, second, [])).toBe(true);
    expect(await world.ledger.hold(FLEET, held, first, [])).toBe(false);
    expect(await world.ledger.release(FLEET, { holder: first })).toBe(false);
  });

  it("lets go in the write that records the machines, unless there is a mark", async () => {
    const world = await fresh();
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);

    await world.ledger.mark(FLEET);
    const outcome = { holder: first, mark: 0, launches: [], recent: ["i-00000001"] };
    expect(await world.ledger.settle(FLEET, [recordedMachine("i-00000001")], outcome)).toBe(false);
    expect((await world.ledger.read(FLEET)).machines).toHaveLength(1);
    expect(await world.ledger.settle(FLEET, [recordedMachine("i-00000002")], { ...outcome, mark: 1 })).toBe(
      true,
    );

    expect(await leaseOf(world)).toMatchObject({ recent: ["i-00000001"], recentAt: START });
    expect((await leaseOf(world)).holder).toBeUndefined();
  });

  it("leaves word of what is to be known until the next round", async () => {
    const world = await fresh();
    await world.ledger.hold(FLEET, await leaseOf(world), first, []);
    const patience = { notBefore: START + 5000, setbacks: 2, wakeAt: START + 5500 };

    await world.ledger.release(FLEET, { holder: first, patience });

    expect(await leaseOf(world)).toMatchObject(patience);
  });
};
