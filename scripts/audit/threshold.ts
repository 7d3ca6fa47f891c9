import type { Audit } from "./audit";

/** The lowest score that is accepted: a number of controls, or a share of those that are visible. */
export type Threshold = { readonly controls: number } | { readonly percent: number };

/** Undefined for what is neither `20` nor `95%`. */
export const parseThreshold = (text: string): Threshold | undefined => {
  const [, number, percent] = /^(\d{1,3})(%?)$/.exec(text) ?? [];
  if (number === undefined || (percent === "%" && Number(number) > 100)) return undefined;
  return percent === "%" ? { percent: Number(number) } : { controls: Number(number) };
};

/** Without a threshold no visible control may fail. Where none is visible, nothing is accepted but a threshold of 0. */
export const isAccepted = ({ score, of }: Audit, threshold: Threshold = { percent: 100 }): boolean => {
  if (of === 0 && !("controls" in threshold)) return false;
  return "controls" in threshold ? score >= threshold.controls : score * 100 >= of * threshold.percent;
};
