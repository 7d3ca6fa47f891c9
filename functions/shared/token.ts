import { UNSET, type TokenUse } from "./contract";
import { RunnersError } from "./errors";
import type { Invoke } from "./invoke-function";
import { parseObject } from "./json";
import { isMadeFor, parseToken, readParameters, type ReadParameters } from "./parameters";

/** The rotation function failed. */
export class RotationError extends RunnersError {}

/** The rotation function ran, and still there is no token. */
export class NoTokenError extends RunnersError {}

/** What the rotation function is invoked with. Anything else (an EventBridge event) means an ordinary run. */
export interface RotationRequest {
  /** Mint new tokens even if those in the parameters have time left: GitHub refused one. */
  readonly refresh?: boolean;
  /** Send failed deliveries of the webhook again, and do nothing else. */
  readonly redeliver?: RedeliveryRequest;
}

export interface RedeliveryRequest {
  /** ISO 8601: {@link Redelivery.until} of the request before. */
  readonly since: string;
  /** Ids of deliveries that have been sent again already. */
  readonly except: readonly string[];
}

/** Holds names and times, and no token. */
export interface RotationAnswer {
  readonly tokens: readonly RotatedToken[];
  /** The address that was set. */
  readonly webhook?: string;
  /** The version of the runner that machines take, where it is renewed. */
  readonly runner?: string;
  /** Present when it was asked for, and there is a webhook that is managed. */
  readonly redelivered?: Redelivery;
}

export interface RotatedToken {
  readonly parameter: string;
  /** ISO 8601 */
  readonly expiresAt: string;
  /** False: what was there is fresh. */
  readonly minted: boolean;
}

export interface Redelivery {
  /** Deliveries that were sent again. Text: GitHub's ids are greater than the integers that JSON carries. */
  readonly ids: readonly string[];
  /** `X-GitHub-Delivery` of those that failed so often that they are not sent any more. */
  readonly failing: readonly string[];
  /** ISO 8601: nothing is left to do for what was delivered before. */
  readonly until: string;
}

/**
 * Runs the rotation function and waits for its end.
 *
 * @throws RotationError when it fails
 */
export const invokeRotation = async (
  invoke: Invoke,
  functionName: string,
  request: RotationRequest = {},
): Promise<RotationAnswer> => {
  const { payload, failure } = await invoke(functionName, JSON.stringify(request));
  const answer = parseObject(payload);
  if (!failure) return { tokens: [], ...answer };
  // https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
  const reason = typeof answer?.errorMessage === "string" ? answer.errorMessage : failure;
  throw new RotationError(`${functionName} failed, see its log: ${reason}`);
};

export interface TokenSourceOptions {
  readonly readParameters: ReadParameters;
  readonly invoke: Invoke;
  /** Name of the parameter with the token. */
  readonly parameter: string;
  /** Name or ARN of the rotation function. */
  readonly rotateFunction: string;
  /** What the token must have been made for; one that was made for something else is not used. */
  readonly use: Pick<TokenUse, "place"> & Partial<TokenUse>;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
}

export interface TokenSource {
  /**
   * A token of ours with at least five minutes left: the one at hand, else the parameter's, else a new one.
   *
   * @throws RotationError, NoTokenError
   */
  get(): Promise<string>;
  /**
   * GitHub answered 401 to `token`: returns another, the parameter's if that is newer, else a new one. Callers whose
   * calls were refused together share one rotation.
   *
   * @throws RotationError, NoTokenError
   */
  refused(token: string): Promise<string>;
  /** Takes the parameter's value from a read that the caller made anyway. A value without use is ignored. */
  prime(value: string | undefined): void;
}

/** Keeps one token for as long as it lasts; make one for each sandbox of a function, outside the handler. */
export const createTokenSource = (options: TokenSourceOptions): TokenSource => {
  const { invoke, parameter, rotateFunction, use, now = Date.now } = options;
  let kept: string | undefined;
  let rotating: Promise<string> | undefined;

  const ours = (value: string | undefined): string | undefined => {
    const found = parseToken(value, now());
    return found && isMadeFor(found, use) ? found.token : undefined;
  };
  const withoutToken = (): string => {
    const isForOthers = parseToken(kept, now()) !== undefined && ours(kept) === undefined;
    return isForOthers
      ? `${parameter} holds a token of another App, organization or repository after ${rotateFunction} ran: while an apply is under way, it ends with the apply; else apply again.`
      : `${parameter} holds no usable token after ${rotateFunction} ran: read its log.`;
  };
  const usable = (refused?: string): string | undefined => {
    const token = ours(kept);
    return token === refused ? undefined : token;
  };
  const read = async (): Promise<void> => {
    kept = (await readParameters(options.readParameters, [parameter]))[parameter];
  };
  const rotate = async (refused?: string): Promise<string> => {
    // The function also fails when it wrote the tokens and could not set the webhook, so the parameter decides.
    const failure = await invokeRotation(invoke, rotateFunction, { refresh: refused !== undefined }).then(
      () => undefined,
      asError,
    );
    await read();
    const token = usable(refused);
    if (token) return token;
    throw failure ?? new NoTokenError(withoutToken());
  };
  const rotateOnce = (refused?: string): Promise<string> =>
    (rotating ??= rotate(refused).finally(() => (rotating = undefined)));
  const find = async (refused?: string): Promise<string> => {
    const atHand = usable(refused);
    if (atHand) return atHand;
    await read();
    return usable(refused) ?? rotateOnce(refused);
  };

  return {
    get: () => find(),
    refused: find,
    prime: (value) => {
      if (ours(value) !== undefined) kept = value;
    },
  };
};

/**
 * The personal access token that a person stored: never expires as far as anybody here knows, and nothing renews it.
 * Read once, and again when GitHub refuses it, since another may have been stored.
 */
export const createPersonalTokenSource = ({
  readParameters: read,
  parameter,
}: Pick<TokenSourceOptions, "readParameters" | "parameter">): TokenSource => {
  let kept: string | undefined;
  let reading: Promise<void> | undefined;
  const keep = (value: string | undefined): void => {
    kept = value === UNSET ? undefined : value?.trim() || undefined;
  };
  const readOnce = (): Promise<void> =>
    (reading ??= readParameters(read, [parameter])
      .then((values) => keep(values[parameter]))
      .finally(() => (reading = undefined)));
  const find = async (refused?: string): Promise<string> => {
    if (kept === undefined || kept === refused) await readOnce();
    if (kept === undefined) {
      throw new NoTokenError(
        `The parameter ${parameter} is not filled: store a personal access token in it, as a SecureString.`,
      );
    }
    if (kept !== refused) return kept;
    throw new NoTokenError(
      `GitHub refuses the personal access token in ${parameter}: it has expired or was revoked, so store another.`,
    );
  };

  return {
    get: () => find(),
    refused: find,
    prime: (value) => {
      if (value !== undefined && value !== UNSET) keep(value);
    },
  };
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
