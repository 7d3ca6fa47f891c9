import {
  createSecretStore,
  parseSecrets,
  REREAD_INTERVAL_MS,
  UNSET_INTERVAL_MS,
} from "../../../functions/webhook/secret-store";

const world = (...answers: (string | undefined | Error)[]) => {
  const clock = { now: 1_000_000 };
  let reads = 0;
  const store = createSecretStore(
    () => {
      const answer = answers[Math.min(reads++, answers.length - 1)];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    () => clock.now,
  );
  return { store, clock, reads: () => reads };
};

const down = new Error("SSM does not answer");

describe("the secret store", () => {
  it("reads nothing before the first delivery", () => {
    expect(world("one").reads()).toBe(0);
  });

  it("reads once, however long it is used", async () => {
    const { store, clock, reads } = world("one");
    await store.secrets();
    clock.now += 24 * 3_600_000;
    expect(await store.secrets()).toEqual(["one"]);
    expect(reads()).toBe(1);
  });

  it("reads once for deliveries that come together", async () => {
    const { store, reads } = world("one");
    const all = await Promise.all([store.secrets(), store.secrets(), store.freshSecrets()]);
    expect(all).toEqual([["one"], ["one"], ["one"]]);
    expect(reads()).toBe(1);
  });

  it("tries again at once after a read that failed", async () => {
    const { store } = world(down, "one");
    await expect(store.secrets()).rejects.toBe(down);
    expect(await store.secrets()).toEqual(["one"]);
  });

  it("fails all who shared the read that failed, and none after them", async () => {
    const { store, reads } = world(down, "one");
    const results = await Promise.allSettled([store.secrets(), store.secrets()]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await store.secrets()).toEqual(["one"]);
    expect(reads()).toBe(2);
  });

  it.each([["unset"], [undefined], [""], ["  \n"]])(
    "looks again for a secret that is %j, but not at every request",
    async (value) => {
      const { store, clock, reads } = world(value, "one");
      expect(await store.secrets()).toEqual([]);
      clock.now += UNSET_INTERVAL_MS - 1;
      expect(await store.secrets()).toEqual([]);
      expect(reads()).toBe(1);
      clock.now += 1;
      expect(await store.secrets()).toEqual(["one"]);
    },
  );

  it("sees a rotated secret when a signature does not match", async () => {
    const { store, clock } = world("one", '{"current":"two","previous":"one"}');
    await store.secrets();
    clock.now += 5_000;
    expect(await store.freshSecrets()).toEqual(["two", "one"]);
    expect(await store.secrets()).toEqual(["two", "one"]);
  });

  it("reads no more than twice a minute, however many signatures do not match", async () => {
    const { store, clock, reads } = world("one");
    await store.secrets();
    for (let second = 0; second < 60; second++) {
      clock.now += 1_000;
      for (let i = 0; i < 20; i++) await store.freshSecrets();
    }
    expect(reads()).toBe(1 + 60_000 / REREAD_INTERVAL_MS);
  });

  it("does not read again what the same delivery has just read", async () => {
    const { store, reads } = world("one");
    await store.secrets();
    await store.freshSecrets();
    expect(reads()).toBe(1);
  });

  it("keeps the old secrets, and the pause, when reading again fails", async () => {
    const { store, clock, reads } = world("one", down, "two");
    await store.secrets();
    clock.now += 5_000;
    await expect(store.freshSecrets()).rejects.toBe(down);
    expect(await store.freshSecrets()).toEqual(["one"]);
    expect(reads()).toBe(2);
    clock.now += REREAD_INTERVAL_MS;
    expect(await store.freshSecrets()).toEqual(["two"]);
  });

  it("forgets a secret that has been taken away", async () => {
    const { store, clock } = world("one", "unset");
    await store.secrets();
    clock.now += 5_000;
    expect(await store.freshSecrets()).toEqual([]);
    expect(await store.secrets()).toEqual([]);
  });
});

describe("parseSecrets", () => {
  it.each([
    ['{"current":"one"}', ["one"]],
    ['{"current":"two","previous":"one"}', ["two", "one"]],
    ['{"current":"two","previous":""}', ["two"]],
    ['{"current":"two","previous":"unset"}', ["two"]],
    ['{"current":"two","previous":null}', ["two"]],
    ["set by hand", ["set by hand"]],
    ["12345", ["12345"]],
    ['"quoted"', ['"quoted"']],
    ["{not JSON", ["{not JSON"]],
    ['{"current":""}', []],
    ['{"current":"unset","previous":"one"}', []],
    ['{"current":7}', []],
    ["{}", []],
    ["unset", []],
    [" ", []],
    [undefined, []],
  ])("takes %j for %j", (value, secrets) => {
    expect(parseSecrets(value)).toEqual(secrets);
  });
});
