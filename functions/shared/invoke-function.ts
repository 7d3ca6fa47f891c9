import { awsSender } from "./aws-request";

/** Runs another function, and waits for its end. */
export type Invoke = (functionName: string, payload: string) => Promise<Invocation>;

export interface Invocation {
  /** What the function answered; when it failed, an object with `errorMessage`. */
  readonly payload: string;
  /** Present: the function failed. `Unhandled` */
  readonly failure?: string;
}

/** The function is given a minute, and who waits for it no more. */
const limits = { try: 60_000, all: 60_000 };

/**
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 *
 * @param env default: the environment of this process, read at each call
 */
export const createInvoke = (env?: NodeJS.ProcessEnv): Invoke => {
  const send = awsSender<Invocation>({
    service: "lambda",
    limits,
    env,
    read: ({ body, headers }) => ({
      payload: body.toString(),
      failure: headers["x-amz-function-error"],
    }),
  });
  return (functionName, payload) =>
    send({
      path: `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
      headers: { "content-type": "application/json", "x-amz-invocation-type": "RequestResponse" },
      body: payload,
    });
};
