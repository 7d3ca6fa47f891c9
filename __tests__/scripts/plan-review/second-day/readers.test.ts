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
      `key-lost danger : can no longer use the key ${KEY}: runners-launch. Under it lie s, which nobody can read then: name the key in furtherKmsKeyArn until nothing lies under it (docs/keys.md)`,
    ]);
  });

  it("are told with less alarm where the plan shows nothing that lies under it", () => {
    expect(change(policy(OTHER), {})).toEqual([
      expect.stringMatching(
        /^key-lost attention : can no longer use the key .*See first that they do not lie under it \(docs\/keys\.md\)$/,
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

  it("are told with less alarm where their policy is known after the apply only", () => {
    const moving = {
      "aws_iam_role_policy.p": {
        before: policy(KEY),
        after: { role: "runners-launch" },
        unknown: { policy: true },
      },
      "aws_sqs_queue.s": { before: queue(KEY), after: { name: "q" }, unknown: { kms_master_key_id: true } },
    };

    expect(found(moving)).toEqual([
      expect.stringMatching(
        /^key-lost attention : another key for s, and this plan does not tell whether the roles keep/,
      ),
    ]);
    expect(found({ ...moving, "aws_sqs_queue.s": same(queue(KEY)) })).toEqual([]);
  });

  it("are not told where the stack names the key that they keep", () => {
    const key = { "aws_kms_key.k": same({ arn: KEY }), "aws_dynamodb_table.s": same(table(KEY)) };
    const made = { "aws_kms_key.n": { after: { description: "n" } } };

    expect(change(policy("${aws_kms_key.k.arn}"), key)).toEqual([]);
    expect(change(policy("${data.aws_kms_key.k.arn}"), key)).toEqual([]);
    expect(change(policy("${aws_kms_key.n.arn}"), { ...key, ...made })).toEqual([
      expect.stringMatching(/^key-lost danger /),
    ]);
  });
});
