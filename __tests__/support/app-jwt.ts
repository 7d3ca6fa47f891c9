import { createSign } from "node:crypto";

/** A JWT as GitHub asks it of an App, a moment old. */
export const appJwt = (appId: string, privateKey: string, now: number): string => {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
  const second = Math.floor(now / 1000);
  const claims = { iss: appId, iat: second - 30, exp: second + 500 };
  const signed = `${encode({ alg: "RS256" })}.${encode(claims)}`;
  return `${signed}.${createSign("RSA-SHA256").update(signed).sign(privateKey, "base64url")}`;
};
