import type { SSMClient } from "@aws-sdk/client-ssm";
import type { RotateTokensSettings } from "../shared/contract";
import { RunnersError } from "../shared/errors";
import { logger } from "../shared/logger";
import { readParameters } from "../shared/parameters";
import { parametersOf } from "./read-parameters";
import type { RotationAnswer, RotationRequest } from "../shared/token";
import { credentialParameter, openAccess, type Access } from "./access";
import { redeliver as redeliverFailed } from "./redeliver";
import { renewRunner } from "./renew-runner";
import { rotateTokenParameters } from "./tokens";
import { setWebhook } from "./webhook";
import { MissingParameterError } from "./write-parameter";

/** A part of a rotation failed; the others were done all the same. */
export class RotationFailedError extends RunnersError {}

export interface RotateTokensDeps {
  readonly ssm: SSMClient;
  readonly settings: RotateTokensSettings;
  /** Epoch milliseconds */
  readonly now: () => number;
  /** The way to GitHub. Default: the runtime's own. */
  readonly fetch?: typeof fetch;
}

/** One run: the dependencies, what was asked, and what the parameters held when it began. */
export interface Rotation extends RotateTokensDeps {
  readonly refresh: boolean;
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly access: Access;
}

/**
 * Keeps tokens fresh, the webhook set and the runner's version new. Safe at any time and any number of times: a token with 35 minutes or more
 * is kept unless `refresh` asks for another, and of two runs at the same time the later write stands, which is as
 * good, since a new token does not end an older one.
 *
 * Asked to redeliver, it does that alone: it touches no tokens, and sets the webhook only where deliveries have failed.
 *
 * @throws RotationFailedError at the end, when a token, the webhook or the runner's version failed; none stops the others
 * @throws SetupError, GithubError when deliveries cannot be listed or sent again
 */
export const rotateTokens = async (
  deps: RotateTokensDeps,
  { refresh = false, redeliver }: RotationRequest = {},
): Promise<RotationAnswer> => {
  const { settings, ssm } = deps;
  const names = redeliver ? redeliveryNames(settings) : parameterNames(settings);
  const values = await readParameters(parametersOf(ssm), names);
  const access = openAccess(settings, values[credentialParameter(settings)], deps);
  const rotation: Rotation = { ...deps, refresh, values, access };
  if (!redeliver) return rotateAll(rotation);
  const { webhook } = settings;
  return { tokens: [], ...(webhook && { redelivered: await redeliverFailed(rotation, webhook, redeliver) }) };
};

const redeliveryNames = (settings: RotateTokensSettings): string[] =>
  [credentialParameter(settings), settings.webhook?.secretParameter].filter((name) => name !== undefined);

const parameterNames = (settings: RotateTokensSettings): string[] => {
  const {
    installationTokenParameter,
    registrationTokenParameter,
    furtherApps = [],
    webhook,
    runner,
  } = settings;
  return [
    credentialParameter(settings),
    installationTokenParameter,
    registrationTokenParameter,
    ...furtherApps.flatMap((app) => [app.privateKeyParameter, app.installationTokenParameter]),
    webhook?.secretParameter,
    runner?.parameter,
  ].filter((name) => name !== undefined);
};

const rotateAll = async (rotation: Rotation): Promise<RotationAnswer> => {
  const { webhook, runner } = rotation.settings;
  const [hook, renewed, ...tokens] = await Promise.allSettled([
    webhook ? setWebhook(rotation, webhook) : undefined,
    // Who asks for a new token waits for it, and the version has time.
    runner && !rotation.refresh ? renewRunner(rotation, runner) : undefined,
    ...rotateTokenParameters(rotation),
  ]);
  const failures = [
    ...tokens.flatMap((outcome) => failureOf(outcome, "token not rotated")),
    ...failureOf(hook, "webhook not set"),
    ...failureOf(renewed, "runner not renewed"),
  ];
  // One cause, such as an App that is not installed, can stop several of them: it is said once.
  if (failures.length > 0) throw new RotationFailedError([...new Set(failures)].join(" "));
  return {
    tokens: tokens.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
    ...(webhook && hook.status === "fulfilled" && hook.value === "set" ? { webhook: webhook.url } : {}),
    ...(renewed.status === "fulfilled" && renewed.value !== undefined ? { runner: renewed.value } : {}),
  };
};

const failureOf = (outcome: PromiseSettledResult<unknown>, message: string): string[] => {
  if (outcome.status === "fulfilled") return [];
  const error: unknown = outcome.reason;
  // An apply that makes it runs this function again; one that destroyed it has nothing more to be kept.
  if (error instanceof MissingParameterError) {
    logger.warn(message, { error });
    return [];
  }
  logger.error(message, { error });
  return [error instanceof Error ? error.message : String(error)];
};
