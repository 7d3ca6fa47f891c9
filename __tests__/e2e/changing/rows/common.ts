/** What every resource has: tags, a boundary, a key. */
import { BOUNDARY, KEYS } from "../ground";
import { alone, together, type Json, type Row, type Step } from "../row";

const [first, second] = KEYS;
const further = (key?: string): Json => ({ "runners.furtherKmsKeyArn": key });
const queue = "aws_sqs_queue";
const policy = "aws_iam_role_policy";

/** As docs/keys.md has it: what goes, and what comes, is the further key for the time of the change. */
const key: Row = {
  key: "runners.kmsKeyArn",
  what: "added, changed and removed",
  values: [undefined, first, first, second, undefined],
  beside: [further(first), further(), further(second), further(first), further(second)],
  shows: [
    [policy, first],
    [queue, first],
    [policy, second],
    [queue, second],
    [policy, second],
  ],
};

export const keyRow: Row = {
  key: "runners.kmsKeyArn",
  what: "added and removed",
  values: [undefined, first, undefined],
  beside: [further(first), further(), further(first)],
  shows: [
    [policy, first],
    [queue, first],
    [policy, first],
  ],
};

const furtherRow: Row = {
  key: "runners.furtherKmsKeyArn",
  values: [first],
  shows: [[policy, first]],
};

export const rolesRow: Row = {
  key: "runners.permissionsBoundaryArn",
  values: [BOUNDARY],
  shows: [["aws_iam_role", `"permissions_boundary":"${BOUNDARY}"`]],
};

export const tagsRow: Row = {
  key: "runners.tags",
  values: [{ team: "platform" }],
  shows: [["aws_sqs_queue", '"team":"platform"']],
};

export const commonSteps: readonly Step[] = [
  together("tags and boundary", [tagsRow, rolesRow]),
  ...alone([key, furtherRow]),
];
