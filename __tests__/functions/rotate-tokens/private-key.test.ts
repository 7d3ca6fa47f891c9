import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { parsePrivateKey } from "../../../functions/rotate-tokens/private-key";
import { SetupError } from "../../../functions/rotate-tokens/setup-error";
import { key } from "./fixture";

const parse = (stored: string | undefined): string => parsePrivateKey(stored, "/acme/key", "123");

it.each([
  ["PKCS#1, as GitHub hands it out", key.privateKey],
  ["PKCS#8", key.privateKeyPkcs8],
  ["literal \\n for line ends", key.privateKey.replaceAll("\n", "\\n")],
  ["Windows line ends", key.privateKey.replaceAll("\n", "\r\n")],
  ["spaces for line ends", key.privateKeyPkcs8.replaceAll("\n", " ")],
  ["the file in base64", Buffer.from(key.privateKey).toString("base64")],
  [
    "the file in base64, in lines",
    (
      Buffer.from(key.privateKey)
        .toString("base64")
        .match(/.{1,76}/g) ?? []
    ).join("\n"),
  ],
])("reads %s", (_form, stored) => {
  const parsed = parse(stored);

  expect(parsed).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  expect(createPublicKey(createPrivateKey(parsed)).export({ type: "spki", format: "pem" })).toBe(
    key.publicKey,
  );
});

const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

it.each([
  ["nothing", undefined],
  ["a public key", key.publicKey],
  ["a key of another kind", elliptic],
  ["a key cut short", key.privateKey.slice(0, 400)],
  ["a path", "/home/me/app.pem"],
])("refuses %s, and shows none of it", (_what, stored) => {
  expect(() => parse(stored)).toThrow(SetupError);
  expect(() => parse(stored)).toThrow(/\/acme\/key.*App 123\.$/);
  expect(() => parse(stored)).not.toThrow(stored?.slice(30, 60) || "undefined");
});
