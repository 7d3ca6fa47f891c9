import type { Kind } from "./kinds";

/**
 * What a place may hold, of a construct's props or of cdktf.json. The checks at synth and the JSON Schema of cdktf.json
 * are both read from such tables, so they say the same.
 */
export type Node = Kind | OneOf | Pattern | ListOf | ObjectOf | MapOf | Variants | Secret | Made | Checked;

export interface OneOf {
  readonly oneOf: readonly (string | number)[];
}

export interface Pattern {
  readonly pattern: RegExp;
  /** The pattern in words, with an example. */
  readonly wanted: string;
}

export interface ListOf {
  /** How a value that is no such list is answered. */
  readonly kind: Kind;
  readonly items: Node;
}

export interface ObjectOf {
  readonly keys: Readonly<Record<string, Node>>;
  readonly required?: readonly string[];
  readonly rules?: readonly Rule[];
  /** Keys that may be there, and mean nothing: the props that are handed to all parts alike. */
  readonly ignored?: readonly string[];
}

/** An object with names of the user's own. */
export interface MapOf {
  readonly names: Pattern;
  readonly values: Node;
}

/** Objects of several forms: the text at `by` decides. */
export interface Variants {
  readonly by: string;
  readonly variants: Readonly<Record<string, ObjectOf>>;
}

/** A key that exists, and is refused: what stands in the configuration ends up in cdk.tf.json. */
export interface Secret {
  /** What to set in the environment instead. */
  readonly secret: string;
}

/** A construct or an object that something else made: it has at least these keys, and whatever else. */
export interface Made {
  /** In words, with how it is made. */
  readonly made: string;
  readonly has: Readonly<Record<string, Kind>>;
  /** Whether a team may write one of its own, and so is told what that lacks. */
  readonly own?: boolean;
}

/** What no table tells. */
export interface Checked {
  readonly wanted: string;
  readonly check: (at: string, value: unknown) => readonly string[];
}

/** What is wrong with one key beside another, or with a text: in words for the synth, as a fragment of JSON Schema for editors. */
export interface Rule {
  readonly mistakes: (at: string, value: Json) => readonly string[];
  readonly schema: Json;
}

export type Json = Readonly<Record<string, unknown>>;

/**
 * Every key of an interface, each with what it may hold. A prop without a row does not compile: give it one, and a value
 * in the list of __tests__/constructs/props, which says what of the synth it changes.
 */
export type Rows<T> = Readonly<Record<keyof T, Node>>;

type RequiredKey<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];
type Missing<T, K> = [Exclude<RequiredKey<T>, K>] extends [never]
  ? unknown
  : { readonly required_props_without_a_name_here: Exclude<RequiredKey<T>, K> };

/** The table of an interface, which names each of its keys, and of those that are needed each, too. */
export const propsOf =
  <T>() =>
  <const K extends readonly (RequiredKey<T> & string)[]>(
    keys: Rows<T>,
    required: K & Missing<T, K[number]>,
    more: Pick<ObjectOf, "rules" | "ignored"> = {},
  ): ObjectOf & { readonly keys: Rows<T> } => ({ keys, required, ...more });

export const pathOf = (at: string, key: string): string => (at === "" ? key : `${at}.${key}`);

const isSecret = (node: Node): node is Secret => typeof node === "object" && "secret" in node;

/** The keys that a user may give. */
export const openKeys = (keys: ObjectOf["keys"]): readonly string[] =>
  Object.keys(keys).filter((key) => !isSecret(keys[key] as Node));
