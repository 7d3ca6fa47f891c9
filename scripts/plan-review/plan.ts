import type { Attributes } from "../audit/model";

/** A plan of Terraform, as far as a review looks at it. What is sensitive in it has been masked. */
export interface Plan {
  readonly changes: readonly Change[];
  /** When it was made: the day that ages are counted to, so that the same plan reads the same for ever. */
  readonly at: Date;
  /** What `terraform show -json` wrote, masked, and filled from the stack: for the audit's own readers. */
  readonly json: Attributes;
  /** Number of the AWS account; undefined where no data source tells it. */
  readonly account?: string;
  /** Names of outputs that change. */
  readonly outputs: readonly string[];
  /** Paths of constructs by address without index; empty without the synthesized stack. */
  readonly paths: ReadonlyMap<string, string>;
}

export type Action = "create" | "update" | "replace" | "delete" | "forget" | "none";

/** One managed resource: every one stands in a plan, also one that stays as it is. */
export interface Change {
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** Empty for a resource that is created. */
  readonly before: Attributes;
  /** Empty for a resource that is gone afterwards. */
  readonly after: Attributes;
  /** In the shape of `after`: `true` stands where a value is known after the apply only. */
  readonly unknown: Attributes;
  /** How the attributes were written: what refers to what. */
  readonly written: Attributes;
  /** What stood before is not destroyed: it stays where it is, and Terraform knows it no more. */
  readonly forgets: boolean;
  /** Attributes that force the replacement. */
  readonly replacedBy: readonly string[];
  /** Where it stood before, if it moved. */
  readonly movedFrom?: string;
  /** It stood before, outside of this configuration. */
  readonly isImported: boolean;
}

export const stands = ({ action }: Change): boolean => action !== "delete" && action !== "forget";

export const stood = ({ action }: Change): boolean => action !== "create";
