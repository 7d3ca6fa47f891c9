import { logger } from "../../../functions/shared/logger";
import {
  createSecretStore,
  MAXIMUM_AGE_MS,
  REREAD_INTERVAL_MS,
  UNSET_INTERVAL_MS,
} from "../../../functions/webhook/secret-store";

const START = 1_000_000;

const world = (...answers: (string | undefined | Error)[]) => {
  const clock = { now: START };
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

  it("reads once in five minutes, however much it is used", async () => {
    const { store, clock, reads } = world("one", "two");
    for (let second = 0; second < MAXIMUM_AGE_MS / 1000; second++) {
      expect(await store.secrets()).toEqual(["one"]);
      clock.now += 1000;
    }
    expect(reads()).toBe(1);
    expect(await store.secrets()).toEqual(["two"]);
    expect(reads()).toBe(2);
  });

  it("forgets in five minutes a secret that was taken away, though its signatures match", async () => {
    const { store, clock } = world("leaked", '{"current":"made anew"}');
    await store.secrets();
    clock.now += MAXIMUM_AGE_MS;
    expect(await store.secrets()).toEqual(["made anew"]);
  });

  it("keeps the secrets while reading them again fails, tries every 30 seconds, and says so", async () => {
    const warn = jest.spyOn(logger, "warn").mockImplementation();
    const { store, clock, reads } = world("one", down, down, "two");
    await store.secrets();
    clock.now += MAXIMUM_AGE_MS;
    for (let i = 0; i < 9; i++) expect(await store.secrets()).toEqual(["one"]);
    expect(reads()).toBe(2);
    expect(warn).toHaveBeenCalledWith("webhook secret not read again", { error: down });
    clock.now += REREAD_INTERVAL_MS;
    expect(await store.secrets()).toEqual(["one"]);
    clock.now += REREAD_INTERVAL_MS;
    expect(await store.secrets()).toEqual(["two"]);
    warn.mockRestore();
  });

  it("ends the previous secret at its time, without reading anything", async () => {
    const previousUntil = new Date(START + 60_000).toISOString();
    const { store, clock, reads } = world(JSON.stringify({ current: "two", previous: "one", previousUntil }));
    expect(await store.secrets()).toEqual(["two", "one"]);
    clock.now += 59_999;
    expect(await store.secrets()).toEqual(["two", "one"]);
    clock.now += 1;
    expect(await store.secrets()).toEqual(["two"]);
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
