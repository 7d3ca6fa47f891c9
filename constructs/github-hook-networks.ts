/**
 * Where GitHub sends webhooks from: `hooks` in https://api.github.com/meta, as people copied it into public repositories
 * up to 2026, with what https://github.blog/changelog/2026-10-29-webhook-ip-ranges-added-to-the-meta-api added. Only how
 * wide the widest are is of use here: GitHub's list changes, and the list to let in is the user's.
 */
const HOOK_NETWORKS = [
  "192.30.252.0/22",
  "185.199.108.0/22",
  "140.82.112.0/20",
  "143.55.64.0/20",
  "9.234.98.160/28",
  "9.234.98.176/28",
  "9.234.106.48/28",
  "2a0a:a440::/29",
  "2606:50c0::/32",
] as const;

const isIpv6 = (network: string): boolean => network.includes(":");

/** NaN for what is no network. */
const bitsOf = (network: string): number => Number(/\/(\d+)$/.exec(network)?.[1] ?? NaN);

/** Bits of the widest network of the same family that GitHub sends from. */
export const widestBits = (network: string): number =>
  Math.min(...HOOK_NETWORKS.filter((one) => isIpv6(one) === isIpv6(network)).map(bitsOf));

/** Whether it lets in no more than one of GitHub's own could. */
export const isNarrow = (network: string): boolean => bitsOf(network) >= widestBits(network);
