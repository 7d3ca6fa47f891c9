import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { SSMClient } from "@aws-sdk/client-ssm";
import { RunnersError } from "./errors";
import { parseObject } from "./json";
import { parseToken, readParameters } from "./parameters";

/** The rotation function failed. */
export class RotationError extends RunnersError {}

/** The rotation function ran, and still there is no token. */
export class NoTokenError extends RunnersError {}

/** What the rotation function is invoked with. Anything else (an EventBridge event) means `refresh: false`. */
export interface RotationRequest {
  /** Mint new tokens even if those in the parameters have time left: GitHub refused one. */
  readonly refresh?: boolean;
}

/**
 * Runs the rotation function and waits for its end.
 *
 * @throws RotationError when it fails
 */
export const invokeRotation = async (
  lambda: LambdaClient,
  functionName: string,
  request: RotationRequest = {},
): Promise<void> => {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: "RequestResponse",
      Payload: Buffer.from(JSON.stringify(request)),
    }),
  );
  if (!FunctionError) return;
  throw new RotationError(`${functionName} failed, see its log: ${reasonOf(Payload) ?? FunctionError}`);
};

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
const reasonOf = (payload: Uint8Array | undefined): string | undefined => {
  const errorMessage = parseObject(Buffer.from(payload ?? []).toString())?.errorMessage;
  return typeof errorMessage === "string" ? errorMessage : undefined;
};

export interface TokenSourceOptions {
  readonly ssm: SSMClient;
  readonly lambda: LambdaClient;
  /** Name of the parameter with the token. */
  readonly parameter: string;
  /** Name or ARN of the rotation function. */
  readonly rotateFunction: string;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
}

export interface TokenSource {
  /**
   * A token with at least five minutes left: the one at hand, else the parameter's, else a new one.
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
  const { ssm, lambda, parameter, rotateFunction, now = Date.now } = options;
  let kept: string | undefined;
  let rotating: Promise<string> | undefined;

  const usable = (refused?: string): string | undefined => {
    const token = parseToken(kept, now())?.token;
    return token === refused ? undefined : token;
  };
  const read = async (): Promise<void> => {
    kept = (await readParameters(ssm, [parameter]))[parameter];
  };
  const rotate = async (refused?: string): Promise<string> => {
    // The function also fails when it wrote the tokens and could not set the webhook, so the parameter decides.
    const failure = await invokeRotation(lambda, rotateFunction, { refresh: refused !== undefined }).catch(
      asError,
    );
    await read();
    const token = usable(refused);
    if (token) return token;
    throw (
      failure ??
      new NoTokenError(`${parameter} holds no usable token after ${rotateFunction} ran: read its log.`)
    );
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
      if (parseToken(value, now())) kept = value;
    },
  };
};

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
