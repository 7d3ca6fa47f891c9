import { ACCOUNT_KEY, type RotateTokensSettings } from "../shared/contract";
import { parseObject } from "../shared/json";

type Keyed = Pick<RotateTokensSettings, "kmsKeyId">;

/**
 * A value that remembers the key that it is written under. Parameter Store tells the key by DescribeParameters only, a right
 * that cannot be bound to some of the account's parameters:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
export const underKey = (fields: object, { kmsKeyId }: Keyed): string =>
  JSON.stringify({ ...fields, kmsKeyId });

/**
 * Whether the value was written under the key that the settings name. Where they name none, what remembers no key counts as
 * well placed, as it was before values remembered theirs.
 */
export const liesUnderKey = (value: string | undefined, { kmsKeyId }: Keyed): boolean => {
  const { kmsKeyId: written } = parseObject(value) ?? {};
  return written === kmsKeyId || (kmsKeyId === undefined && written === ACCOUNT_KEY);
};
