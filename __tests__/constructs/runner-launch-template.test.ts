import { Token } from "cdktf";
import { RunnerLaunchTemplate } from "../../constructs/runner-launch-template";
import { mistakes, principalOf, statements, synthesize, type Attributes } from "../support/synth";
import type { RunnerLaunchTemplateProps } from "../../constructs/runner-launch-template";

const props = (more: Partial<RunnerLaunchTemplateProps> = {}): RunnerLaunchTemplateProps => ({
  prefix: "acme",
  fleet: "linux",
  handoffTable: { name: "handoff", arn: "arn:handoff" },
  securityGroupIds: ["sg-1"],
  ...more,
});

const build = (more?: Partial<RunnerLaunchTemplateProps>) =>
  synthesize((stack) => void new RunnerLaunchTemplate(stack, "T", props(more)));

const template = (more?: Partial<RunnerLaunchTemplateProps>): Attributes =>
  build(more).resource("aws_launch_template");

const disk = (more?: Partial<RunnerLaunchTemplateProps>): { device_name: string; ebs: Attributes } =>
  (template(more).block_device_mappings as never[])[0] as never;

describe("RunnerLaunchTemplate", () => {
  it("makes a launch template with its role, profile and log group, and nothing else", () => {
    expect(build().counts()).toEqual({
      aws_cloudwatch_log_group: 1,
      aws_iam_instance_profile: 1,
      aws_iam_role: 1,
      aws_iam_role_policy: 1,
      aws_launch_template: 1,
    });
  });

  it.each<[string, Partial<RunnerLaunchTemplateProps>, string]>([
    [
      "Amazon Linux 2023",
      {},
      "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
    ],
    [
      "Amazon Linux 2023 for arm64",
      { architecture: "arm64" },
      "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
    ],
    ["an image by parameter", { imageParameter: "/acme/image" }, "resolve:ssm:/acme/image"],
    ["an image by id", { imageId: "ami-0123456789abcdef0" }, "ami-0123456789abcdef0"],
  ])("boots %s", (_, more, image) => {
    expect(template(more)).toMatchObject({ image_id: image });
  });

  it("demands IMDSv2 and stops one hop away", () => {
    expect(template().metadata_options).toEqual({
      http_endpoint: "enabled",
      http_tokens: "required",
      http_put_response_hop_limit: 1,
      instance_metadata_tags: "disabled",
    });
  });

  it("ends a machine that powers off, and gives nobody a key to it", () => {
    expect(template()).toMatchObject({ instance_initiated_shutdown_behavior: "terminate" });
    expect(template()).not.toHaveProperty("key_name");
  });

  it("leaves the subnet to the launch", () => {
    expect(template()).toMatchObject({ vpc_security_group_ids: ["sg-1"] });
    expect(template()).not.toHaveProperty("network_interfaces");
  });

  it("encrypts the root volume, and lets it go with the machine", () => {
    expect(disk()).toEqual({
      device_name: "/dev/xvda",
      ebs: { volume_type: "gp3", volume_size: 30, encrypted: "true", delete_on_termination: "true" },
    });
  });

  it("takes the root volume's device, size, throughput and key from the team", () => {
    const more = {
      rootDeviceName: "/dev/sda1",
      rootVolumeGb: 100,
      rootVolumeThroughput: 500,
      kmsKeyArn: "arn:key",
    };

    expect(disk(more)).toMatchObject({
      device_name: "/dev/sda1",
      ebs: { volume_size: 100, throughput: 500, kms_key_id: "arn:key", encrypted: "true" },
    });
  });

  it("tags machine, volume and network interface", () => {
    const tags = {
      Name: "acme-linux",
      team: "ci",
      "ephemeral-runners:fleet": "linux",
      "ephemeral-runners:installation": "acme",
    };

    expect(template({ tags: { team: "ci" } }).tag_specifications).toEqual([
      { resource_type: "instance", tags },
      { resource_type: "volume", tags },
      { resource_type: "network-interface", tags },
    ]);
  });

  it("lets only EC2 take the role", () => {
    const { assume_role_policy: trust } = build().resource("aws_iam_role");

    expect(JSON.parse(String(trust))).toMatchObject({
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: principalOf("ec2") } }],
    });
  });

  it("lets a machine take its own registration and write its fleet's log, and nothing else", () => {
    const { policy } = build().resource("aws_iam_role_policy");

    expect(statements(policy)).toEqual({
      WriteLogs: {
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: [expect.stringMatching(/^\$\{aws_cloudwatch_log_group\.T_LogGroup_\w+\.arn\}:\*$/)],
      },
      TakeOwnRegistration: {
        Sid: "TakeOwnRegistration",
        Effect: "Allow",
        Action: ["dynamodb:DeleteItem"],
        Resource: ["arn:handoff"],
        Condition: {
          "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["$${aws:userid}"] },
          Null: { "dynamodb:LeadingKeys": "false" },
        },
      },
    });
  });

  it("lets a machine use the team's key for the handoff table only", () => {
    const { policy } = build({ kmsKeyArn: "arn:key" }).resource("aws_iam_role_policy");

    expect(statements(policy).DecryptHandoff).toMatchObject({
      Action: ["kms:Decrypt"],
      Resource: ["arn:key"],
      Condition: {
        StringLike: {
          "kms:ViaService": expect.stringMatching(
            /^dynamodb\.\$\{data\.aws_service\..*\.region\}\.\$\{data\.aws_partition\..*\.dns_suffix\}$/,
          ) as string,
        },
        StringEquals: { "kms:EncryptionContext:aws:dynamodb:tableName": "handoff" },
      },
    });
  });

  it("tells the machine its role, table and log group, and no more than names", () => {
    const { user_data: userData } = template();

    expect(userData).toMatch(/^\$\{base64encode\(/);
    expect(userData).toContain("HANDOFF_TABLE='handoff'");
    expect(userData).toMatch(/aws_iam_role\.T_Role_\w+\.unique_id/);
    expect(userData).toMatch(/aws_cloudwatch_log_group\.T_LogGroup_\w+\.name/);
  });

  it("makes the launch template after its role's policy", () => {
    expect(template()).toMatchObject({ depends_on: [expect.stringMatching(/^aws_iam_role_policy\./)] });
  });

  it("keeps the machines' logs apart by fleet", () => {
    expect(build({ logRetentionDays: 7 }).resource("aws_cloudwatch_log_group")).toMatchObject({
      name: "/ephemeral-runners/acme/linux",
      retention_in_days: 7,
    });
  });

  it("keeps names below what IAM takes, with the longest prefix and fleet", () => {
    const { name } = build({ prefix: "p".repeat(20), fleet: "f".repeat(20) }).resource("aws_iam_role");

    expect(String(name).length).toBeLessThanOrEqual(64);
  });

  it.each<[Partial<RunnerLaunchTemplateProps>, string]>([
    [{ fleet: "Linux" }, 'fleet must be 1 to 20 characters of a-z, 0-9 and "-", and is "Linux".'],
    [{ securityGroupIds: [] }, "securityGroupIds must name at least one, and is empty."],
    [
      { imageId: "ami-0123456789abcdef0", imageParameter: "/a" },
      "imageId and imageParameter exclude each other: leave one out.",
    ],
    [{ rootVolumeGb: 1 }, "rootVolumeGb must be a whole number from 8 to 16384 GB, and is 1."],
  ])("refuses %j", (more, message) => {
    expect(mistakes((stack) => void new RunnerLaunchTemplate(stack, "T", props(more)))).toEqual([message]);
  });

  it("refuses commands that make the user data longer than EC2 takes", () => {
    const setupCommands = [`echo ${"x".repeat(16384)}`];

    const told = mistakes((stack) => void new RunnerLaunchTemplate(stack, "T", props({ setupCommands })));

    expect(told).toEqual([
      expect.stringMatching(/^setupCommands make the user data \d+ bytes long, and EC2 takes 16384: /),
    ]);
  });

  it.each<[unknown, string]>([
    [{ setupCommands: "ls" }, 'setupCommands must be a list of texts, and is "ls".'],
    [{ hardLimitMinutes: "60" }, 'hardLimitMinutes must be a number, and is "60".'],
    [{ setupCommands: Token.asList("${a.b.c}") }, "setupCommands must be a plain value known at synth"],
  ])("refuses %j before anything is built", (more, message) => {
    const given = props(more as Partial<RunnerLaunchTemplateProps>);

    expect(() => synthesize((stack) => void new RunnerLaunchTemplate(stack, "T", given))).toThrow(
      `[test/T] ${message}`,
    );
  });
});
