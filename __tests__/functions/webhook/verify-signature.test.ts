import { verifySignature } from "../../../functions/webhook/verify-signature";
import { sign, SECRET, workflowJobs } from "./support";

// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
const body = Buffer.from("Hello, World!");
const digest = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

const changed = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at]! ^= 1;
  return copy;
};

describe("verifySignature", () => {
  it("accepts the vector that GitHub publishes", () => {
    expect(verifySignature([SECRET], `sha256=${digest}`, body)).toBe(true);
  });

  it("accepts upper-case digits, which name the same bytes", () => {
    expect(verifySignature([SECRET], `sha256=${digest.toUpperCase()}`, body)).toBe(true);
  });

  it.each([["first"], ["second"]])("accepts what the %s of two secrets signed", (secret) => {
    expect(verifySignature(["first", "second"], sign(body, secret), body)).toBe(true);
  });

  it("takes the secret and the body for UTF-8", () => {
    const unicode = Buffer.from('{"name":"Prüfung 🏃"}');
    expect(verifySignature(["schlüssel🔑"], sign(unicode, "schlüssel🔑"), unicode)).toBe(true);
  });

  it.each([
    ["no header", undefined],
    ["an empty header", ""],
    ["the prefix alone", "sha256="],
    ["no prefix", digest],
    ["another algorithm's prefix", `sha1=${digest}`],
    ["a digit less", `sha256=${digest.slice(1)}`],
    ["a digit more", `sha256=${digest}0`],
    ["what is no digit", `sha256=g${digest.slice(1)}`],
    ["a space before", ` sha256=${digest}`],
    ["a line break after", `sha256=${digest}\n`],
    ["two signatures", `sha256=${digest},sha256=${digest}`],
    ["another digest", `sha256=${"0".repeat(64)}`],
  ])("refuses %s", (_, header) => {
    expect(verifySignature([SECRET], header, body)).toBe(false);
  });

  it("refuses what another secret signed", () => {
    expect(verifySignature([SECRET], sign(body, "another"), body)).toBe(false);
  });

  it("refuses everything while there is no secret", () => {
    expect(verifySignature([], sign(body), body)).toBe(false);
  });

  it("refuses what an empty secret signed", () => {
    expect(verifySignature(["", SECRET], sign(body, ""), body)).toBe(false);
  });

  it("refuses a real payload with one bit changed, wherever it is", () => {
    const payload = Buffer.from(JSON.stringify(workflowJobs[0]));
    const signature = sign(payload);
    expect(verifySignature([SECRET], signature, payload)).toBe(true);
    for (let at = 0; at < payload.length; at += 97) {
      expect(verifySignature([SECRET], signature, changed(payload, at))).toBe(false);
    }
  });

  it("refuses a signature with one bit changed, wherever it is", () => {
    const bytes = Buffer.from(digest, "hex");
    for (let at = 0; at < bytes.length; at++) {
      const header = `sha256=${changed(bytes, at).toString("hex")}`;
      expect(verifySignature([SECRET], header, body)).toBe(false);
    }
  });
});
