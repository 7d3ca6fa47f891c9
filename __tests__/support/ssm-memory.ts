import {
  AddTagsToResourceCommand,
  GetParametersCommand,
  InvalidResourceId,
  ParameterAlreadyExists,
  PutParameterCommand,
  SSMClient,
  ValidationException,
} from "@aws-sdk/client-ssm";
import { mockClient, type AwsClientStub } from "aws-sdk-client-mock";
import { ACCOUNT_KEY } from "../../functions/shared/contract";
import { parametersOf } from "../../functions/rotate-tokens/read-parameters";
import type { ReadParameters } from "../../functions/shared/parameters";

export interface StoredParameter {
  value: string;
  type: string;
  keyId?: string;
  tags: Record<string, string>;
}

export interface SsmMemory {
  readonly client: SSMClient;
  readonly read: ReadParameters;
  /** For faults: `stub.on(AddTagsToResourceCommand).rejects(...)`. */
  readonly stub: AwsClientStub<SSMClient>;
  readonly parameters: Map<string, StoredParameter>;
  /** Names, in the order they were written. */
  readonly writes: string[];
  put(name: string, value: string): void;
  value(name: string): string | undefined;
  /** Runs after each write: to write something else at the worst moment. */
  afterWrite?: (name: string) => void;
}

/** Parameter Store in memory, behind a mocked client: what is read is what was written. */
export const ssmMemory = (
  initial: Readonly<Record<string, string>> = {},
  { everyClient = false }: { /** Stands behind clients that others make, too. */ everyClient?: boolean } = {},
): SsmMemory => {
  const client = new SSMClient({ region: "eu-central-1" });
  const stub = mockClient(everyClient ? SSMClient : client);
  const parameters = new Map<string, StoredParameter>();
  const memory: SsmMemory = {
    client,
    read: parametersOf(client),
    stub,
    parameters,
    writes: [],
    put: (name, value) => parameters.set(name, { value, type: "SecureString", tags: {} }),
    value: (name) => parameters.get(name)?.value,
  };
  for (const [name, value] of Object.entries(initial)) memory.put(name, value);
  stub.on(GetParametersCommand).callsFake((input) => get(parameters, input as GetParametersCommand["input"]));
  stub.on(PutParameterCommand).callsFake((input) => put(memory, input as PutParameterCommand["input"]));
  stub
    .on(AddTagsToResourceCommand)
    .callsFake((input) => tag(parameters, input as AddTagsToResourceCommand["input"]));
  return memory;
};

const refuse = (message: string): ValidationException => new ValidationException({ message, $metadata: {} });

const get = (
  parameters: SsmMemory["parameters"],
  { Names = [], WithDecryption }: GetParametersCommand["input"],
) => {
  if (Names.length < 1 || Names.length > 10) throw refuse("names: length must be between 1 and 10");
  if (new Set(Names).size < Names.length) throw refuse("names: duplicates");
  const shown = ({ value, type }: StoredParameter): string =>
    type === "SecureString" && !WithDecryption ? "AQICAHg-encrypted" : value;
  return {
    Parameters: Names.flatMap((Name) => {
      const found = parameters.get(Name);
      return found ? [{ Name, Type: found.type, Value: shown(found) }] : [];
    }),
    InvalidParameters: Names.filter((name) => !parameters.has(name)),
  };
};

const put = (
  memory: SsmMemory,
  { Name = "", Value = "", Type, Overwrite, KeyId, Tags }: PutParameterCommand["input"],
) => {
  if (Overwrite && Tags) throw refuse("Invalid request: tags and overwrite can't be used together.");
  const old = memory.parameters.get(Name);
  if (old && !Overwrite) throw new ParameterAlreadyExists({ message: "exists", $metadata: {} });
  // As the provider writes it when it changes a parameter whose value it does not know.
  if (Value === "") throw refuse("value: length must be greater than or equal to 1");
  if (Buffer.byteLength(Value) > 4096)
    throw refuse("Standard tier parameters support a maximum of 4096 characters.");
  const type = Type ?? old?.type ?? "String";
  // Not the key that it had: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
  const keyId = type === "SecureString" ? (KeyId ?? ACCOUNT_KEY) : undefined;
  memory.parameters.set(Name, { value: Value, type, keyId, tags: old?.tags ?? {} });
  memory.writes.push(Name);
  memory.afterWrite?.(Name);
  return {};
};

const tag = (
  parameters: SsmMemory["parameters"],
  { ResourceId = "", Tags = [] }: AddTagsToResourceCommand["input"],
) => {
  const found = parameters.get(ResourceId);
  if (!found) throw new InvalidResourceId({ message: "no such parameter", $metadata: {} });
  for (const { Key = "", Value = "" } of Tags) found.tags[Key] = Value;
  return {};
};
