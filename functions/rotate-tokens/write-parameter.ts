import { AddTagsToResourceCommand, PutParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import type { RotateTokensSettings } from "../shared/contract";
import { logger } from "../shared/logger";

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

/** Writes a parameter and, with `expiresAt`, its tag. Without the tag nothing is lost, so that only warns. */
export const writeParameter = async (
  { ssm, settings }: Writer,
  name: string,
  value: string,
  { type = "SecureString", expiresAt }: WriteOptions = {},
): Promise<void> => {
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
