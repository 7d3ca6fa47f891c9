import type { Interception } from "./proxy";
import { callOf } from "./rights/implied";
import { keyGuard, type KeyGuard } from "./key-guard";
import type { Policy, Statement } from "./iam";

const [A, B] = ["aaaa", "bbbb"].map((id) => `arn:aws:kms:eu-central-1:123456789012:key/${id}`) as [
  string,
  string,
];
const QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/acme-jobs";
const SECRET = "arn:aws:ssm:eu-central-1:123456789012:parameter/acme/secret";

const allow = (
  Action: readonly string[],
  key: string,
  service: string,
  context: Record<string, string> = {},
): Statement => ({
  ...{ Sid: "UseKey", Effect: "Allow", Action, Resource: [key] },
  Condition: {
    StringEquals: {
      "kms:ViaService": `${service}.eu-central-1.amazonaws.com`,
      ...Object.fromEntries(
        Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
      ),
    },
  },
});

/** What lies under which key, and what the one role there is may do. */
const world = {
  table: A as string | undefined,
  queue: A as string | undefined,
  parameter: A as string | undefined,
  statements: [] as Statement[],
  given: [] as string[],
};
let guard: KeyGuard;

beforeEach(() => {
  Object.assign(world, { table: A, queue: A, parameter: A, statements: [], given: [] });
  guard = keyGuard({
    table: () => Promise.resolve(world.table),
    queue: () => Promise.resolve(world.queue),
    parameters: (names) => Promise.resolve(new Map(names.map((name) => [name, world.parameter]))),
    policies: (role) => {
      const policy: Policy = { Version: "2012-10-17", Statement: world.statements };
      return Promise.resolve(role === "acme" ? [policy] : undefined);
    },
    giveBack: (_url, handle) => Promise.resolve(void world.given.push(handle)),
  });
});

const ask = (name: string, input: object, caller = "acme"): Promise<Interception | undefined> =>
  guard.intercept(callOf(caller, name, input));
const codeOf = (interception: Interception | undefined): string | undefined =>
  interception?.reply && (JSON.parse(interception.reply.body) as { __type: string }).__type;

const READ = { Names: ["/acme/secret"], WithDecryption: true };

describe("a call of a role", () => {
  it.each([
    ["ssm:GetParameters", READ, "ssm", ["kms:Decrypt"], { PARAMETER_ARN: SECRET }, "AccessDeniedException"],
    [
      "ssm:PutParameter",
      { Name: "/acme/secret", KeyId: A },
      ...(["ssm", ["kms:Encrypt"], { PARAMETER_ARN: SECRET }, "AccessDeniedException"] as const),
    ],
    [
      "dynamodb:Query",
      { TableName: "ledger", IndexName: "open" },
      ...([
        "dynamodb",
        ["kms:Decrypt"],
        { "aws:dynamodb:tableName": "ledger" },
        "AccessDeniedException",
      ] as const),
    ],
    [
      "dynamodb:TransactWriteItems",
      { TransactItems: [{ Put: { TableName: "ledger" } }] },
      ...([
        "dynamodb",
        ["kms:Decrypt"],
        { "aws:dynamodb:tableName": "ledger" },
        "AccessDeniedException",
      ] as const),
    ],
    [
      "sqs:SendMessage",
      { QueueUrl: QUEUE },
      ...(["sqs", ["kms:GenerateDataKey", "kms:Decrypt"], {}, "KMS.AccessDeniedException"] as const),
    ],
  ])(
    "%s takes the key, through its service and for what it is used",
    async (name, input, service, actions, context, code) => {
      expect(codeOf(await ask(name, input))).toBe(code);

      world.statements = [allow(actions, B, service, context)];
      expect(codeOf(await ask(name, input))).toBe(code);

      world.statements = [allow(actions, A, "s3", context)];
      expect(codeOf(await ask(name, input))).toBe(code);

      for (const key of Object.keys(context)) {
        world.statements = [allow(actions, A, service, { ...context, [key]: "other" })];
        expect(codeOf(await ask(name, input))).toBe(code);
      }

      world.statements = [allow(actions, A, service, context)];
      expect(codeOf(await ask(name, input))).toBeUndefined();
      expect(guard.refusals).toHaveLength(3 + Object.keys(context).length);
    },
  );

  it.each([
    ["under a key that AWS owns", "ssm:GetParameters", READ],
    ["that is not decrypted", "ssm:GetParameters", { ...READ, WithDecryption: false }],
    [
      "written under the account's own key",
      "ssm:PutParameter",
      { Name: "/acme/secret", KeyId: "alias/aws/ssm" },
    ],
  ])("takes no key for a parameter %s", async (what, name, input) => {
    if (what.includes("owns")) world.parameter = undefined;

    expect(await ask(name, input)).toBeUndefined();
  });

  it("is passed on where the caller has no role: it is the user", async () => {
    expect(await ask("ssm:GetParameters", READ, "test")).toBeUndefined();
  });
});

describe("a message", () => {
  const receive = async (): Promise<string> => {
    const body = JSON.stringify({ Messages: [{ MessageId: "1", ReceiptHandle: "handle" }] });
    const interception = await ask("sqs:ReceiveMessage", { QueueUrl: QUEUE });
    return interception!.rewrite!({ status: 200, headers: {}, body }).body;
  };
  const send = async (caller = "test"): Promise<void> => {
    const interception = await ask("sqs:SendMessage", { QueueUrl: QUEUE }, caller);
    interception!.rewrite!({ status: 200, headers: {}, body: JSON.stringify({ MessageId: "1" }) });
  };

  it.each([
    ["another key", B],
    ["none", undefined],
  ])("stays under the key that its queue had, when that has %s", async (_what, later) => {
    await send();
    world.queue = later;
    world.statements = [allow(["kms:Decrypt"], B, "sqs")];

    expect(await receive()).toContain("KMS.AccessDeniedException");
    expect(world.given).toEqual(["handle"]);

    world.statements = [allow(["kms:Decrypt"], A, "sqs")];
    expect(await receive()).toContain('"MessageId":"1"');
  });

  it("that was sent without a key is received without one, whichever its queue has later", async () => {
    world.queue = undefined;
    await send();
    world.queue = A;

    expect(await receive()).toContain('"MessageId":"1"');
  });
});
