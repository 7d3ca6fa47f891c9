import type { Ends } from "./groups";
import { hostileJob } from "./scenario";
import type { Outcome, Scenario } from "./scenario";
import { HOSTS, address6Of, addressOf, layBridge } from "./subnet";
import type { Host } from "./subnet";
import { useWorld } from "./world";

const { live } = useWorld();

/** Where machines wait for each other: whoever comes waits until all are there. */
const meeting = (): (() => Promise<void>) => {
  const waiting: (() => void)[] = [];
  return () =>
    new Promise((go) => {
      waiting.push(go);
      if (waiting.length === HOSTS.length) for (const each of waiting) each();
    });
};

/** Two machines at once in one subnet, each with a job that listens, and that tries what the other listens on. */
const pair = async (props: Scenario["props"]): Promise<readonly Outcome[]> => {
  const ends: Ends = [];
  try {
    const bridge = layBridge(ends);
    const onTold = { ready: meeting(), tried: meeting() };
    const job = (host: Host, other: Host): string =>
      `OWN=${addressOf(host)} OTHER=${addressOf(other)} OTHER6=${address6Of(other)}\n${hostileJob("neighbour.sh")}`;
    const [one, two] = HOSTS;
    return await Promise.all([
      live({ props, onTold, place: { host: one, bridge }, job: job(one, two) }),
      live({ props, onTold, place: { host: two, bridge }, job: job(two, one) }),
    ]);
  } finally {
    for (const end of ends.reverse()) end();
  }
};

const told = (outcomes: readonly Outcome[], name: string): readonly string[] =>
  outcomes.map((outcome) => outcome.told.get(name) ?? "");

const SILENCE = /TimeoutError[^]*exit 1$/;

describe("two machines in one subnet, with no security group between them,", () => {
  let outcomes: readonly Outcome[];
  beforeAll(async () => {
    outcomes = await pair({});
  });

  it("run a job each that listens on all addresses", () => {
    expect(told(outcomes, "own-port")).toEqual(["exit 0", "exit 0"]);
    expect(told(outcomes, "end")).toEqual(["yes", "yes"]);
  });

  it.each(["tcp", "tcp-ipv6", "tcp-service"])("do not answer each other: %s", (attempt) => {
    for (const answer of told(outcomes, attempt)) expect(answer).toMatch(SILENCE);
  });

  it("hear nothing of each other, whatever is sent", () => {
    expect(told(outcomes, "heard")).toEqual(HOSTS.map((host) => `SOCK_STREAM ::ffff:${addressOf(host)}`));
  });

  it("let no job send from a port that the firewall trusts", () => {
    for (const answer of told(outcomes, "udp-from-dns")) expect(answer).toMatch(/PermissionError[^]*exit 1$/);
  });
});

describe("the same machines without their own firewall", () => {
  it("reach each other, so it is the firewall that holds them apart", async () => {
    const outcomes = await pair({ setupCommands: ["nft flush chain inet ephemeral_runner outside"] });

    for (const attempt of ["tcp", "tcp-ipv6", "tcp-service"])
      expect(told(outcomes, attempt)).toEqual(["exit 0", "exit 0"]);
    const from = (host: Host): readonly string[] =>
      ["SOCK_DGRAM", "SOCK_STREAM"].flatMap((kind) => [
        `${kind} ::ffff:${addressOf(host)}`,
        `${kind} ${address6Of(host)}`,
      ]);
    const [one, two] = HOSTS;
    expect(outcomes[0]?.told.get("heard")?.split("\n")).toEqual(expect.arrayContaining([...from(two)]));
    expect(outcomes[1]?.told.get("heard")?.split("\n")).toEqual(expect.arrayContaining([...from(one)]));
  });
});
