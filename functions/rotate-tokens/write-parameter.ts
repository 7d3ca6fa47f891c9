import {
  AddTagsToResourceCommand,
  GetParametersCommand,
  PutParameterCommand,
  type SSMClient,
} from "@aws-sdk/client-ssm";
import type { RotateTokensSettings } from "../shared/contract";
import { RunnersError } from "../shared/errors";
import { logger } from "../shared/logger";

/** There is no such parameter: Terraform has not made it yet, or has destroyed it. */
export class MissingParameterError extends RunnersError {}

/** A copy, for people, of the time that stands in the value. */
export const EXPIRES_AT_TAG = "ExpiresAt";

interface Writer {
  readonly ssm: SSMClient;
  readonly settings: RotateTokensSettings;
}

interface WriteOptions {
  /** Default: SecureString; a String is for what is no secret */
  readonly type?: "SecureString" | "String";
  /** Written into the tag, too. */
  readonly expiresAt?: string;
}

/**
 * Writes a parameter that is there and, with `expiresAt`, its tag. Without the tag nothing is lost, so that only warns.
 *
 * Parameters are made by Terraform alone. PutParameter makes what it does not find, and cannot be told to leave that: one that is
 * made while Terraform destroys the stack, or has yet to make its own, is a parameter with a live secret that no state knows, and
 * the next apply fails with `ParameterAlreadyExists`. So it is asked right before the write. Between question and write lie some
 * milliseconds.
 *
 * @throws MissingParameterError
 */
export const writeParameter = async (
  { ssm, settings }: Writer,
  name: string,
  value: string,
  { type = "SecureString", expiresAt }: WriteOptions = {},
): Promise<void> => {
  // Not decrypted: it is there under whichever key.
  const { Parameters = [] } = await ssm.send(
    new GetParametersCommand({ Names: [name], WithDecryption: false }),
  );
  if (Parameters.length === 0)
    throw new MissingParameterError(`There is no parameter ${name}, and only an apply makes it.`);
  // PutParameter refuses tags together with Overwrite, hence the second call.
  await ssm.send(
    new PutParameterCommand({
      Name: name,
      Value: value,
      Type: type,
      Overwrite: true,
      KeyId: type === "SecureString" ? settings.kmsKeyId : undefined,
    }),
  );
  if (expiresAt === undefined) return;
  const tag = { Key: EXPIRES_AT_TAG, Value: expiresAt };
  try {
    await ssm.send(
      new AddTagsToResourceCommand({ ResourceType: "Parameter", ResourceId: name, Tags: [tag] }),
    );
  } catch (error) {
    logger.warn("tag not written", { parameter: name, error });
  }
};
