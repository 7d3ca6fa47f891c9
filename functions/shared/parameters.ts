import { chunks } from "./chunks";
import { UNSET, type TokenUse, type TokenValue } from "./contract";
import { parseObject } from "./json";

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const NAMES_A_CALL = 10;

/** A token is taken for expired this early, so that it outlives the work that starts with it. */
export const TOKEN_MARGIN_MS = 5 * 60_000;

/** `GetParameters` of Parameter Store. */
export type ReadParameters = (input: {
  readonly Names: string[];
  readonly WithDecryption: boolean;
}) => Promise<{
  readonly Parameters?: readonly { readonly Name?: string; readonly Value?: string }[];
}>;

/**
 * Values by name, decrypted, in one call for up to ten names. A parameter that does not exist, or that still holds
 * what Terraform created it with, is absent.
 */
export const readParameters = async (
  read: ReadParameters,
  names: readonly string[],
): Promise<Record<string, string | undefined>> => {
  const answers = await Promise.all(
    chunks([...new Set(names)], NAMES_A_CALL).map((some) => read({ Names: some, WithDecryption: true })),
  );
  const found = answers.flatMap(({ Parameters = [] }) => Parameters);
  return Object.fromEntries(
    found.flatMap(({ Name, Value }) =>
      Name && Value !== undefined && Value !== UNSET ? [[Name, Value]] : [],
    ),
  );
};

/**
 * What a token's parameter holds, or undefined if it cannot be used: unset, not {@link TokenValue} as JSON, or with
 * less than `margin` milliseconds left.
 *
 * @param now epoch milliseconds
 * @param margin default: {@link TOKEN_MARGIN_MS}
 */
export const parseToken = (
  value: string | undefined,
  now: number,
  margin: number = TOKEN_MARGIN_MS,
): TokenValue | undefined => {
  const { token, expiresAt, madeFor } = parseObject(value) ?? {};
  if (typeof token !== "string" || typeof expiresAt !== "string" || token === "") return undefined;
  // A date that does not parse is NaN, and no comparison with NaN holds.
  if (!(Date.parse(expiresAt) - now >= margin)) return undefined;
  return { token, expiresAt, ...(madeFor instanceof Object && { madeFor: madeFor as TokenUse }) };
};

/**
 * Whether a token was made for this. GitHub refuses one of another App or another organization for good, which costs the
 * machine that was to register with it.
 *
 * @param use what is to be compared; what is absent of it is not
 */
export const isMadeFor = ({ madeFor }: TokenValue, use: Partial<TokenUse>): boolean =>
  (Object.keys(use) as (keyof TokenUse)[]).every((key) => madeFor?.[key] === use[key]);
