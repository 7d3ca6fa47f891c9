/** Expressions, loops and modules: what they hide must not pass, and what they show must be seen. */
import { audit } from "../../../scripts/audit/audit";
import { parseInput } from "../../../scripts/audit/read-input";
import { isAccepted } from "../../../scripts/audit/threshold";
import { NOW, resultsOf, synthesizeApp } from "./document";
import type { Result } from "../../../scripts/audit/finding";
import type { Document, Values } from "./document";

const app = synthesizeApp();
const before = app.results();

const groupId = (d: Document): string =>
  String(d.one("aws_vpc_security_group_egress_rule").security_group_id);
const group = (d: Document): Values => d.one("aws_security_group", ({ name }) => name === "runners-runners");
const runnerRole = (d: Document): string => String(d.one("aws_iam_instance_profile").role);

/** The same reference within a function. */
const wrapped = (reference: string): string => `\${element([${reference.slice(2, -1)}], 0)}`;

const everything = JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] });

const rule = (d: Document, values: Values): void =>
  d.add("aws_security_group_rule", "Theirs", { type: "ingress", protocol: "-1", ...values });

type Row = readonly [what: string, result: Result, ids: readonly number[], deed: (d: Document) => void];

const HIDDEN = "not visible here";
const OF_ROLES = [7, 11, 12, 13, 34];

const rows: readonly Row[] = [
  [
    "a rule of a group that a local value names",
    HIDDEN,
    [20],
    (d) => rule(d, { security_group_id: "${local.group}" }),
  ],
  [
    "a rule of a group that a loop names",
    "fail",
    [20],
    (d) => rule(d, { for_each: { a: groupId(d) }, security_group_id: "${each.value}" }),
  ],
  [
    "a rule of a group that stands in a function",
    "fail",
    [20],
    (d) => rule(d, { security_group_id: wrapped(groupId(d)) }),
  ],
  ["rules that an expression makes", HIDDEN, [20], (d) => (group(d).ingress = "${var.rules}")],
  [
    "rules that a loop makes",
    "fail",
    [20],
    (d) => (group(d).dynamic = { ingress: { for_each: [22], content: { protocol: "tcp", from_port: 22 } } }),
  ],
  ["a module that knows the group", HIDDEN, [20, 21], (d) => d.addModule({ group: groupId(d) })],
  ["a module that knows the role", HIDDEN, OF_ROLES, (d) => d.addModule({ roles: [runnerRole(d)] })],
  ["a module that knows neither", "pass", [20, 21, 11], (d) => d.addModule({ name: "theirs" })],
  [
    "a policy of a role that a local value names",
    HIDDEN,
    OF_ROLES,
    (d) => d.add("aws_iam_role_policy", "Theirs", { role: "${local.role}", policy: everything }),
  ],
  [
    "a policy of a role that stands in a function",
    "fail",
    [4, ...OF_ROLES],
    (d) => d.add("aws_iam_role_policy", "Theirs", { role: wrapped(runnerRole(d)), policy: everything }),
  ],
  [
    "a policy of the role that has the name of one that is known",
    "fail",
    [4, ...OF_ROLES],
    (d) => {
      const { name } = d.one("aws_iam_role_policy", (one) => String(one.name).endsWith("_runner"));
      d.one("aws_iam_role", (one) => String(one.name).endsWith("_runner")).inline_policy = {
        name,
        policy: everything,
      };
    },
  ],
  [
    "an attachment of what is not known",
    "fail",
    [11],
    (d) => d.add("aws_iam_role_policy_attachment", "Theirs", { role: runnerRole(d) }),
  ],
  [
    "statements that an expression makes",
    HIDDEN,
    [7, 12, 13],
    (d) => d.policy("webhook", (p) => ((p as unknown as Values).Statement = ["${local.statement}"])),
  ],
  [
    "actions that an expression makes",
    HIDDEN,
    [7, 12, 13],
    (d) => d.allow("webhook", "${var.action}").on("*"),
  ],
  [
    "a parameter that a variable names",
    HIDDEN,
    [7],
    (d) => d.allow("launch", "ssm:GetParameter").on("${var.parameter}"),
  ],
  [
    "the private key by reference",
    "fail",
    [7],
    (d) => {
      d.add("aws_ssm_parameter", "Key", { name: "/acme/github-app-key", type: "SecureString" });
      d.allow("launch", "ssm:GetParameter").on("${aws_ssm_parameter.Key.arn}");
    },
  ],
  [
    "a subnet by reference, which no fleet has",
    "fail",
    [12],
    (d) => {
      d.add("aws_subnet", "Theirs", {});
      d.allow("launch", "ec2:RunInstances").on("${aws_subnet.Theirs.arn}");
    },
  ],
  [
    "a subnet that a data source names",
    HIDDEN,
    [12],
    (d) => d.allow("launch", "ec2:RunInstances").on("${data.aws_subnet.Theirs.arn}"),
  ],
  ["a role of everything", "fail", [4, 7, 12, 13], (d) => d.attach("launch", "AdministratorAccess")],
  ["machines with everything", "fail", [4, ...OF_ROLES], (d) => d.attach("runner", "AdministratorAccess")],
  [
    "machines that read parameters for the agent of SSM",
    "fail",
    [7, 11],
    (d) => d.attach("runner", "AmazonSSMManagedInstanceCore"),
  ],
  [
    "machines with a list of policies",
    "fail",
    [4, ...OF_ROLES],
    (d) =>
      d.add("aws_iam_role_policy_attachments_exclusive", "Theirs", {
        role_name: runnerRole(d),
        policy_arns: ["arn:aws:iam::aws:policy/AdministratorAccess"],
      }),
  ],
  [
    "a fleet that launches an older version of its template",
    HIDDEN,
    [8, 9, 14, 15, 16, 20, 21, 32, 33, 34],
    (d) => d.fleet((s) => (s.launchTemplateVersion = "1")),
  ],
  [
    "a fleet that launches the default version, which follows the newest",
    "pass",
    [8, 9],
    (d) => d.fleet((s) => (s.launchTemplateVersion = "$Default")),
  ],
  [
    "a runner group that a variable names",
    HIDDEN,
    [28],
    (d) => d.fleet((s) => (s.runnerGroupId = "${var.group}")),
  ],
  [
    "a runner of a version that is not known",
    HIDDEN,
    [32],
    (d) => d.userData((text) => text.replaceAll("2.338.0", "2.300.0")),
  ],
];

describe("the audit of a stack", () => {
  it.each(rows)("with %s says %s for %j", (_what, result, ids, deed) => {
    const copy = app.copy();
    deed(copy);

    expect(copy.results()).toMatchObject(Object.fromEntries(ids.map((id) => [id, result])));
  });

  it("takes a rule of a group of others for theirs", () => {
    const copy = app.copy();
    copy.add("aws_security_group", "Theirs", { name: "theirs" });
    rule(copy, { security_group_id: "${aws_security_group.Theirs.id}" });

    expect(copy.results()).toEqual(before);
  });
});

describe("an audit that sees nothing", () => {
  const queue = { resource: { aws_sqs_queue: { A: { tags: { "ephemeral-runners:installation": "a" } } } } };
  const audited = audit(parseInput(JSON.stringify(queue), "x"), { now: NOW });

  it.each([
    [undefined, false],
    [{ percent: 100 }, false],
    [{ controls: 1 }, false],
    [{ controls: 0 }, true],
  ])("is with the threshold %j accepted: %s", (threshold, accepted) => {
    expect(audited).toMatchObject({ score: 0, of: 0 });
    expect(isAccepted(audited, threshold)).toBe(accepted);
  });
});

/** Resources of modules, which are told of each other by variables and outputs. */
describe("the audit of a first plan of modules", () => {
  const GROUP = "aws_security_group.Group";
  const references = (...all: string[]): Values => ({ references: all });
  const created = (address: string, after: Values, unknown: Values): Values => ({
    address,
    type: /(?:^|\.)(aws_\w+)\.[^.]+$/.exec(address)![1],
    mode: "managed",
    change: { after, after_unknown: unknown },
  });
  const template = created(
    "module.runners[0].aws_launch_template.T",
    { tags: { "ephemeral-runners:installation": "a" } },
    { vpc_security_group_ids: [true] },
  );
  const ours = created(`module.runners[0].${GROUP}`, { name: "ours" }, { id: true });
  const door = (address: string) => created(address, { type: "ingress" }, { security_group_id: true });
  const written = (address: string, expressions: Values, more: Values = {}): Values => ({
    address,
    expressions,
    ...more,
  });
  const runners = {
    module: {
      outputs: { group: { expression: references(`${GROUP}.id`, GROUP) } },
      resources: [
        written(GROUP, {}),
        written("aws_launch_template.T", { vpc_security_group_ids: references(`${GROUP}.id`, GROUP) }),
      ],
    },
  };
  const ofRunners = references("module.runners[0].group", "module.runners[0]", "module.runners");
  const rule = "aws_security_group_rule.Door";

  const result = (changes: Values[], resources: Values[], calls: Values = {}): Result | undefined => {
    const root_module = { resources, module_calls: { runners, ...calls } };
    const json = {
      format_version: "1.2",
      resource_changes: [template, ours, ...changes],
      configuration: { root_module },
    };
    return resultsOf(audit(parseInput(JSON.stringify(json), "x"), { now: NOW }))[20];
  };

  it("passes a group without rules", () => {
    expect(result([], [])).toBe("pass");
  });

  it("sees a rule by an output of the module", () => {
    expect(result([door(rule)], [written(rule, { security_group_id: ofRunners })])).toBe("fail");
  });

  it("sees a rule in another module by its variable", () => {
    const inner = { resources: [written(rule, { security_group_id: references("var.id") })] };
    const doors = { expressions: { id: ofRunners }, module: inner };

    expect(result([door(`module.doors["a.b"].${rule}`)], [], { doors })).toBe("fail");
  });

  it("sees a rule of a loop", () => {
    const loop = written(
      rule,
      { security_group_id: references("each.value") },
      { for_each_expression: ofRunners },
    );

    expect(result([door(`${rule}["a"]`)], [loop])).toBe("fail");
  });

  it("does not pass where a local value names the group", () => {
    const local = written(rule, { security_group_id: references("local.group") });

    expect(result([door(rule)], [local])).toBe("not visible here");
  });

  it("ends with a plan whose modules are told in a circle", () => {
    const inner = {
      outputs: { id: { expression: references("var.id") } },
      resources: [written(rule, { security_group_id: references("var.id") })],
    };
    const doors = { expressions: { id: references("module.doors.id") }, module: inner };

    expect(result([door(`module.doors.${rule}`)], [], { doors })).toBe("not visible here");
  });
});
