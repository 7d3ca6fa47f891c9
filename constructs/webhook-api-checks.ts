import { isIP } from "node:net";
import { checkFilled, checkPattern, checkPlain, checkRange, shown } from "./validation";
import type { WebhookApiProps } from "./webhook-api";

/** Shortest and longest prefix. GitHub's widest networks are a /20 and a /29: what is much wider shuts nobody out. */
const PREFIX_BITS: Readonly<Record<number, readonly [shortest: number, longest: number]>> = {
  4: [8, 32],
  6: [16, 128],
};

const networkMistakes = (prop: string, network: string): readonly string[] =>
  checkPlain(prop, network, (known) => {
    const [, address = "", bits = ""] = /^([0-9A-Fa-f.:]+)\/(\d{1,3})$/.exec(known) ?? [];
    const [shortest, longest] = PREFIX_BITS[isIP(address)] ?? [];
    if (shortest === undefined || longest === undefined || Number(bits) > longest)
      return [
        `${prop} must be a CIDR block such as "192.30.252.0/22" or "2a0a:a440::/29", and is ${shown(known)}.`,
      ];
    return Number(bits) >= shortest
      ? []
      : [
          `${prop} is ${shown(known)}, which lets in too many (a prefix has at least ${shortest} bits): name the networks, or leave sourceAddresses out.`,
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
