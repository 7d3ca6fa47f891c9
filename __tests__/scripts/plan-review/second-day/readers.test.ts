import { found, same } from "./plans";
import type { Resources, Values } from "./plans";

describe("readers of a key", () => {
  const KEY = "arn:aws:kms:eu-central-1:123456789012:key/old";
  const OTHER = "arn:aws:kms:eu-central-1:123456789012:key/new";
  const policy = (...keys: readonly string[]): Values => ({
    name: "runners-launch",
    role: "runners-launch",
    policy: JSON.stringify({
      Statement: [{ Effect: "Allow", Action: ["kms:Decrypt"], Resource: keys }],
    }),
  });
  const table = (key: string): Values => ({
    name: "t",
    server_side_encryption: [{ enabled: true, kms_key_arn: key }],
  });
  const queue = (key?: string): Values => ({ name: "q", kms_master_key_id: key });
  const change = (after: Values, stores: Resources): readonly string[] =>
    found({ "aws_iam_role_policy.p": { before: policy(KEY), after }, ...stores });

  it.each<[string, Resources]>([
    ["a table that keeps it", { "aws_dynamodb_table.s": same(table(KEY)) }],
    [
      "a queue whose messages lie under it",
      { "aws_sqs_queue.s": { before: queue(KEY), after: queue(OTHER) } },
    ],
    ["a parameter", { "aws_ssm_parameter.s": same({ name: "/p", type: "SecureString", key_id: KEY }) }],
  ])("are told when they lose that of %s", (_, stores) => {
    expect(change(policy(OTHER), stores)).toEqual([
      `key-lost danger : can no longer use the key ${KEY}: runners-launch. Under it lie s, which nobody can read then: keep the key as a former one until nothing lies under it (docs/changing.md)`,
    ]);
  });

  it("are told with less alarm where the plan shows nothing that lies under it", () => {
    expect(change(policy(OTHER), {})).toEqual([
      expect.stringMatching(
        /^key-lost attention : can no longer use the key .*store it again under the new key/,
      ),
    ]);
  });

  it("are not told while they keep the old key, or where the store is made anew", () => {
    expect(change(policy(OTHER, KEY), { "aws_dynamodb_table.s": same(table(KEY)) })).toEqual([]);
    expect(
      change(policy(OTHER), {
        "aws_dynamodb_table.s": { before: table(KEY), after: table(OTHER), actions: ["delete", "create"] },
      }).filter((text) => text.includes("danger")),
    ).toEqual([]);
  });
});
