/** A customer's key comes to an installation that had none, at once and made ready before: nightly, since each change takes minutes. */
import { useEverything } from "./key-traffic";
import { A, B, KeyWorld, MINUTES, NOTHING_REFUSED } from "./key-world";

let world: KeyWorld;

beforeAll(async () => {
  world = await KeyWorld.start({});
}, MINUTES);

afterAll(() => world.stop());

it("without a key, needs none, and the tables that say so are no change", async () => {
  expect(await useEverything(world.functionsNow())).toEqual([]);
  expect(await world.keysNow()).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(await world.plan()).toEqual([]);
  expect(world.tableChanges).toEqual([]);
});

it(
  "a key that comes at once leaves roles without it for as long as its things change, and loses nothing",
  async () => {
    const { failures, refusals } = await world.applyAtWork({ kmsKeyArn: A });

    expect(await world.keysNow()).toEqual([A, A, A, A, A]);
    expect(failures).not.toEqual([]);
    expect(refusals.every((refusal) => refusal.includes(A))).toBe(true);
  },
  MINUTES,
);

it(
  "a key that is made ready changes nothing but what roles may do",
  async () => {
    expect(await world.applyAtWork({ kmsKeyArn: A, furtherKmsKeyArn: B })).toEqual(NOTHING_REFUSED);
    expect(await world.keysNow()).toEqual([A, A, A, A, A]);
  },
  MINUTES,
);

it(
  "goes without a trace",
  async () => {
    expect(await world.applyAtWork({ furtherKmsKeyArn: A })).toEqual(NOTHING_REFUSED);
    expect(await world.applyAtWork({})).toEqual(NOTHING_REFUSED);
    expect(await world.keysNow()).toEqual([undefined, undefined, undefined, undefined, undefined]);
  },
  2 * MINUTES,
);
