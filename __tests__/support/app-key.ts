import { generateKeyPairSync } from "node:crypto";

export interface AppKey {
  /** As GitHub hands it out: PEM, PKCS#1. */
  readonly privateKey: string;
  /** The same key as PEM, PKCS#8. */
  readonly privateKeyPkcs8: string;
  readonly publicKey: string;
}

/** A GitHub App's key pair: RSA with 2048 bits, as GitHub makes it. */
export const makeAppKey = (): AppKey => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    privateKey: privateKey.export({ type: "pkcs1", format: "pem" }).toString(),
    privateKeyPkcs8: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
};
