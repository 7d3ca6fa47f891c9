import { plainText } from "../../../scripts/plan-review/phrase";
import { smallReview } from "./small-plan";
import type { Made } from "./small-plan";

type Resources = Readonly<Record<string, Made>>;

const found = (resources: Resources): readonly string[] =>
  smallReview(resources).matters.map(({ kind, level, text }) => `${kind} ${level}: ${plainText(text)}`);

const changed = (address: string, before: object, after: object): Resources => ({
  [address]: { before: before as never, after: after as never },
});

const same = (values: Readonly<Record<string, unknown>>): Made => ({ before: values, after: values });

const rule = (values: object) => ({ security_group_id: "sg-1", ...values }) as Record<string, unknown>;
const HTTPS = { ip_protocol: "tcp", from_port: 443, to_port: 443, cidr_ipv4: "0.0.0.0/0" };
const EGRESS = "aws_vpc_security_group_egress_rule.r";

describe("a way out", () => {
  it.each<[string, Resources, readonly string[]]>([
    [
      "for all protocols",
      changed(EGRESS, rule(HTTPS), rule({ ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" })),
      ["egress-opened danger: lets everything out to 0.0.0.0/0"],
    ],
    [
      "to more ports",
      changed(EGRESS, rule(HTTPS), rule({ ...HTTPS, from_port: 80 })),
      ["egress-opened danger: lets tcp 80 to 443 out to 0.0.0.0/0"],
    ],
    [
      "to more peers",
      changed(EGRESS, rule({ ...HTTPS, cidr_ipv4: "10.0.0.0/8" }), rule(HTTPS)),
      ["egress-opened attention: lets tcp 443 out to 0.0.0.0/0"],
    ],
    ["to fewer peers is none", changed(EGRESS, rule(HTTPS), rule({ ...HTTPS, cidr_ipv4: "10.0.0.0/8" })), []],
    [
      "over TLS in a new group is none",
      {
        "aws_security_group.g": { after: { name: "g" }, unknown: { id: true } },
        [EGRESS]: {
          after: HTTPS,
          unknown: { security_group_id: true },
          written: { security_group_id: { references: ["aws_security_group.g.id", "aws_security_group.g"] } },
        },
      },
      [],
    ],
    [
      "over TLS in a group that stands is one",
      { "aws_security_group.g": same({ id: "sg-1" }), [EGRESS]: { after: rule(HTTPS) } },
      ["egress-opened attention: lets tcp 443 out to 0.0.0.0/0"],
    ],
    [
      "in a block of a group",
      changed(
        "aws_security_group.g",
        { id: "sg-1", egress: [] },
        {
          id: "sg-1",
          egress: [{ protocol: "udp", from_port: 53, to_port: 53, cidr_blocks: ["0.0.0.0/0"] }],
        },
      ),
      ["egress-opened danger: lets udp 53 out to 0.0.0.0/0"],
    ],
    [
      "that another rule of the group already opens is none",
      {
        ...changed(
          EGRESS,
          rule({ ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" }),
          rule({ ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" }),
        ),
        "aws_vpc_security_group_egress_rule.s": { after: rule({ ...HTTPS, from_port: 22, to_port: 22 }) },
      },
      [],
    ],
    [
      "that a rule of another group opens is one",
      {
        ...changed(
          EGRESS,
          rule({ ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" }),
          rule({ ip_protocol: "-1", cidr_ipv4: "0.0.0.0/0" }),
        ),
        "aws_vpc_security_group_egress_rule.s": {
          after: { ...HTTPS, from_port: 22, to_port: 22, security_group_id: "sg-2" },
        },
      },
      ["egress-opened danger: lets tcp 22 out to 0.0.0.0/0"],
    ],
  ])("%s", (_, resources, told) => {
    expect(found(resources)).toEqual(told);
  });
});

it("any way in is told", () => {
  expect(
    found({
      "aws_vpc_security_group_ingress_rule.r": { after: rule({ ...HTTPS, cidr_ipv4: "10.0.0.1/32" }) },
    }),
  ).toEqual(["ingress-opened danger: lets tcp 443 in from 10.0.0.1/32"]);
});

describe("a protection is lost", () => {
  it.each<[string, Resources, string]>([
    [
      "when deletion protection goes",
      changed(
        "aws_dynamodb_table.t",
        { deletion_protection_enabled: true },
        { deletion_protection_enabled: false },
      ),
      "protection-lost danger: protection against deletion is switched off",
    ],
    [
      "when the key of KMS goes",
      changed("aws_sqs_queue.q", { kms_master_key_id: "k" }, { kms_master_key_id: "" }),
      "protection-lost danger: is no longer encrypted with k",
    ],
    [
      "when logs are kept for less long",
      changed("aws_cloudwatch_log_group.l", { retention_in_days: 0 }, { retention_in_days: 7 }),
      "protection-lost attention: logs are kept for 7 days in place of 0",
    ],
    [
      "when an alarm tells nobody",
      changed("aws_cloudwatch_metric_alarm.a", { alarm_actions: ["t"] }, { alarm_actions: [] }),
      "protection-lost danger: the alarm tells nobody any more",
    ],
    [
      "when a schedule is switched off",
      changed("aws_cloudwatch_event_rule.r", { state: "ENABLED" }, { state: "DISABLED" }),
      "protection-lost danger: the rule is switched off",
    ],
    [
      "when a new template takes IMDSv1",
      { "aws_launch_template.t": { after: { metadata_options: [{ http_tokens: "optional" }] } } },
      "protection-lost danger: IMDSv1 answers, which needs no session",
    ],
  ])("%s", (_, resources, told) => {
    expect(found(resources)).toEqual([told]);
  });

  it("not by another name of a rule of EventBridge", () => {
    const renamed = changed(
      "aws_cloudwatch_event_rule.r",
      { name: "a", is_enabled: true },
      { name: "b", is_enabled: null },
    );

    expect(found(renamed)).not.toContainEqual(expect.stringContaining("protection-lost"));
  });

  it("not by what is known after the apply only", () => {
    expect(
      found({
        "aws_sqs_queue.q": {
          before: { kms_master_key_id: "k" },
          after: {},
          unknown: { kms_master_key_id: true },
        },
      }),
    ).toEqual([]);
  });
});

describe("what is destroyed", () => {
  it.each<[string, Resources, string]>([
    ["is told", { "aws_route.r": { before: { id: "1" } } }, "destroyed attention: is destroyed"],
    [
      "is dangerous where data goes with it",
      { "aws_dynamodb_table.t": { before: { id: "1" } } },
      "data-destroyed danger: is destroyed, and with it its items",
    ],
    [
      "and made anew is told as replaced",
      { "aws_subnet.s": { before: { id: "1" }, after: { id: "2" }, actions: ["create", "delete"] } },
      "replaced attention: is destroyed and made anew",
    ],
    [
      "is not what is forgotten",
      { "aws_dynamodb_table.t": { before: { id: "1" }, actions: ["forget"] } },
      "forgotten attention: stays where it is, and Terraform knows it no more",
    ],
    // Terraform's list of actions: https://developer.hashicorp.com/terraform/internals/json-format#change-representation
    [
      "is not what is forgotten and made anew: what stood before stays, with its items",
      {
        "aws_dynamodb_table.t": {
          before: { id: "1", hash_key: "a" },
          after: { id: "2", hash_key: "b" },
          actions: ["create", "forget"],
          change: { replace_paths: [["hash_key"]] },
        },
      },
      "forgotten attention: is made anew, and the one before stays where it is, and Terraform knows that no more, because of hash_key",
    ],
  ])("%s", (_, resources, told) => {
    expect(found(resources)).toEqual([told]);
  });
});

describe("code", () => {
  it("is other code by its hash alone", () => {
    expect(
      found(
        changed(
          "aws_lambda_function.f",
          { source_code_hash: "a", memory_size: 128 },
          { source_code_hash: "b", memory_size: 128 },
        ),
      ),
    ).toEqual([expect.stringMatching(/^code-changed attention: the function runs other code/)]);
  });

  it("is the same where only memory changes", () => {
    expect(found(changed("aws_lambda_function.f", { memory_size: 128 }, { memory_size: 256 }))).toEqual([]);
  });
});
