import fc from "fast-check";
import type { DeliveryRequest } from "../../../functions/webhook/delivery";
import { request, SECRET, selfHosted, sign, webhookWorld } from "./support";

/** The same cases at every run. */
const parameters = { seed: 20260901, numRuns: 3_000 };

const genuine = request(selfHosted("queued"));
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdefABCDEF"), minLength: 60, maxLength: 66 });
const body = fc.oneof(fc.constant(genuine.body!), fc.string({ unit: "grapheme" }), fc.json());
const signature = fc.oneof(
  fc.constant(undefined),
  fc.string(),
  hex.map((digits) => `sha256=${digits}`),
  fc.tuple(body, fc.string()).map(([text, key]) => sign(text, key)),
  fc.constantFrom("sha256=", "sha1=0", `sha256=${"0".repeat(64)}`, sign("another body")),
);
const forged = fc
  .record({ body, signature, event: fc.oneof(fc.constant("workflow_job"), fc.string()), type: fc.string() })
  .filter((made) => made.signature?.toLowerCase() !== sign(made.body));
const asRequest = (made: {
  body: string;
  signature?: string;
  event: string;
  type: string;
}): DeliveryRequest => ({
  headers: {
    "content-type": made.type,
    "x-github-event": made.event,
    ...(made.signature !== undefined && { "x-hub-signature-256": made.signature }),
  },
  body: made.body,
});

describe("whatever somebody sends", () => {
  it("refuses it unless the secret signed it", async () => {
    await fc.assert(
      fc.asyncProperty(forged, async (made) => {
        const world = webhookWorld();
        expect((await world.answer(asRequest(made))).status).toBe(401);
        expect(world.sent).toEqual([]);
      }),
      parameters,
    );
  });

  it("refuses a genuine delivery of which any byte is another", async () => {
    const raw = Buffer.from(genuine.body!);
    const place = fc.nat(raw.length - 1);
    await fc.assert(
      fc.asyncProperty(place, fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bent = Buffer.from(raw);
        bent[at]! ^= change;
        const world = webhookWorld();
        const wanted = { ...genuine, body: bent.toString("base64"), isBase64Encoded: true };
        expect((await world.answer(wanted)).status).toBe(401);
        expect(world.sent).toEqual([]);
      }),
      parameters,
    );
  });

  it("refuses it while there is no secret, though an empty or unset one signed it", async () => {
    const absent = fc.constantFrom(
      undefined,
      "",
      " ",
      "unset",
      "{}",
      '{"current":""}',
      '{"current":"unset"}',
    );
    const key = fc.oneof(fc.constantFrom("", "unset", "undefined", "null", SECRET), fc.string());
    await fc.assert(
      fc.asyncProperty(absent, body, key, async (value, text, secret) => {
        const world = webhookWorld({ parameter: () => Promise.resolve(value) });
        expect((await world.answer(request(text, { secret }))).status).toBe(503);
        expect(world.sent).toEqual([]);
      }),
      parameters,
    );
  });

  it("has an answer to any body that the secret did sign", async () => {
    const any = fc.oneof(
      fc.json(),
      fc.string(),
      bytes.map((some) => some.toString("latin1")),
      fc.object().map((workflow_job) => JSON.stringify({ ...selfHosted("queued"), workflow_job })),
      fc.object().map((repository) => JSON.stringify({ ...selfHosted("queued"), repository })),
      fc
        .tuple(fc.constantFrom(...Object.keys(selfHosted("queued").workflow_job)), fc.jsonValue())
        .map(([key, value]) => {
          const job = { ...selfHosted("queued").workflow_job, [key]: value };
          return JSON.stringify({ ...selfHosted("queued"), workflow_job: job });
        }),
    );
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(any, async (text) => {
        const world = webhookWorld();
        const { status } = await world.answer(request(text));
        seen.add(status);
        expect([200, 202, 400]).toContain(status);
        expect(world.sent).toHaveLength(status === 202 ? 1 : 0);
      }),
      parameters,
    );
    expect([...seen].sort()).toEqual([200, 202, 400]);
  });
});
