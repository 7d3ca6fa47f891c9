import type { SSMClient } from "@aws-sdk/client-ssm";
import type { RotateTokensSettings } from "../shared/contract";
import { RunnersError } from "../shared/errors";
import { logger } from "../shared/logger";
import { readParameters } from "../shared/parameters";
import type { RotationRequest } from "../shared/token";
import { credentialParameter, openAccess, type Access } from "./access";
import { rotateTokenParameters, type RotatedToken } from "./tokens";
import { setWebhook } from "./webhook";

/** A part of a rotation failed; the others were done all the same. */
export class RotationFailedError extends RunnersError {}

export interface RotateTokensDeps {
  readonly ssm: SSMClient;
  readonly settings: RotateTokensSettings;
  /** Epoch milliseconds */
  readonly now: () => number;
}

/** One run: the dependencies, what was asked, and what the parameters held when it began. */
export interface Rotation extends RotateTokensDeps {
  readonly refresh: boolean;
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly access: Access;
}

/** Holds names and times, and no token. */
export interface RotationAnswer {
  readonly tokens: readonly RotatedToken[];
  /** The address that was set. */
  readonly webhook?: string;
}

/**
 * Keeps tokens fresh and the webhook set. Safe at any time and any number of times: a token with 35 minutes or more
 * is kept unless `refresh` asks for another, and of two runs at the same time the later write stands, which is as
 * good, since a new token does not end an older one.
 *
 * @throws SetupError when the credential's parameter is not filled
 * @throws RotationFailedError at the end, when a token or the webhook failed; none stops the others
 */
export const rotateTokens = async (
  deps: RotateTokensDeps,
  { refresh = false }: RotationRequest = {},
): Promise<RotationAnswer> => {
  const { settings, ssm } = deps;
  const { installationTokenParameter, registrationTokenParameter, webhook } = settings;
  const credential = credentialParameter(settings);
  const others = [installationTokenParameter, registrationTokenParameter, webhook?.secretParameter];
  const values = await readParameters(ssm, [credential, ...others.filter((name) => name !== undefined)]);
  const rotation: Rotation = { ...deps, refresh, values, access: openAccess(settings, values[credential]) };

  const [hook, ...tokens] = await Promise.allSettled([
    webhook ? setWebhook(rotation, webhook) : undefined,
    ...rotateTokenParameters(rotation),
  ]);
  const failures = [
    ...tokens.flatMap((outcome) => failureOf(outcome, "token not rotated")),
    ...failureOf(hook, "webhook not set"),
  ];
  // One cause, such as an App that is not installed, can stop all of them: it is said once.
  if (failures.length > 0) throw new RotationFailedError([...new Set(failures)].join(" "));
  return {
    tokens: tokens.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : [])),
    ...(webhook ? { webhook: webhook.url } : {}),
  };
};

const failureOf = (outcome: PromiseSettledResult<unknown>, message: string): string[] => {
  if (outcome.status === "fulfilled") return [];
  const error: unknown = outcome.reason;
  logger.error(message, { error });
  return [error instanceof Error ? error.message : String(error)];
};
