import { plainText } from "../../../scripts/plan-review/phrase";
import { rights } from "../../../scripts/plan-review/iam/rights";
import { smallPlan } from "./small-plan";
import type { Made } from "./small-plan";

interface Statement {
  readonly Sid?: string;
  readonly Effect?: string;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

const policy = (...statements: readonly Statement[]): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map((one) => ({ Effect: "Allow", ...one })),
  });

const role: Made = { before: { name: "r" }, after: { name: "r" } };

const found = (resources: Readonly<Record<string, Made>>): readonly string[] =>
  rights(smallPlan(resources)).map(({ kind, level, text }) => `${kind} ${level}: ${plainText(text)}`);

/** What comes of a role whose one policy changes. */
const changed = (before: readonly Statement[], after: readonly Statement[]): readonly string[] =>
  found({
    "aws_iam_role.r": role,
    "aws_iam_role_policy.p": {
      before: { role: "r", policy: policy(...before) },
      after: { role: "r", policy: policy(...after) },
    },
  });

const READ = { Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::a/*"] };

describe("a role may do more", () => {
  it.each<[string, readonly Statement[], readonly Statement[], string]>([
    [
      "with a new action",
      [READ],
      [READ, { Action: "s3:PutObject", Resource: "arn:aws:s3:::a/*" }],
      "may now s3:PutObject on arn:aws:s3:::a/*",
    ],
    ["with a wider action", [READ], [{ ...READ, Action: "s3:*" }], "may now s3:* on arn:aws:s3:::a/*"],
    [
      "with all but some actions",
      [READ],
      [{ NotAction: "iam:*", Resource: "*" }],
      "may now all but iam:* on *",
    ],
    [
      "on a broader resource",
      [READ],
      [{ ...READ, Resource: "arn:aws:s3:::*" }],
      "may now s3:GetObject on more: arn:aws:s3:::*",
    ],
    [
      "on all but some resources",
      [READ],
      [{ ...READ, Resource: undefined, NotResource: "arn:aws:s3:::b/*" }],
      "may now s3:GetObject on more: all but arn:aws:s3:::b/*",
    ],
    [
      "without its condition",
      [{ ...READ, Condition: { Bool: { "aws:SecureTransport": "true" } } }],
      [READ],
      "may now s3:GetObject on arn:aws:s3:::a/* without the condition Bool aws:SecureTransport = true",
    ],
    [
      "under a looser condition",
      [{ ...READ, Condition: { StringEquals: { "aws:PrincipalTag/team": "a" } } }],
      [{ ...READ, Condition: { StringEquals: { "aws:PrincipalTag/team": ["a", "b"] } } }],
      "may now s3:GetObject on arn:aws:s3:::a/* also where aws:PrincipalTag/team is b",
    ],
    [
      "where the condition's key may be absent",
      [{ ...READ, Condition: { ArnEquals: { "ec2:LaunchTemplate": "x" } } }],
      [{ ...READ, Condition: { ArnEqualsIfExists: { "ec2:LaunchTemplate": "x" } } }],
      "without the condition ArnLike ec2:LaunchTemplate = x",
    ],
    [
      "where less is excluded",
      [{ ...READ, Condition: { StringNotEquals: { "aws:RequestedRegion": ["a", "b"] } } }],
      [{ ...READ, Condition: { StringNotEquals: { "aws:RequestedRegion": ["a"] } } }],
      "without the condition StringNotEquals aws:RequestedRegion = a, b",
    ],
    [
      "where a refusal is gone",
      [READ, { Effect: "Deny", Action: "s3:GetObject", Resource: "arn:aws:s3:::a/secret" }],
      [READ],
      "is no longer refused s3:GetObject on arn:aws:s3:::a/secret",
    ],
    [
      "where a refusal is narrower",
      [READ, { Effect: "Deny", Action: "*", Resource: "*" }],
      [READ, { Effect: "Deny", NotAction: "s3:GetObject", Resource: "*" }],
      "is no longer refused * on *",
    ],
  ])("%s", (_, before, after, told) => {
    const [first, ...others] = changed(before, after);

    expect(first).toContain(`iam-widened danger: `);
    expect(first).toContain(told);
    expect(others).toEqual([]);
  });
});

describe("a role may do no more", () => {
  it.each<[string, readonly Statement[], readonly Statement[]]>([
    [
      "when statements are shared out otherwise",
      [{ ...READ, Action: ["s3:GetObject", "s3:PutObject"] }],
      [READ, { ...READ, Action: "s3:PutObject" }],
    ],
    ["when the case of an action changes", [READ], [{ ...READ, Action: "S3:getobject" }]],
    ["when a Sid changes", [READ], [{ ...READ, Sid: "Read" }]],
    ["when what was allowed is said more narrowly", [READ], [{ ...READ, Resource: "arn:aws:s3:::a/b/*" }]],
    ["when all was allowed", [{ Action: "*", Resource: "*" }], [{ NotAction: "iam:*", Resource: "*" }]],
    [
      "when a condition is added",
      [READ],
      [{ ...READ, Condition: { Bool: { "aws:SecureTransport": "true" } } }],
    ],
    [
      "when a condition's key changes its case, and takes fewer values",
      [{ ...READ, Condition: { StringLike: { "aws:principaltag/team": ["a*"] } } }],
      [{ ...READ, Condition: { StringEquals: { "aws:PrincipalTag/Team": ["ab"] } } }],
    ],
    [
      "when more is excluded",
      [{ ...READ, Condition: { StringNotLike: { "aws:RequestedRegion": ["a"] } } }],
      [{ ...READ, Condition: { StringNotLike: { "aws:RequestedRegion": ["*"] } } }],
    ],
    ["when more is refused", [READ], [READ, { Effect: "Deny", Action: "*", Resource: "*" }]],
    [
      "when all but one action was allowed, and it is another",
      [{ NotAction: "iam:*", Resource: "*" }],
      [READ],
    ],
  ])("%s", (_, before, after) => {
    expect(changed(before, after)).toEqual([]);
  });

  it("when a policy is split into two", () => {
    expect(
      found({
        "aws_iam_role.r": role,
        "aws_iam_role_policy.p": {
          before: { role: "r", policy: policy(READ, { Action: "sqs:SendMessage", Resource: "q" }) },
          after: { role: "r", policy: policy(READ) },
        },
        "aws_iam_role_policy.q": {
          after: { role: "r", policy: policy({ Action: "sqs:SendMessage", Resource: "q" }) },
        },
      }),
    ).toEqual([]);
  });
});

describe("rights", () => {
  it("on what the same plan creates ask for less attention", () => {
    const [first] = found({
      "aws_iam_role.r": role,
      "aws_iam_role_policy.p": {
        before: { role: "r", policy: policy(READ) },
        after: { role: "r", policy: policy({ ...READ, Resource: [READ.Resource[0], "arn:aws:s3:::new"] }) },
      },
      "aws_s3_bucket.new": { after: { arn: "arn:aws:s3:::new" } },
    });

    expect(first).toBe("iam-widened attention: may now s3:GetObject on more: arn:aws:s3:::new");
  });

  it.each(["*", "arn:aws:s3:::*", "?"])(
    "on %s are not on what is created, whatever that is named",
    (name) => {
      const [first] = found({
        "aws_iam_role.r": role,
        "aws_iam_role_policy.p": {
          before: { role: "r", policy: policy(READ) },
          after: { role: "r", policy: policy({ ...READ, Resource: name }) },
        },
        "aws_ssm_parameter.named": { after: { name, arn: name } },
      });

      expect(first).toMatch(/^iam-widened danger/);
    },
  );

  it("of many tell the widest first", () => {
    const many = ["a", "b", "c", "d", "e", "f"].map((one) => `s3:Put${one}`);

    const [first] = changed([READ], [READ, { Action: [...many, "iam:*"], Resource: "*" }]);

    expect(first).toContain("may now iam:*, s3:Puta, s3:Putb, s3:Putc, s3:Putd, s3:Pute and 1 more on *");
  });

  it("of a new role are told in one line, and in full where they are broad", () => {
    const of = (...statements: Statement[]) =>
      found({
        "aws_iam_role.r": { after: { name: "r" } },
        "aws_iam_role_policy.p": { after: { role: "r", policy: policy(...statements) } },
      });

    expect(of(READ)).toEqual(["iam-new notice: is new, and may do things with s3"]);
    expect(of({ Action: "ec2:DescribeInstances", Resource: "*" })).toHaveLength(1);
    expect(of({ Action: "iam:*", Resource: "arn:aws:iam::1:role/x" })[0]).toBe(
      "iam-widened danger: may now iam:* on arn:aws:iam::1:role/x",
    );
    expect(of({ Action: "ec2:RunInstances", Resource: "*" })[0]).toMatch(/^iam-widened danger/);
  });

  it("that nobody sees yet are told as not visible", () => {
    const unseen: Made = {
      before: { role: "r", policy: policy(READ) },
      after: { role: "r" },
      unknown: { policy: true },
      written: { policy: { references: ["aws_s3_bucket.new.arn", "aws_s3_bucket.new"] } },
    };

    expect(found({ "aws_iam_role.r": role, "aws_iam_role_policy.p": unseen })).toEqual([
      "not-visible attention: this plan does not tell what these policies will allow: p",
    ]);
  });

  it("to take a role are those of its trust policy", () => {
    const trust = (...principals: unknown[]) => ({
      name: "r",
      assume_role_policy: policy(...principals.map((Principal) => ({ Action: "sts:AssumeRole", Principal }))),
    });

    expect(
      found({
        "aws_iam_role.r": {
          before: trust({ Service: "ec2.amazonaws.com" }),
          after: trust({ Service: "ec2.amazonaws.com" }, { AWS: "*" }),
        },
      }),
    ).toEqual(["iam-widened danger: may now be taken: sts:AssumeRole by others: *"]);
  });

  it.each<[string, Readonly<Record<string, Made>>, string]>([
    [
      "a managed policy that is attached",
      {
        "aws_iam_role.r": role,
        "aws_iam_role_policy_attachment.a": {
          after: { role: "r", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
        },
      },
      "gives aws_iam_role.r all that arn:aws:iam::aws:policy/AdministratorAccess allows",
    ],
    [
      "a permissions boundary that is gone",
      { "aws_iam_role.r": { before: { name: "r", permissions_boundary: "arn:b" }, after: { name: "r" } } },
      "has no permissions boundary any more: it was arn:b",
    ],
    [
      "a queue that everyone may use",
      {
        "aws_sqs_queue_policy.p": {
          after: { policy: policy({ Action: "sqs:SendMessage", Resource: "q", Principal: "*" }) },
        },
      },
      "may now be used: sqs:SendMessage on q by *",
    ],
  ])("come with %s", (_, resources, told) => {
    expect(found(resources)).toContain(`iam-widened danger: ${told}`);
  });
});
