import { gzipSync } from "node:zlib";
import { EphemeralRunners } from "../../../constructs/ephemeral-runners";
import { GithubConnection } from "../../../constructs/github-connection";
import { audit } from "../../../scripts/audit/audit";
import { parseInput } from "../../../scripts/audit/read-input";
import { synthesize } from "../../support/synth";
import { budget } from "./breaks";
import { NOW, recordedPlan, resultsOf, synthesizeApp } from "./document";
import type { TerraformStack } from "cdktf";
import type { Audit } from "../../../scripts/audit/audit";
import type { Document, Values } from "./document";

const runners = (stack: TerraformStack, id: string, props: object = {}): EphemeralRunners =>
  new EphemeralRunners(stack, id, {
    github: GithubConnection.app({ org: "acme", appId: "123", privateKeyParameter: "/acme/key" }),
    fleets: [{ name: "linux", labels: ["linux"] }],
    ...props,
  });

const auditOf = (build: (stack: TerraformStack) => void): Audit =>
  audit(parseInput(JSON.stringify(synthesize(build).json), "cdk.tf.json"), { now: NOW });

const control = ({ controls }: Audit, id: number) => controls[id - 1]!;

/** The settings of one more fleet, which launches from a template of another stack. */
const theirFleet = (copy: Document): Values => {
  const own = copy.one("aws_ssm_parameter", ({ name }) => String(name).includes("/fleets/"));
  const settings = JSON.parse(String(own.insecure_value)) as Values;
  return {
    ...own,
    name: "/runners/fleets/theirs",
    insecure_value: JSON.stringify({ ...settings, launchTemplateId: "lt-1" }),
  };
};

const app = synthesizeApp();
const before = app.results();

describe("the audit of a stack", () => {
  it("sees what an override changed", () => {
    const audited = auditOf((stack) => {
      const { launcher, sweeper } = runners(stack, "Runners");
      launcher.launchTemplates.linux!.launchTemplate.addOverride("metadata_options.http_tokens", "optional");
      sweeper.schedule.rule.addOverride("schedule_expression", "rate(1 hour)");
    });

    expect(control(audited, 8)).toMatchObject({
      result: "fail",
      where: expect.stringMatching(/^aws_launch_template\..*\.metadata_options\.http_tokens$/) as string,
    });
    expect(control(audited, 9).result).toBe("pass");
    expect(control(audited, 17)).toMatchObject({
      result: "fail",
      where: expect.stringMatching(/^aws_cloudwatch_event_rule\..*\.schedule_expression$/) as string,
    });
  });

  it("knows a stack whose tags were taken away", () => {
    const untagged = JSON.stringify(JSON.parse(app.text()), (key, value: unknown) =>
      key === "tags" || key === "tag_specifications" ? undefined : value,
    );

    const audited = audit(parseInput(untagged, "cdk.tf.json"), { now: NOW });

    expect(resultsOf(audited)).toEqual(before);
  });

  it("grades several installations together, and tells which one fails", () => {
    const audited = auditOf((stack) => {
      runners(stack, "Good");
      const { launcher } = runners(stack, "Bad");
      launcher.launchTemplates.linux!.launchTemplate.addOverride(
        "metadata_options.http_put_response_hop_limit",
        2,
      );
    });

    expect(audited.installations.map(({ name }) => name)).toEqual(["bad", "good"]);
    expect(control(audited, 9).findings.map(({ result }) => result)).toEqual(["fail", "pass"]);
    expect(control(audited, 9).where).toMatch(/^aws_launch_template\.Bad_/);
    expect(control(audited, 13).result).toBe("pass");
  });

  it("does not let one installation launch with the template, or pass the role, of another", () => {
    const audited = auditOf((stack) => {
      const good = runners(stack, "Good");
      const bad = runners(stack, "Bad");
      const { launchTemplate, role } = good.launcher.launchTemplates.linux!;
      const statements = [
        { Effect: "Allow", Action: "ec2:CreateFleet", Resource: launchTemplate.arn },
        {
          Effect: "Allow",
          Action: "iam:PassRole",
          Resource: role.arn,
          Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
        },
      ];
      bad.sweeper.sweep.policy.addOverride("policy", JSON.stringify({ Statement: statements }));
    });

    expect(control(audited, 12).findings.map(({ why }) => why)).toContainEqual(
      expect.stringContaining("not a template of this installation"),
    );
    expect(control(audited, 13).findings.map(({ why }) => why)).toContainEqual(
      expect.stringContaining("not the role of the machines alone"),
    );
  });

  it("lets installations share an App, whose key both rotation functions read", () => {
    const audited = auditOf((stack) => {
      runners(stack, "One");
      runners(stack, "Other");
    });

    expect(control(audited, 7).result).toBe("pass");
  });

  it("leaves alone what other people have beside it", () => {
    const copy = app.copy();
    copy.add("aws_launch_template", "Theirs", {
      name: "theirs",
      metadata_options: { http_tokens: "optional" },
    });
    copy.add("aws_iam_role", "Theirs", { name: "theirs" });
    copy.add("aws_iam_role_policy", "Theirs", {
      role: "${aws_iam_role.Theirs.name}",
      policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] }),
    });
    copy.add("aws_security_group", "Theirs", { name: "theirs", ingress: [{ protocol: "-1" }] });
    copy.add("aws_lambda_function", "Theirs", {
      function_name: "theirs",
      environment: { variables: { QUEUE: "${aws_sqs_queue.Theirs.url}", TOKEN: `ghp_${"x".repeat(36)}` } },
    });

    const audited = copy.audit();

    expect(resultsOf(audited)).toEqual(before);
    const taken = audited.installations[0]!.members.map(({ resource }) => resource.address);
    expect(taken.filter((address) => address.endsWith(".Theirs"))).toEqual([]);
  });

  it("takes in what others attach to it, and says why", () => {
    const copy = app.copy();
    const { security_group_id } = copy.one("aws_vpc_security_group_egress_rule");
    copy.add("aws_security_group_rule", "Theirs", {
      type: "ingress",
      security_group_id,
      protocol: "tcp",
      from_port: 22,
      to_port: 22,
    });

    const audited = copy.audit();

    expect(control(audited, 20)).toMatchObject({ result: "fail", where: "aws_security_group_rule.Theirs" });
    expect(audited.installations[0]!.members).toContainEqual({
      resource: expect.objectContaining({ address: "aws_security_group_rule.Theirs" }) as unknown,
      why: expect.stringMatching(/^attached to aws_security_group\./) as string,
    });
  });

  it("does not pass what it cannot read", () => {
    const copy = app.copy();
    copy.template().user_data = '${filebase64("boot.sh")}';
    copy.template().vpc_security_group_ids = ["sg-0123456789abcdef0"];
    copy.one("aws_iam_role_policy", ({ name }) => String(name).endsWith("_runner")).policy =
      "${data.aws_iam_policy_document.Theirs.json}";

    const audited = copy.audit();

    for (const id of [3, 4, 11, 15, 16, 20, 21, 32, 33, 34])
      expect([id, control(audited, id).result]).toEqual([id, "not visible here"]);
    expect(control(audited, 32).why).toContain("filebase64()");
    expect(control(audited, 20).why).toContain("sg-0123456789abcdef0 does not stand in this stack");
    expect(control(audited, 11).why).toContain("it is made by an expression");
  });

  const elsewhere: readonly (readonly [
    what: string,
    ids: readonly number[],
    change: (copy: Document) => void,
  ])[] = [
    [
      "the role of a function",
      [7, 12, 13],
      (copy) => (copy.function("webhook").role = "arn:aws:iam::123456789012:role/theirs"),
    ],
    [
      "the role of the machines",
      [4, 11, 13, 34],
      (copy) =>
        (copy.template().iam_instance_profile = {
          arn: "arn:aws:iam::123456789012:instance-profile/theirs",
        }),
    ],
    [
      "a launch template",
      [8, 9, 14, 15, 16, 20, 21, 32, 33, 34],
      (copy) => copy.add("aws_ssm_parameter", "Theirs", theirFleet(copy)),
    ],
    ["the jobs queue", [31], (copy) => copy.settings("webhook", (own) => (own.queueUrl = "https://sqs/q"))],
    ["the disk, which the image describes", [34], (copy) => delete copy.template().block_device_mappings],
    [
      "the machines' trust policy",
      [11],
      (copy) =>
        (copy.one("aws_iam_role", ({ name }) => String(name).endsWith("_runner")).assume_role_policy =
          "${data.aws_iam_policy_document.Theirs.json}"),
    ],
  ];

  it.each(elsewhere)("does not pass what %s says elsewhere", (_what, ids, change) => {
    const copy = app.copy();
    change(copy);

    const results = copy.results();

    const expected = ids.map((id) => [id, "not visible here"] as const);
    expect(results).toMatchObject({ ...before, ...Object.fromEntries(expected) });
  });

  it("fails machines with a managed policy, whose rights nobody sees", () => {
    const copy = app.copy();
    const { role } = copy.one("aws_iam_instance_profile");
    const policy_arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";
    copy.add("aws_iam_role_policy_attachment", "Ssm", { role, policy_arn });

    const audited = copy.audit();

    expect(control(audited, 11)).toMatchObject({
      result: "fail",
      where: "aws_iam_role_policy_attachment.Ssm.policy_arn",
    });
    expect(control(audited, 34).result).toBe("not visible here");
  });

  it("fails machines that write to a bucket for being shared, and for being more than themselves", () => {
    const copy = app.copy();
    copy.allow("runner", "s3:PutObject").on("arn:aws:s3:::cache/*");

    expect(copy.results()).toEqual({ ...before, 11: "fail", 34: "fail" });
  });

  it("reads user data in base64, compressed or not", () => {
    const copy = recordedPlan("standing");
    const script = Buffer.from(String(copy.template().user_data), "base64");
    copy.template().user_data = gzipSync(script).toString("base64");

    expect(copy.results()[32]).toBe("pass");
  });

  it("finds a secret in a write-only value, which a synthesized stack shows and a plan does not", () => {
    const copy = app.copy();
    copy.one("aws_ssm_parameter", ({ name }) => String(name).endsWith("webhook-secret")).value_wo = "s3cr3t";

    expect(copy.results()).toEqual({ ...before, 3: "fail" });
  });

  it("finds a token in compressed user data", () => {
    const copy = recordedPlan("standing");
    copy.bootLine(`curl --header 'Authorization: Bearer ghp_${"a1B2".repeat(9)}' https://api.github.com`);
    const script = Buffer.from(String(copy.template().user_data), "base64");
    copy.template().user_data = gzipSync(script).toString("base64");

    expect(control(copy.audit(), 3)).toMatchObject({
      result: "fail",
      where: expect.stringMatching(/\.user_data$/) as string,
    });
  });

  it("passes GitHub's own addresses where an allow-list was asked for", () => {
    const copy = app.copy();
    copy.settings(
      "webhook",
      (settings) => (settings.sourceAddresses = ["192.30.252.0/22", "2a0a:a440::/29"]),
    );

    expect(control(copy.audit(), 25).result).toBe("pass");
  });

  it("knows a budget that tells somebody", () => {
    const copy = app.copy();
    copy.add("aws_budgets_budget", "budget", budget({ subscriber_email_addresses: ["ops@acme.example"] }));

    const { result, findings } = control(copy.audit(), 29);
    expect(result).toBe("pass");
    expect(findings).toContainEqual(
      expect.objectContaining({ result: "pass", why: "a budget counts the money" }),
    );
  });

  it("fails machines in the VPC's default security group for what may be in it", () => {
    const copy = app.copy();
    delete copy.template().vpc_security_group_ids;

    expect(copy.results()).toEqual({ ...before, 20: "fail", 21: "fail" });
  });

  it.each([
    ["sweep", 17],
    ["interruption", 18],
  ])("fails a stack that launches without a function %s", (bundle, id) => {
    const copy = app.copy();
    copy.remove("aws_lambda_function", ({ filename }) => String(filename).endsWith(`/${bundle}.zip`));

    expect(control(copy.audit(), id)).toMatchObject({
      result: "fail",
      why: expect.stringContaining(`no ${bundle} function`) as string,
    });
  });

  it("passes port 80 as one that was asked for", () => {
    const copy = app.copy();
    const { security_group_id } = copy.one("aws_vpc_security_group_egress_rule");
    copy.add("aws_vpc_security_group_egress_rule", "Http", {
      security_group_id,
      ip_protocol: "tcp",
      from_port: 80,
      to_port: 80,
    });

    expect(control(copy.audit(), 21)).toMatchObject({
      result: "pass",
      why: expect.stringContaining("as was asked for") as string,
    });
  });

  describe("says of the runner's version", () => {
    const versionOf = (runner: object, more: object = {}) => {
      const fleets = [{ name: "linux", labels: ["linux"], ...runner }];
      return control(
        auditOf((stack) => runners(stack, "Runners", { fleets, ...more })),
        33,
      );
    };
    const own = (version: string) => ({ runnerVersion: version, runnerSha256: "a".repeat(64) });

    it("that it is renewed, on the first day as in a year", () => {
      expect(app.results(new Date("2027-12-01T00:00:00Z"))[33]).toBe("pass");
    });

    it.each([
      ["a fleet names one", versionOf(own("2.338.0"))],
      ["it is not renewed", versionOf({}, { renewRunnerVersion: false })],
    ])("that GitHub has to be asked where %s, and how", (_what, { result, why }) => {
      expect(result).toBe("not visible here");
      expect(why).toContain("runner 2.338.0, released 14 days ago, is not renewed");
      expect(why).toContain("gh api orgs/acme/actions/runners/deprecations/2.338.0");
    });

    it.each<[string, (copy: Document) => void]>([
      [
        "the boot script is that of 0.1.0, which does not know a version that comes with the registration",
        (copy) => copy.userData((text) => text.replace("-v RUNNER_PINNED", "-v OTHER")),
      ],
      ["the boot script is somebody else's", (copy) => copy.userData(() => "#!/bin/bash\n./run.sh\n")],
    ])("nothing good where %s", (_what, change) => {
      const copy = app.copy();
      change(copy);

      expect(copy.results()[33]).toBe("not visible here");
    });

    it("at which repository it has to be asked", () => {
      const repository = GithubConnection.token({ repository: "acme/app", tokenParameter: "/acme/token" });
      const { why } = versionOf(own("2.340.0"), { github: repository });

      expect(why).toContain("runner 2.340.0, is not renewed");
      expect(why).toContain("gh api repos/acme/app/actions/runners/deprecations/2.340.0");
    });

    it("that GitHub registers none so old", () => {
      expect(versionOf(own("2.328.9"))).toMatchObject({
        result: "fail",
        why: expect.stringContaining("no runner older than 2.329.0, and this is 2.328.9") as string,
      });
      expect(versionOf(own("2.329.0")).result).toBe("not visible here");
    });

    it("nothing of an archive of the team's own", () => {
      const runnerUrl = "https://mirror.example.com/runner.tar.gz";
      expect(versionOf({ runnerUrl })).toMatchObject({
        result: "not visible here",
        why: expect.stringContaining(runnerUrl) as string,
      });
    });
  });
});

describe("the audit of a first plan", () => {
  const audited = recordedPlan("first").audit();

  it("sees what is known before the apply, links between resources included", () => {
    for (const id of [8, 9, 14, 17, 18, 20, 21])
      expect([id, control(audited, id).result]).toEqual([id, "pass"]);
  });

  it("does not pass what becomes known with the apply", () => {
    for (const id of [1, 3, 4, 7, 11, 12, 13, 16, 26, 32])
      expect([id, control(audited, id).result]).toEqual([id, "not visible here"]);
    expect(control(audited, 32).why).toContain("known after the apply only");
  });
});
