/** Fleets that come, go and change their labels, while jobs wait for them and machines run in them. */
import { BUSY, NARROW } from "../ground";
import { alone, type Step } from "../row";

const FLEET_PARTS = [
  "aws_launch_template",
  "aws_iam_role",
  "aws_iam_role_policy",
  "aws_iam_instance_profile",
  "aws_cloudwatch_log_group",
  "aws_ssm_parameter",
];
const settings = "aws_ssm_parameter";
const labels = (name: string): string[] => ["self-hosted", name];

export const fleetSteps: readonly Step[] = alone([
  {
    key: "runners.fleets",
    what: "one more, and away again",
    values: [[BUSY, NARROW, { name: "added", labels: labels("added") }]],
    shows: [["aws_cloudwatch_log_group", "/ephemeral-runners/e2e/added"]],
    replaces: FLEET_PARTS,
  },
  {
    key: "runners.fleets",
    what: "one less, and back",
    values: [[BUSY]],
    shows: [["aws_cloudwatch_log_group", "!/ephemeral-runners/e2e/narrow"]],
    replaces: FLEET_PARTS,
  },
  {
    key: "runners.fleets[].name",
    values: ["renamed"],
    shows: [["aws_cloudwatch_log_group", "/ephemeral-runners/e2e/renamed"]],
    replaces: FLEET_PARTS,
  },
  {
    key: "runners.fleets[].labels",
    what: "one more label",
    values: [["self-hosted", "linux", "x64", "large"]],
    beside: { "runners.fleets[].labelMatch": "subset" },
    shows: [[settings, '"large"']],
  },
]);
