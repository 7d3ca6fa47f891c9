import type { Resource } from "./model";

/** The words of a result, in every form of the report. */
export const RESULTS = ["pass", "fail", "not visible here"] as const;
export type Result = (typeof RESULTS)[number];

/** What one look at one attribute came to. */
export interface Finding {
  readonly result: Result;
  /** Address of the resource, or the installation where none stands for it. */
  readonly address: string;
  /** Path of the attribute; empty where the resource as a whole is meant. */
  readonly attribute: string;
  readonly why: string;
}

type At = Pick<Resource, "address">;
type Make = (at: At, attribute: string, why: string) => Finding;

const made =
  (result: Result): Make =>
  ({ address }, attribute, why) => ({ result, address, attribute, why });

export const pass = made("pass");
export const fail = made("fail");
export const hidden = made("not visible here");

/** Pass, or fail with the reason. */
export const demand = (holds: boolean, at: At, attribute: string, good: string, bad: string): Finding =>
  holds ? pass(at, attribute, good) : fail(at, attribute, bad);

export const placeOf = ({ address, attribute }: Pick<Finding, "address" | "attribute">): string =>
  attribute === "" ? address : `${address}.${attribute}`;
