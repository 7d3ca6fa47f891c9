/**
 * Refuses what AWS refuses to a caller who may not use the key that a thing lies under; the emulator asks for no key. What each
 * call takes of a key stands, with its source, in rights/implied.ts; what is special about a key that changes, here:
 *
 * - A parameter lies under the key that its last write named, and under the account's own if that named none:
 *   https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 * - A table lies under the key that it has now: a change wraps its table key anew
 *   (https://docs.aws.amazon.com/kms/latest/developerguide/services-dynamodb.html).
 * - A message stays under the key that its queue had when it was sent, in the dead-letter queue too:
 *   https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
 * - Keys that AWS owns or manages (`alias/aws/ssm`) let everybody in the account use them through their service:
 *   https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 *
 * It does not show what AWS remembers for a while: the plain table key of a caller (5 minutes), the data key of a queue
 * (`KmsDataKeyReusePeriodSeconds`), and a role's policy as it was some seconds ago.
 */
import { answerWith } from "./aws-refusals";
import type { Key, KeyedThings } from "./emulated-keys";
import { permits, type Policy } from "./iam";
import type { Call, Interception, Reply } from "./proxy";
import { arn } from "./applied";
import { askedBy, type Asked } from "./rights/asked";
import { checksOf, type Check } from "./rights/implied";
import { parameterArn, type Installation } from "./rights/installation";

export interface KeyGuard {
  /** For `intercept` of a proxy in front of the emulator: a call's caller is the name of its role. */
  readonly intercept: (call: Call) => Promise<Interception | undefined>;
  /** What was refused, as `role: kms:Decrypt of KEY, for ssm:GetParameters`. */
  readonly refusals: string[];
}

/** What AWS says: https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html */
const REFUSAL =
  "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html#API_SendMessage_Errors */
const CODES: Readonly<Record<string, string>> = {
  dynamodb: "AccessDeniedException",
  sqs: "KMS.AccessDeniedException",
  ssm: "AccessDeniedException",
};

export const keyGuard = (things: KeyedThings): KeyGuard => {
  const refusals: string[] = [];
  const sent = new Messages();
  const refuse = (call: Call, { role, action, resource }: Check): Reply => {
    refusals.push(`${role}: ${action} of ${resource}, for ${call.name}`);
    const service = call.name.split(":")[0]!;
    return answerWith(service, 400, CODES[service]!, REFUSAL);
  };
  const intercept = async (call: Call): Promise<Interception | undefined> => {
    if (!/^(dynamodb|sqs|ssm):[A-Z]\w+$/.test(call.name)) return undefined;
    const isSending = /^sqs:SendMessage(Batch)?$/.test(call.name);
    const policies = await things.policies(call.caller);
    // Whoever has no role here is the user, or Terraform, and may use every key.
    if (!policies && !isSending) return undefined;
    const firstRefused = async (checks: readonly Check[]): Promise<Check | undefined> => {
      for (const check of policies ? checks : []) if (!(await allows(policies!, check))) return check;
      return undefined;
    };
    if (call.name === "sqs:ReceiveMessage") {
      const closed = new Map<string, Check>();
      for (const key of sent.keys) {
        const check = await firstRefused(keyChecks(call, keysFor(askedBy(call), key)));
        if (check) closed.set(key, check);
      }
      return { rewrite: withhold(call, closed) };
    }
    const keys = await keysOf(call, things);
    const refused = await firstRefused(keyChecks(call, keys));
    if (refused) return { reply: refuse(call, refused) };
    return isSending ? { rewrite: sent.note(askedBy(call), keys) } : undefined;
  };
  /** AWS hands out nothing of a batch in which a message stays closed. */
  const withhold =
    (call: Call, closed: ReadonlyMap<string, Check>) =>
    (reply: Reply): Reply => {
      const { Messages: messages = [] } = parse<Received>(reply.body);
      const first = messages.map(({ MessageId }) => closed.get(sent.keyOf(MessageId) ?? "")).find(Boolean);
      if (!first) return reply;
      for (const { ReceiptHandle } of messages)
        things.giveBack(askedBy(call).QueueUrl ?? "", ReceiptHandle).catch(() => undefined);
      return refuse(call, first);
    };
  return { intercept, refusals };
};

interface Received {
  readonly Messages?: readonly { readonly MessageId: string; readonly ReceiptHandle: string }[];
}

interface Sent {
  readonly MessageId?: string;
  readonly Successful?: readonly { readonly MessageId: string }[];
}

/** Of each message that was sent while its queue had a key of the customer's: which. */
class Messages {
  private readonly byId = new Map<string, string>();

  get keys(): readonly string[] {
    return [...new Set(this.byId.values())];
  }

  keyOf(id: string): string | undefined {
    return this.byId.get(id);
  }

  note({ QueueUrl = "" }: Asked, keys: Installation["keys"]): (reply: Reply) => Reply {
    const key = keys.get(queueArn(QueueUrl));
    return (reply) => {
      const { MessageId, Successful = [] } = parse<Sent>(reply.body);
      const ids = [
        ...Successful.map((one) => one.MessageId),
        ...(MessageId === undefined ? [] : [MessageId]),
      ];
      if (key !== undefined) for (const id of ids) this.byId.set(id, key);
      return reply;
    };
  }
}

const parse = <T>(body: string): T => (body.startsWith("{") ? (JSON.parse(body) as T) : ({} as T));

const queueArn = (url: string): string => arn("sqs", url.split("/").at(-1) ?? "");
const tableArn = (name: string): string => arn("dynamodb", `table/${name}`);

const keysFor = ({ QueueUrl = "" }: Asked, key: string): Installation["keys"] =>
  new Map([[queueArn(QueueUrl), key]]);

/** Which keys the things of a call lie under; for a parameter that is written: will lie under. */
const keysOf = async (call: Call, things: KeyedThings): Promise<Installation["keys"]> => {
  const asked = askedBy(call) as Asked & { readonly KeyId?: string; readonly WithDecryption?: boolean };
  const found: (readonly [string, Key])[] = [];
  if (call.name === "ssm:PutParameter") found.push([parameterArn(asked.Name ?? ""), asked.KeyId]);
  if (call.name === "ssm:GetParameters" && asked.WithDecryption) {
    const keys = await things.parameters(asked.Names ?? []);
    found.push(...[...keys].map(([name, key]) => [parameterArn(name), key] as const));
  }
  if (call.name.startsWith("sqs:") && asked.QueueUrl !== undefined)
    found.push([queueArn(asked.QueueUrl), await things.queue(asked.QueueUrl)]);
  if (call.name.startsWith("dynamodb:")) {
    const transacted = asked.TransactItems?.flatMap((item) => Object.values(item)) ?? [];
    const tables = [
      ...Object.keys(asked.RequestItems ?? {}),
      ...[asked, ...transacted].flatMap(({ TableName }) => TableName ?? []),
    ];
    for (const table of new Set(tables)) found.push([tableArn(table), await things.table(table)]);
  }
  return new Map(found.flatMap(([what, key]) => (key?.includes(":key/") ? [[what, key] as const] : [])));
};

/** The uses of keys that the call takes. */
const keyChecks = (call: Call, keys: Installation["keys"]): readonly Check[] => {
  if (keys.size === 0) return [];
  const installation: Installation = { ...NOTHING, keys };
  return checksOf([call], installation).filter(({ action }) => action.startsWith("kms:"));
};

const NOTHING: Installation = {
  templates: new Map(),
  keys: new Map(),
  things: [],
  logGroups: new Map(),
  readQueues: new Map(),
  userIds: new Map(),
  name: "",
  lacksSpotRole: false,
};

const decided = new Map<string, Promise<boolean>>();

/** The same question is asked many times while a policy stands. */
const allows = (
  policies: readonly Policy[],
  { role, action, resource, context }: Check,
): Promise<boolean> => {
  const question = JSON.stringify([policies, action, resource, context]);
  const decision = decided.get(question) ?? permits(policies, { role, action, resource, context });
  decided.set(question, decision);
  return decision;
};
