import { TerraformOutput } from "cdktf";
import { runnerPolicy, runnerUserData } from "../../constructs";
import { statements, synthesize } from "../support/synth";

describe("what a launch template of one's own needs", () => {
  it("is the right to take one's own registration and to write one's log, and no more", () => {
    const policy = statements(
      runnerPolicy({ handoffTable: { name: "acme-handoff", arn: "arn:table" }, logGroupArn: "arn:log" }),
    );

    expect(Object.values(policy).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [["logs:CreateLogStream", "logs:PutLogEvents"], ["arn:log:*"]],
      [["dynamodb:DeleteItem"], ["arn:table"]],
    ]);
    expect(policy.TakeOwnRegistration?.Condition).toEqual({
      "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["$${aws:userid}"] },
      Null: { "dynamodb:LeadingKeys": "false" },
    });
  });

  it("is the key of the table, where it has one of the team's", () => {
    const policy = statements(
      runnerPolicy({
        handoffTable: { name: "t", arn: "arn:table" },
        logGroupArn: "arn:log",
        kmsKeyArn: "arn:key",
        furtherKmsKeyArn: "arn:key-before",
      }),
    );

    expect(policy.DecryptHandoff).toMatchObject({
      Action: ["kms:Decrypt"],
      Resource: ["arn:key", "arn:key-before"],
    });
  });

  const machine = {
    roleId: "AROA1",
    handoffTable: "acme-handoff",
    logGroup: "/acme",
    architecture: "x64",
  } as const;

  it("is user data with the names that it boots by", () => {
    const { json } = synthesize((stack) => {
      new TerraformOutput(stack, "out", {
        value: runnerUserData({ ...machine, setupCommands: ["nvidia-smi"] }),
      });
    });
    const userData = JSON.stringify(json.output);

    for (const name of ["AROA1", "acme-handoff", "/acme", "nvidia-smi"]) expect(userData).toContain(name);
  });

  it("is told at once when it is wrong", () => {
    expect(() => runnerUserData({ ...machine, runnerVersion: "new" })).toThrow(
      /^runnerVersion must be a version such as "2\.338\.0", and is "new"\.\nrunnerVersion new needs runnerSha256/,
    );
  });
});
