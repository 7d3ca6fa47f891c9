import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether one of the secrets signed these bytes: HMAC-SHA256, compared in constant time.
 * An empty secret signs nothing, whatever the header says.
 *
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 *
 * @param header `X-Hub-Signature-256`: `sha256=` and 64 hexadecimal digits
 */
export const verifySignature = (
  secrets: readonly string[],
  header: string | undefined,
  body: Uint8Array,
): boolean => {
  const given = digestOf(header);
  if (!given) return false;
  return secrets
    .filter((secret) => secret !== "")
    .map((secret) => timingSafeEqual(createHmac("sha256", secret).update(body).digest(), given))
    .includes(true);
};

const digestOf = (header = ""): Buffer | undefined => {
  const digits = /^sha256=([0-9a-f]{64})$/i.exec(header)?.[1];
  return digits === undefined ? undefined : Buffer.from(digits, "hex");
};
