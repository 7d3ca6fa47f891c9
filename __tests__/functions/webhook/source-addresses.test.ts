import type { WebhookDeps } from "../../../functions/webhook/answer-delivery";
import { answerRequest } from "../../../functions/webhook/answer-request";
import type { DeliveryRequest } from "../../../functions/webhook/delivery";
import { MAXIMUM_BYTES } from "../../../functions/webhook/read-payload";
import { createSecretStore } from "../../../functions/webhook/secret-store";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import { request, SECRET, selfHosted, settings, webhookWorld } from "./support";

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

  it("decides whether or not the secret can be read", async () => {
    const parameter = () => Promise.reject(new Error("SSM does not answer"));
    const world = webhookWorld({ parameter, overrides: { sourceAddresses } });
    expect(await world.answer(from("198.51.100.1"))).toMatchObject({ status: 403 });
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
});

describe("a refused address", () => {
  const STRANGER = "198.51.100.1";
  let logs: CapturedLogs;

  beforeEach(() => (logs = captureLogs()));
  afterEach(() => logs.restore());

  const deps = (parameter = () => Promise.resolve<string | undefined>(SECRET)): WebhookDeps => ({
    settings: { ...settings, sourceAddresses },
    store: createSecretStore(parameter),
    send: () => Promise.resolve(),
    now: Date.now,
  });
  const answerTo = (wanted: DeliveryRequest, parameter?: () => Promise<string | undefined>) =>
    answerRequest({ ...wanted, requestContext: { http: { sourceIp: STRANGER } } }, () =>
      Promise.resolve(deps(parameter)),
    );
  const forged = request(selfHosted("queued"), { secret: "another" });
  const unsigned = request(selfHosted("queued"), { headers: { "x-hub-signature-256": "" } });
  const tooLarge = request(" ".repeat(MAXIMUM_BYTES + 1));

  it("rings the alarm when GitHub signed the delivery, for then the list is out of date", async () => {
    await answerTo(request(selfHosted("queued")));

    expect(logs.lines()).toEqual([
      expect.objectContaining({
        message: "delivery refused",
        status: 403,
        sourceAddress: STRANGER,
        advice: expect.stringMatching(/^GitHub signed it.*api\.github\.com\/meta.*redeliver/) as string,
        Alarms: 1,
        installation: "runners",
      }),
    ]);
  });

  it.each([
    ["signed by another secret", forged],
    ["without a signature", unsigned],
    ["larger than what GitHub sends", tooLarge],
  ])("rings nothing for a delivery %s", async (_what, wanted) => {
    await answerTo(wanted);

    expect(logs.lines()).toEqual([
      expect.objectContaining({
        sourceAddress: STRANGER,
        advice: expect.stringMatching(/^If it is one of GitHub's.*sourceAddresses/) as string,
      }),
    ]);
    expect(logs.text()).not.toContain("Alarms");
  });

  it("is answered with the same bytes, whoever signed, and whether or not the secret can be read", async () => {
    const down = () => Promise.reject(new Error("SSM does not answer"));
    const answers = [
      await answerTo(request(selfHosted("queued"))),
      await answerTo(forged),
      await answerTo(unsigned),
      await answerTo(request(selfHosted("queued")), down),
    ];

    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({
      statusCode: 403,
      body: '{"message":"the source address is not on the list: see the log of the webhook function"}',
    });
  });

  it("never makes the function read its secret again", async () => {
    const parameter = jest.fn(() => Promise.resolve<string | undefined>(SECRET));
    const kept = deps(parameter);
    for (let i = 0; i < 50; i++)
      await answerRequest({ ...forged, requestContext: { http: { sourceIp: STRANGER } } }, () =>
        Promise.resolve(kept),
      );

    expect(parameter).toHaveBeenCalledTimes(1);
  });
});
