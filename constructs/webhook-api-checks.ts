import { isIP } from "node:net";
import { isNarrow, widestBits } from "./github-hook-networks";
import { checkFilled, checkPattern, checkPlain, checkRange, shown } from "./validation";
import type { WebhookApiProps } from "./webhook-api";

/** Longest prefix, by version of the protocol. */
const MOST_BITS: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

const networkMistakes = (prop: string, network: string): readonly string[] =>
  checkPlain(prop, network, (known) => {
    const [, address = "", bits = ""] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(known) ?? [];
    const longest = MOST_BITS[isIP(address)];
    if (longest === undefined || Number(bits) > longest)
      return [
        `${prop} must be a CIDR block such as "192.30.252.0/22" or "2a0a:a440::/29", and is ${shown(known)}.`,
      ];
    return isNarrow(known)
      ? []
      : [
          `${prop} is ${shown(known)}, which lets in more than GitHub sends from (its widest network of that kind is a /${widestBits(known)}): name the networks, or leave sourceAddresses out.`,
        ];
  });

const sourceAddressMistakes = (networks: readonly string[] | undefined): readonly string[] => {
  const wrong = checkFilled("sourceAddresses", networks);
  if (wrong.length > 0) return wrong;
  return (networks ?? []).flatMap((network, index) => networkMistakes(`sourceAddresses[${index}]`, network));
};

/** What is wrong with the webhook's own props, in the user's words. */
export const webhookApiMistakes = (props: WebhookApiProps): readonly string[] => [
  ...checkFilled("repositories", props.repositories),
  ...(props.repositories ?? []).flatMap((name, index) =>
    checkPattern(
      `repositories[${index}]`,
      name,
      /^[A-Za-z0-9._-]{1,100}$/,
      'the name of a repository without its owner, such as "widget"',
    ),
  ),
  ...(props.repositories !== undefined && props.github.level === "repository"
    ? ["repositories is for an organization, and github is one repository: leave repositories out."]
    : []),
  ...sourceAddressMistakes(props.sourceAddresses),
  ...checkPattern(
    "secretParameter",
    props.secretParameter,
    /^\/[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+)*$/,
    'the full name of an SSM parameter, such as "/acme/webhook-secret"',
  ),
  ...checkRange("throttlingRateLimit", props.throttlingRateLimit, 1, 10_000),
  ...checkRange("throttlingBurstLimit", props.throttlingBurstLimit, 1, 5000),
  ...checkRange("reservedConcurrency", props.reservedConcurrency, 1, 1000),
];
