/** What every resource has: tags, a boundary, a key. */
import { BOUNDARY, KEYS } from "../ground";
import { alone, together, type Row, type Step } from "../row";

const key = "runners.kmsKeyArn";

export const keyRow: Row = {
  key,
  what: "added, changed and removed",
  values: [KEYS[0], KEYS[1]],
  shows: [
    ["aws_sqs_queue", KEYS[0]],
    ["aws_sqs_queue", KEYS[1]],
  ],
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
  ...alone([keyRow]),
];
