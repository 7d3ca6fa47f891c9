import { RunnerTables } from "../../constructs/runner-tables";
import { synthesize } from "../support/synth";

const KEY = "arn:aws:kms:eu-west-1:111122223333:key/own";

const encryptions = (keys: object) =>
  Object.values(
    synthesize((stack) => void new RunnerTables(stack, "Tables", { prefix: "acme", ...keys })).resources(
      "aws_dynamodb_table",
    ),
  ).map(({ server_side_encryption: encryption }) => encryption);

describe("RunnerTables", () => {
  it.each([
    ["no key", {}, { enabled: false }],
    ["a key", { kmsKeyArn: KEY }, { enabled: true, kms_key_arn: KEY }],
    ["a key that was taken out", { furtherKmsKeyArn: KEY }, { enabled: false }],
  ])("says of each table how it is encrypted, with %s", (_what, keys, encryption) => {
    expect(encryptions(keys)).toEqual([encryption, encryption]);
  });
});
