import { createSweepNotes, inTurn } from "../../../functions/sweep/notes";
import { LEDGER_TABLE, newDatabase } from "../../support/fleet-world";

describe("what one sweep leaves to the next", () => {
  let database: ReturnType<typeof newDatabase>;
  let calls: string[];
  beforeEach(() => {
    database = newDatabase();
    calls = [];
  });

  /** Of another sandbox. */
  const open = async () => {
    const client = database.client((call, run) => {
      calls.push(call);
      return Promise.resolve().then(run);
    });
    const notes = createSweepNotes(client, LEDGER_TABLE);
    await notes.load();
    return notes;
  };

  it("is known to another sandbox once it is written down", async () => {
    const notes = await open();
    notes.set("page", 3);
    expect((await open()).get("page")).toBe(0);

    await notes.save();

    expect((await open()).get("page")).toBe(3);
  });

  it("is known to a sandbox that rested meanwhile", async () => {
    const rested = await open();
    rested.set("missed", 1);
    await rested.save();
    const other = await open();
    other.set("missed", 0);
    await other.save();

    await rested.load();

    expect(rested.get("missed")).toBe(0);
  });

  it("is not read over what could not be written down", async () => {
    const notes = await open();
    notes.set("page", 3);

    await notes.load();

    expect(notes.get("page")).toBe(3);
  });

  it("takes one read in a sweep, and a write when something is new", async () => {
    const notes = await open();
    await notes.save();
    expect(calls).toEqual(["BatchGetItem"]);

    notes.set("page", 3);
    await notes.save();
    notes.set("page", 3);
    await notes.save();

    expect(calls).toEqual(["BatchGetItem", "UpdateItem"]);
  });

  it("forgets what is over", async () => {
    const notes = await open();
    notes.set("page", 3);
    notes.set("other", 1);
    await notes.save();
    notes.set("page", 0);
    await notes.save();

    expect(database.items(LEDGER_TABLE)).toMatchObject([{ values: { other: 1 } }]);
  });

  it("is written again by the next sweep when the write failed", async () => {
    let fails = true;
    const client = database.client((_, run) =>
      fails ? Promise.reject(new Error("throttled")) : Promise.resolve().then(run),
    );
    const notes = createSweepNotes(client, LEDGER_TABLE);
    await expect(notes.load()).rejects.toThrow("throttled");
    notes.set("page", 2);
    await expect(notes.save()).rejects.toThrow("throttled");
    fails = false;

    await notes.save();

    expect((await open()).get("page")).toBe(2);
  });
});

it.each([
  [0, ["a", "b", "c"]],
  [2, ["c", "a", "b"]],
  [4, ["b", "c", "a"]],
])("begins at place %i", (place, expected) => {
  expect(inTurn(["a", "b", "c"], place)).toEqual(expected);
  expect(inTurn([], place)).toEqual([]);
});
