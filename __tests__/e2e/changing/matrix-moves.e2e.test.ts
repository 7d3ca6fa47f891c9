/** What is destroyed before it is changed: first the plan of whoever does not do so, then the way that the docs name. */
import { addedSince, inventoryOf, type Inventory } from "../inventory";
import { World } from "../world";
import { baseContext, Ground } from "./ground";
import { withValue, type Json } from "./row";
import { moves } from "./rows/place";

const WITHIN_MS = 400_000;
let world: World;
let before: Inventory;
let base: Json;

const moved = (to: Json): Json =>
  Object.entries(to).reduce((context, [path, value]) => withValue(context, path, value), base);

beforeAll(async () => {
  world = await World.start({ context: baseContext });
  await Ground.lay(world);
  before = await inventoryOf(world.moto);
  base = baseContext(world.githubProxy.url);
  await world.terraform.change(WITHIN_MS);
}, WITHIN_MS);

afterAll(async () => {
  await world?.stop();
});

describe.each(moves)("$key, applied without a destroy", ({ key, to, forgets, destroys, refused }) => {
  it("is planned as docs/changing.md says", async () => {
    const standing = await inventoryOf(world.moto);
    const stacks = world.lay(moved(to));
    if (key === "stacks") return expect(stacks).toEqual(["other"]);
    const plan = world.terraform.left(WITHIN_MS);
    if (refused !== undefined) return expect(plan).rejects.toThrow(refused);

    const planned = await plan;
    const typesOf = (actions: RegExp): string[] =>
      planned.filter(({ action }) => actions.test(action)).map(({ type }) => type);
    const [made, destroyed] = [typesOf(/create|replace/), typesOf(/delete|replace/)];
    expect(made).toEqual(expect.arrayContaining([...(forgets ?? [])]));
    expect(destroyed).toEqual(expect.arrayContaining([...(destroys ?? [])]));
    expect((forgets ?? []).filter((type) => destroyed.includes(type))).toEqual([]);
    if (!forgets && !destroys) expect(planned).toEqual([]);
    expect(await inventoryOf(world.moto)).toEqual(standing);
  });
});

it(
  "is destroyed with the old value, and stands under the new one with nothing left of the old",
  async () => {
    world.lay(base);
    await world.terraform.destroy();
    expect(addedSince(before, await inventoryOf(world.moto))).toEqual([]);

    world.lay(moved({ "runners.prefix": "other" }));
    await world.terraform.change(WITHIN_MS);
    expect(await world.terraform.left(WITHIN_MS)).toEqual([]);
    await world.terraform.destroy();
    expect(addedSince(before, await inventoryOf(world.moto))).toEqual([]);
  },
  2 * WITHIN_MS,
);
