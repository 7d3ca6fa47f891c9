/** x86-64, or AWS Graviton. */
export type Architecture = "x64" | "arm64";

export const ARCHITECTURES: readonly Architecture[] = ["x64", "arm64"];

/**
 * What a fleet runs on unless it says otherwise: 2 vCPU and 8 GB, the size of GitHub's own standard runner for private
 * repositories. Three generations from two makers: the more pools a spot request may draw on, the rarer it finds
 * none and the rarer it is interrupted. No burstable types: a build that outlives its credits is slow or dear.
 * https://docs.github.com/en/actions/reference/runners/github-hosted-runners
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-best-practices.html
 */
export const DEFAULT_INSTANCE_TYPES: Readonly<Record<Architecture, readonly string[]>> = {
  x64: ["m7i.large", "m7a.large", "m7i-flex.large", "m6i.large", "m6a.large", "m5.large", "m5a.large"],
  arm64: ["m8g.large", "m7g.large", "m7gd.large", "m6g.large", "m6gd.large"],
};

/**
 * Families by architecture; the first pattern that fits decides. Graviton families carry a `g` behind the generation
 * (`m7g`, `c7gn`, `im4gn`, `x2gd`, `g5g`); `a1` is older than that rule, Grace Blackwell (`p6e-gb200`) follows another, and `g4dn`, `g5`, `g6` are GPU families on x86.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
const FAMILIES: readonly (readonly [pattern: RegExp, architecture: Architecture | undefined])[] = [
  [/^mac/, undefined],
  [/-gb\d+$/, "arm64"],
  [/^a1$/, "arm64"],
  [/^[a-z]+\d+g[a-z]*$/, "arm64"],
  [/^(?:u|u7[a-z]*)-/, "x64"],
  [/^(?:c|d|dl|f|g|gr|h|hpc|i|im|inf|is|m|p|r|t|trn|u|vt|x|z)\d+[a-z]*(?:-[a-z0-9]+)?$/, "x64"],
];

/** A family and one of the sizes that EC2 has: a slip here would be found by the first launch only. */
export const isInstanceType = (text: string): boolean =>
  /^[a-z0-9-]+\.(?:nano|micro|small|medium|large|\d*xlarge|metal(?:-\d+xl)?)$/.test(text);

/** Undefined for a type that this table cannot place. */
export const architectureOf = (instanceType: string): Architecture | undefined => {
  const family = instanceType.split(".")[0] ?? "";
  return FAMILIES.find(([pattern]) => pattern.test(family))?.[1];
};
