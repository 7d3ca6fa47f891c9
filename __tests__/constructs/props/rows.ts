import type { CommonKey } from "./common-rows";
import type { Construct } from "constructs";

/** One prop: a value that is not its default, and where in the synth it is to be seen. */
export interface Row<V = unknown> {
  readonly value: V | ((scope: Construct) => V);
  /** The parts of the construct, by their ids in it, in which something becomes different; in all others nothing does. */
  readonly shows: readonly string[];
  /** What else is given, before as after. */
  readonly beside?: Readonly<Record<string, unknown>>;
  /** A prop that it stands in place of. */
  readonly instead?: string;
}

type Given<T> = T extends unknown ? Exclude<keyof T, CommonKey> : never;
type Value<T, K> = T extends unknown ? (K extends keyof T ? Exclude<T[K], undefined> : never) : never;

/**
 * All props of an interface but the common ones, which ./common-rows has. A new prop does not compile until it has a
 * row here: give it a value that is not its default, and name the parts of the construct that it changes.
 */
export type RowsOf<T> = { readonly [K in Given<T>]-?: Row<Value<T, K>> };

/** The same values elsewhere: the parts in which they are seen there, for all props, or for each. */
export const seenIn = <R extends Readonly<Record<string, Row>>>(
  rows: R,
  shows: readonly string[] | { readonly [K in keyof R]: readonly string[] },
): R =>
  Object.fromEntries(
    Object.entries(rows).map(([prop, row]) => [
      prop,
      { ...row, shows: Array.isArray(shows) ? shows : (shows as Record<string, readonly string[]>)[prop] },
    ]),
  ) as unknown as R;
