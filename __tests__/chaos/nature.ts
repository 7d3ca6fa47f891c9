import crypto, { createPrivateKey, sign, webcrypto, type KeyObject } from "node:crypto";
import timers from "node:timers/promises";
import type { Clock } from "./clock";
import type { Random } from "./random";

/**
 * Puts the clock and the chance of the simulation in the place of Node's own, for all code in this process: what the
 * functions do then depends on the seed alone. Signatures are made at once instead of on another thread, which would
 * end whenever it likes.
 *
 * @returns puts everything back
 */
export const replaceNature = (clock: Clock, random: Random): (() => void) => {
  const undo: (() => void)[] = [];
  const replace = <T extends object, Name extends keyof T>(owner: T, name: Name, value: unknown): void => {
    const own = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, configurable: true, writable: true });
    undo.push(() => (own ? Object.defineProperty(owner, name, own) : Reflect.deleteProperty(owner, name)));
  };

  replace(Date, "now", () => clock.now);
  replace(Math, "random", random.next);
  replace(crypto, "randomUUID", () => uuid(random));
  replace(crypto, "randomBytes", (size: number) => random.bytes(size));
  replace(globalThis, "setTimeout", (run: (...given: unknown[]) => void, wait = 0, ...given: unknown[]) =>
    clock.after(wait, () => run(...given)),
  );
  replace(globalThis, "clearTimeout", (cancel?: () => void) => cancel?.());
  replace(timers, "setTimeout", (milliseconds: number) => clock.sleep(milliseconds));
  replace(AbortSignal, "timeout", (milliseconds: number) => {
    const controller = new AbortController();
    clock.after(milliseconds, () =>
      controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError")),
    );
    return controller.signal;
  });
  replace(webcrypto.subtle, "importKey", (_format: string, der: ArrayBuffer) =>
    Promise.resolve(createPrivateKey({ key: Buffer.from(der), format: "der", type: "pkcs8" })),
  );
  replace(webcrypto.subtle, "sign", (_algorithm: string, key: KeyObject, data: ArrayBuffer) =>
    Promise.resolve(sign("RSA-SHA256", Buffer.from(data), key)),
  );
  return () => undo.reverse().forEach((back) => back());
};

/** https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4 */
const uuid = (random: Random): string => {
  const digits = random.bytes(16).toString("hex");
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `4${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20),
  ].join("-");
};
