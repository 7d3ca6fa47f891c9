/** A customer's key changes and goes, with content under it and every role at work: by the real terraform, with what AWS refuses. */
import { rotate, useEverything } from "./key-traffic";
import { A, B, CREDENTIAL, KeyWorld, MINUTES, NOTHING_REFUSED } from "./key-world";

let world: KeyWorld;

beforeAll(async () => {
  world = await KeyWorld.start({ kmsKeyArn: A, furtherKmsKeyArn: B });
}, MINUTES);

afterAll(() => world.stop());

it("all lies under the key, and every role may use it", async () => {
  expect(await useEverything(world.functionsNow())).toEqual([]);
  expect(await world.keysNow()).toEqual([A, A, A, A, A]);
});

it(
  "another key that was made ready before takes its place with nothing refused, and nothing lost",
  async () => {
    expect(await world.applyAtWork({ kmsKeyArn: B, furtherKmsKeyArn: A })).toEqual(NOTHING_REFUSED);
    expect(await world.keysNow()).toEqual([B, B, B, B, B]);
  },
  MINUTES,
);

it(
  "a key goes with nothing refused, and nothing lost, while it may still be used",
  async () => {
    expect(await world.applyAtWork({ furtherKmsKeyArn: B })).toEqual(NOTHING_REFUSED);
    expect(await world.keysNow()).toEqual([undefined, undefined, undefined, undefined, undefined]);
  },
  MINUTES,
);

it("asks AWS for no change of a table's key but the two that there were, in each table", () => {
  const changed = [{ Enabled: true, KMSMasterKeyId: B, SSEType: "KMS" }, 200];
  const takenOut = [{ Enabled: false }, 200];

  expect(world.tableChanges).toEqual([changed, changed, takenOut, takenOut]);
});

it(
  "the rotation makes no parameter anew that a destroy has taken away",
  async () => {
    const last = world.functionsNow();
    await world.destroy();

    await rotate(last);

    expect(await world.parametersNow()).toEqual([CREDENTIAL]);
  },
  MINUTES,
);
