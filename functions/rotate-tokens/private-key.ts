import { createPrivateKey, type KeyObject } from "node:crypto";
import { SetupError } from "./setup-error";

/**
 * The App's private key as PEM in PKCS#8, whatever form it was stored in: the PEM file as GitHub hands it out
 * (PKCS#1), PKCS#8, with line ends lost or written as `\n`, or the whole file in base64.
 *
 * @param parameter the name of the parameter it came from, for the error
 * @throws SetupError when there is no RSA private key in it
 */
export const parsePrivateKey = (stored: string | undefined, parameter: string, appId: string): string => {
  const key = stored === undefined ? undefined : readKey(stored);
  if (key?.asymmetricKeyType === "rsa") return key.export({ type: "pkcs8", format: "pem" }).toString();
  throw new SetupError(
    `The parameter ${parameter} ${stored === undefined ? "is not filled" : "holds no RSA private key"}: ` +
      `store in it, as a SecureString, the .pem file that GitHub generates under "Private keys" of App ${appId}.`,
  );
};

const readKey = (stored: string): KeyObject | undefined => {
  const found = findPem(stored) ?? findPem(Buffer.from(stored, "base64").toString());
  if (!found) return undefined;
  try {
    return createPrivateKey({ key: Buffer.from(found.base64, "base64"), format: "der", type: found.type });
  } catch {
    return undefined;
  }
};

const findPem = (text: string): { type: "pkcs1" | "pkcs8"; base64: string } | undefined => {
  const match = /-----BEGIN (RSA )?PRIVATE KEY-----(.+?)-----END/.exec(text.replace(/\\r|\\n|\s+/g, " "));
  return match ? { type: match[1] ? "pkcs1" : "pkcs8", base64: match[2] ?? "" } : undefined;
};
