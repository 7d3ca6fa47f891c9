import { request, selfHosted, settings, webhookWorld } from "./support";
import { answerRequest } from "../../../functions/webhook/answer-request";
import { logger } from "../../../functions/shared/logger";

const sourceAddresses = ["192.30.252.0/22", "140.82.112.0/20", "2a0a:a440::/29"];
const from = (sourceIp?: string) => request(selfHosted("queued"), { sourceIp });
const listed = () => webhookWorld({ overrides: { sourceAddresses } });

describe("a list of source addresses", () => {
  it.each([
    ["the first of a network", "192.30.252.0"],
    ["the last of a network", "192.30.255.255"],
    ["one of another network", "140.82.115.9"],
    ["an IPv6 address", "2a0a:a440::1"],
    ["an IPv6 address in full", "2A0A:A447:FFFF:0:0:0:0:1"],
    ["an IPv4 address written as IPv6", "::ffff:192.30.252.1"],
    ["the same in hexadecimal", "::ffff:c01e:fc01"],
  ])("takes a delivery from %s", async (_, address) => {
    const world = listed();
    expect(await world.answer(from(address))).toMatchObject({ status: 202 });
    expect(world.sent).toHaveLength(1);
  });

  it.each([
    ["below a network", "192.30.251.255"],
    ["above a network", "192.31.0.0"],
    ["in another IPv6 network", "2a0a:a448::1"],
    ["in no network, written as IPv6", "::ffff:192.31.0.0"],
    ["in an IPv4 network by its last bits only", "::192.30.252.1"],
    ["with something behind it", "192.30.252.1, 10.0.0.1"],
    ["that is a name", "github.com"],
    ["that is empty", ""],
    ["that is missing", undefined],
  ])("refuses a signed delivery from an address %s", async (_, address) => {
    const world = listed();
    expect(await world.answer(from(address))).toMatchObject({
      status: 403,
      details: { sourceAddress: address },
    });
    expect(world.sent).toEqual([]);
  });

  it("believes no header about the address", async () => {
    const headers = { "x-forwarded-for": "192.30.252.1", forwarded: "for=192.30.252.1" };
    const wanted = request(selfHosted("queued"), { headers, sourceIp: "198.51.100.1" });
    expect(await listed().answer(wanted)).toMatchObject({ status: 403 });
  });

  it("decides before the secret is read and the signature looked at", async () => {
    const parameter = jest.fn(() => Promise.reject(new Error("SSM does not answer")));
    const world = webhookWorld({ parameter, overrides: { sourceAddresses } });
    expect(await world.answer(from("198.51.100.1"))).toMatchObject({ status: 403 });
    expect(parameter).not.toHaveBeenCalled();
    expect(await world.answer(from("192.30.252.1"))).toMatchObject({ status: 500 });
  });

  it("does not stand in for the signature", async () => {
    const forged = request(selfHosted("queued"), { secret: "another", sourceIp: "192.30.252.1" });
    expect(await listed().answer(forged)).toMatchObject({ status: 401 });
  });

  it("refuses everybody while it is empty or no list of networks", async () => {
    const answerOf = async (networks: readonly string[]) =>
      (await webhookWorld({ overrides: { sourceAddresses: networks } }).answer(from("192.30.252.1"))).status;
    expect(await answerOf([])).toBe(403);
    expect(await answerOf(["192.30.252.0"])).toBe(500);
  });

  it("is not asked when there is none", async () => {
    expect(await webhookWorld().answer(from("198.51.100.1"))).toMatchObject({ status: 202 });
    expect(await webhookWorld().answer(from(undefined))).toMatchObject({ status: 202 });
  });

  it("says in the log who was refused and what to do, and to the caller only where to look", async () => {
    const warn = jest.spyOn(logger, "warn").mockImplementation();
    const deps = {
      settings: { ...settings, sourceAddresses },
      store: { secrets: () => Promise.resolve([]), freshSecrets: () => Promise.resolve([]) },
      send: () => Promise.resolve(),
      now: Date.now,
    };

    expect(await answerRequest(from("198.51.100.1"), deps)).toMatchObject({
      statusCode: 403,
      body: '{"message":"the source address is not on the list: see the log of the webhook function"}',
    });
    expect(warn).toHaveBeenCalledWith(
      "delivery refused",
      expect.objectContaining({
        status: 403,
        sourceAddress: "198.51.100.1",
        advice: expect.stringMatching(/api\.github\.com\/meta.*sourceAddresses.*redeliver/) as string,
      }),
    );
    warn.mockRestore();
  });
});
