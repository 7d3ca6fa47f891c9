import { gunzipSync } from "node:zlib";
import { evaluate, ExpressionError } from "./expression";
import { textOf } from "./model";
import type { Resource } from "./model";

/** What a machine runs at its first boot, readable. */
export interface UserData {
  readonly text: string;
  /** The lines `NAME='value'` of the boot script's settings. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The reason stands in words where the user data cannot be read. */
export type ReadUserData = UserData | { readonly hidden: string };

const GZIP = Buffer.from([0x1f, 0x8b]);

const decode = (encoded: string): string => {
  const bytes = Buffer.from(encoded, "base64");
  return (bytes.subarray(0, 2).equals(GZIP) ? gunzipSync(bytes) : bytes).toString("utf8");
};

const isBase64 = (text: string): boolean => text.length > 0 && /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text);

/** `NAME='value'`, as the boot script's settings are written. */
const SETTING = /^([A-Z][A-Z0-9_]*)='([^'\n]*)'$/gm;

const settingsIn = (text: string): UserData["settings"] =>
  Object.fromEntries([...text.matchAll(SETTING)].map(([, name = "", value = ""]) => [name, value]));

export const readUserData = ({ attributes, unknown }: Resource): ReadUserData => {
  const value = textOf(attributes.user_data);
  if (value === undefined || value === "")
    return { hidden: unknown.has("user_data") ? "user data is known after the apply only" : "no user data" };
  try {
    const text = isBase64(value) ? decode(value) : evaluate(value);
    return { text, settings: settingsIn(text) };
  } catch (error) {
    if (error instanceof ExpressionError) return { hidden: `user data is ${error.message}` };
    return { hidden: "user data is neither a text nor gzip" };
  }
};
