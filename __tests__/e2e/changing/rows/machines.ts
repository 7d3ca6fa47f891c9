/** What machines are made of. Those of one step change the same launch template, in different arguments. */
import type { Row } from "../row";
import { alone, together, type Step } from "../row";
import { EXISTING_TEMPLATES, IMAGE_PARAMETER } from "../ground";

const template = "aws_launch_template";
/** The settings of a fleet, as the functions read them. */
const settings = "aws_ssm_parameter";
const fleet = (key: string): string => `runners.fleets[].${key}`;

const TEMPLATE: readonly Row[] = [
  { key: fleet("rootVolumeGb"), values: [40], shows: [[template, '"volume_size":40']] },
  { key: fleet("rootVolumeThroughput"), values: [250], shows: [[template, '"throughput":250']] },
  { key: fleet("rootDeviceName"), values: ["/dev/sda1"], shows: [[template, '"device_name":"/dev/sda1"']] },
  { key: fleet("setupCommands"), values: [["echo prepared"]], shows: [[template, "echo prepared"]] },
  { key: fleet("hardLimitMinutes"), values: [120], shows: [[template, "HARD_LIMIT_SECONDS='7200'"]] },
  { key: fleet("idleBackstopMinutes"), values: [20], shows: [[template, "IDLE_BACKSTOP_SECONDS='1200'"]] },
  { key: fleet("allowSudo"), values: [true], shows: [[template, "NOPASSWD"]] },
  { key: fleet("instanceTypes"), values: [["m5.xlarge"]], shows: [[settings, "m5.xlarge"]] },
  { key: fleet("markets"), values: [["on-demand"]], shows: [[settings, '"markets":["on-demand"]']] },
  { key: fleet("maximumMachines"), values: [6], shows: [[settings, '"maximumMachines":6']] },
  { key: fleet("labelMatch"), values: ["subset"], shows: [["aws_lambda_function", '"match":"subset"']] },
];

const IMAGES: readonly Row[] = [
  {
    key: fleet("imageParameter"),
    values: [IMAGE_PARAMETER],
    shows: [[template, `resolve:ssm:${IMAGE_PARAMETER}`]],
  },
  { key: fleet("allowDocker"), values: [true], shows: [[template, "usermod --append --groups docker"]] },
  {
    key: fleet("runnerVersion"),
    values: ["2.330.0"],
    beside: { [fleet("runnerSha256")]: "0".repeat(64) },
    shows: [[template, "2.330.0"]],
  },
];

const SOURCES: readonly Row[] = [
  { key: fleet("imageId"), values: ["ami-12c6146b"], shows: [[template, "ami-12c6146b"]] },
  {
    key: fleet("runnerUrl"),
    values: ["https://artifacts.example.com/runner.tar.gz"],
    shows: [[template, "artifacts.example.com"]],
  },
  { key: fleet("runnerSha256"), values: ["0".repeat(64)], shows: [[template, "0".repeat(64)]] },
];

const existing = fleet("existingLaunchTemplate");
const [FIRST, SECOND] = EXISTING_TEMPLATES;

/** Types that a fleet's own template consists of. */
const OWN_TEMPLATE = [
  template,
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_instance_profile",
  "aws_cloudwatch_log_group",
];

export const machineSteps: readonly Step[] = [
  together("machines' settings", TEMPLATE),
  together("machines' images", IMAGES),
  together("machines' sources", SOURCES),
  ...alone([
    { key: fleet("architecture"), values: ["arm64"], shows: [[template, "linux-arm64"]] },
    {
      key: existing,
      values: [FIRST],
      shows: [[settings, FIRST.id]],
      replaces: OWN_TEMPLATE,
    },
  ]),
  together("an existing launch template's keys", [
    {
      key: `${existing}.id`,
      values: [FIRST.id, SECOND.id],
      beside: { [existing]: FIRST },
      shows: [
        [settings, FIRST.id],
        [settings, SECOND.id],
      ],
      replaces: OWN_TEMPLATE,
    },
    {
      key: `${existing}.version`,
      values: ["$Latest", "1"],
      shows: [
        [settings, '"launchTemplateVersion":"$Latest"'],
        [settings, '"launchTemplateVersion":"1"'],
      ],
    },
    {
      key: `${existing}.roleArn`,
      values: [FIRST.roleArn, SECOND.roleArn],
      shows: [
        ["aws_iam_role_policy", FIRST.roleArn],
        ["aws_iam_role_policy", SECOND.roleArn],
      ],
    },
    {
      key: `${existing}.roleId`,
      values: [FIRST.roleId, SECOND.roleId],
      shows: [
        [settings, FIRST.roleId],
        [settings, SECOND.roleId],
      ],
    },
    {
      key: `${existing}.imageParameter`,
      values: [IMAGE_PARAMETER],
      shows: [["aws_iam_role_policy", IMAGE_PARAMETER]],
    },
  ]),
];
