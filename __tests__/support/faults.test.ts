import { InMemoryDynamoDb } from "./dynamodb";
import { aroundWith, Crash, Faults, type FaultOptions } from "./faults";

const run = (options: FaultOptions, calls: number, name = "CreateFleet") => {
  const faults = new Faults(options);
  const decided = Array.from({ length: calls }, () => faults.decide(name).kind);
  return { faults, decided };
};
const rates = { error: 0.1, throttle: 0.2, lostAnswer: 0.1, crashAfter: 0.1 };

describe("faults by chance", () => {
  it("are the same for the same seed, and others for another", () => {
    const of = (seed: number) => run({ seed, rates }, 200).decided;

    expect(of(7)).toEqual(of(7));
    expect(of(7)).not.toEqual(of(8));
  });

  it("come as often as their rates say", () => {
    const { faults, decided } = run({ seed: 1, rates }, 10_000);

    const share = (kind: string) => decided.filter((one) => one === kind).length / decided.length;
    for (const [kind, rate] of Object.entries(rates)) expect(Math.abs(share(kind) - rate)).toBeLessThan(0.02);
    expect(faults.injected).toHaveLength(decided.filter((one) => one !== "none").length);
  });

  it("spare a call that has rates of its own", () => {
    const overrides = { SendMessage: {} };

    expect(run({ seed: 1, rates: { error: 1 }, overrides }, 50, "SendMessage").faults.injected).toEqual([]);
    expect(run({ seed: 1, rates: { error: 1 }, overrides }, 50).faults.injected).toHaveLength(50);
  });
});

it("come as planned, and move nothing of what chance says of the calls after them", () => {
  const faults = new Faults({ seed: 3, rates });
  faults.plan("CreateFleet", "lostAnswer", 2);

  const decided = Array.from({ length: 100 }, () => faults.decide("CreateFleet").kind);

  expect(decided.slice(0, 2)).toEqual(["lostAnswer", "lostAnswer"]);
  expect(decided.slice(2)).toEqual(run({ seed: 3, rates }, 100).decided.slice(2));
  expect(faults.pending).toEqual([]);
});

describe("around a call", () => {
  const write = async (faults: Faults) => {
    const database = new InMemoryDynamoDb({ table: { keys: ["id"] } });
    const around = aroundWith(faults, (call, kind) => new Error(`${kind} of ${call}`));
    const asked = {
      TableName: "table",
      Key: { id: "1" },
      UpdateExpression: "SET #a = :a",
      ExpressionAttributeNames: { "#a": "a" },
      ExpressionAttributeValues: { ":a": 1 },
    };
    const outcome: unknown = await database
      .client(around)("UpdateItem", asked)
      .then(
        () => "answered",
        (error: unknown) => error,
      );
    return { outcome, written: database.items("table").length };
  };
  const planned = (kind: Parameters<Faults["plan"]>[1]): Faults => {
    const faults = new Faults();
    faults.plan("UpdateItem", kind);
    return faults;
  };

  it.each([
    ["error", 0],
    ["throttle", 0],
    ["lostAnswer", 1],
  ] as const)("%s leaves %i writes", async (kind, written) => {
    expect(await write(planned(kind))).toEqual({
      outcome: new Error(`${kind} of UpdateItem`),
      written,
    });
  });

  it.each([
    ["crashBefore", 0],
    ["crashAfter", 1],
  ] as const)("%s kills the caller and leaves %i writes", async (kind, written) => {
    const seen = await write(planned(kind));

    expect(seen.outcome).toBeInstanceOf(Crash);
    expect(seen.written).toBe(written);
  });

  it("does nothing when there is no fault", async () => {
    expect(await write(new Faults())).toEqual({ outcome: "answered", written: 1 });
  });
});
