import type { Audit } from "./audit";

/** The lowest score that is accepted: a number of controls, or a share of those that are visible. */
export type Threshold = { readonly controls: number } | { readonly percent: number };

/** Undefined for what is neither `20` nor `95%`. */
export const parseThreshold = (text: string): Threshold | undefined => {
  const [, number, percent] = /^(\d{1,3})(%?)$/.exec(text) ?? [];
  if (number === undefined || (percent === "%" && Number(number) > 100)) return undefined;
  return percent === "%" ? { percent: Number(number) } : { controls: Number(number) };
};

/** Without a threshold no visible control may fail. */
export const isAccepted = ({ score, of }: Audit, threshold: Threshold | undefined): boolean => {
  if (threshold === undefined) return score === of;
  return "controls" in threshold ? score >= threshold.controls : score * 100 >= of * threshold.percent;
};
