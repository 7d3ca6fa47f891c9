import { nextStep, secretToGive, SETTLE_MS } from "../../../functions/rotate-tokens/secret-steps";
import type { WebhookSecrets } from "../../../functions/shared/contract";
import { NOW } from "./fixture";

const DAY = 24 * 60 * 60_000;
const pace = { rotateAfter: 7 * DAY, keepPrevious: 3 * DAY };
const at = (offset: number): string => new Date(NOW + offset).toISOString();
const step = (secrets: WebhookSecrets) => nextStep(secrets, NOW, pace, () => "made");

describe("the secret that GitHub gets", () => {
  it.each([
    ["the current one", { current: "one" }, "one"],
    [
      "the current one while the next is young",
      { current: "one", next: "two", nextSince: at(1 - SETTLE_MS) },
      "one",
    ],
    ["the next one once it is settled", { current: "one", next: "two", nextSince: at(-SETTLE_MS) }, "two"],
    ["the current one while nobody knows how old the next is", { current: "one", next: "two" }, "one"],
    ["the current one whose time is none", { current: "one", next: "two", nextSince: "soon" }, "one"],
    ["none where there is no current one", { next: "two", nextSince: at(-DAY) }, undefined],
  ])("is %s", (_what, secrets, secret) => {
    expect(secretToGive(secrets, NOW)).toBe(secret);
  });
});

describe("the next step of a rotation", () => {
  it.each<[string, WebhookSecrets]>([
    ["none before the secret's time", { current: "one", rotatedAt: at(1 - 7 * DAY) }],
    ["none while the next one settles", { current: "one", next: "two", nextSince: at(1 - SETTLE_MS) }],
    [
      "none while the previous one is accepted, however old the current one is",
      { current: "two", rotatedAt: at(-99 * DAY), previous: "one", previousUntil: at(1) },
    ],
  ])("is %s", (_what, secrets) => {
    expect(step(secrets)).toBeUndefined();
  });

  it.each<[string, WebhookSecrets]>([
    ["is seven days old", { current: "one", rotatedAt: at(-7 * DAY) }],
    ["is of unknown age", { current: "one" }],
    ["is as old as what is no time", { current: "one", rotatedAt: "lately" }],
  ])("makes another when the secret %s", (_what, secrets) => {
    expect(step(secrets)).toEqual({
      done: "next made",
      secrets: { ...secrets, next: "made", nextSince: at(0) },
    });
  });

  it("makes the next one current, and the current one previous up to its end, once GitHub has it", () => {
    const secrets = { current: "one", rotatedAt: at(-7 * DAY), next: "two", nextSince: at(-SETTLE_MS) };
    expect(step(secrets)).toEqual({
      done: "next given",
      secrets: { current: "two", rotatedAt: at(0), previous: "one", previousUntil: at(3 * DAY) },
    });
  });

  it.each([at(0), at(-DAY), "nonsense"])("takes the previous one away that ended at %s", (previousUntil) => {
    const secrets = { current: "two", rotatedAt: at(-3 * DAY), previous: "one", previousUntil };
    expect(step(secrets)).toEqual({
      done: "previous taken away",
      secrets: { current: "two", rotatedAt: at(-3 * DAY) },
    });
  });

  it.each([undefined, at(3 * DAY + 1)])("gives an end to a previous one whose end is %s", (previousUntil) => {
    const secrets = { current: "two", rotatedAt: at(0), previous: "one", previousUntil };
    expect(step(secrets)).toEqual({
      done: "previous timed",
      secrets: { ...secrets, previousUntil: at(3 * DAY) },
    });
  });

  it.each([undefined, "nonsense", at(DAY)])("lets a next one settle that was made at %s", (nextSince) => {
    const secrets = { current: "one", next: "two", nextSince };
    expect(step(secrets)).toEqual({ done: "next timed", secrets: { ...secrets, nextSince: at(0) } });
  });
});
