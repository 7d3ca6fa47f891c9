import { EphemeralRunners } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import { applied } from "../support/applied";
import { isAllowed } from "../support/iam";
import { synthesize } from "../support/synth";

const KEY = "arn:aws:kms:eu-central-1:123456789012:key/own";
const CREDENTIAL_KEY = "arn:aws:kms:eu-central-1:123456789012:key/credential";

const deploy = (github: GithubConnection) =>
  applied(
    synthesize(
      (stack) =>
        new EphemeralRunners(stack, "Runners", {
          prefix: "acme",
          github,
          kmsKeyArn: KEY,
          fleets: [{ name: "linux", labels: ["linux"] }],
        }),
    ),
  );

const app = {
  org: "acme",
  appId: "123",
  privateKeyParameter: "/team/key",
  credentialKmsKeyArn: CREDENTIAL_KEY,
};
const withApps = deploy(
  GithubConnection.app({ ...app, furtherApps: [{ appId: "456", privateKeyParameter: "/team/key-456" }] }),
);
const withToken = deploy(
  GithubConnection.token({ org: "acme", tokenParameter: "/team/pat", credentialKmsKeyArn: CREDENTIAL_KEY }),
);

const arn = (service: string, what: string): string => `arn:aws:${service}:eu-central-1:123456789012:${what}`;
const ledger = arn("dynamodb", "table/acme-ledger");
const handoff = arn("dynamodb", "table/acme-handoff");
const queue = arn("sqs", "acme-jobs");
const deadLetterQueue = arn("sqs", "acme-jobs-dead");
const parameter = (name: string): string => arn("ssm", `parameter${name}`);

type Right = readonly [action: string, resource: string, roles: readonly string[]];

/** The roles of functions that may do it: all others must not. */
const rights: readonly Right[] = [
  ["sqs:SendMessage", queue, ["interruption", "launch", "sweep", "webhook"]],
  ["sqs:SendMessage", deadLetterQueue, []],
  ["sqs:ReceiveMessage", queue, ["launch"]],
  ["dynamodb:BatchGetItem", ledger, ["interruption", "launch", "sweep"]],
  ["dynamodb:UpdateItem", ledger, ["interruption", "launch", "sweep"]],
  ["dynamodb:Query", `${ledger}/index/open`, ["launch", "sweep"]],
  ["dynamodb:Query", ledger, []],
  ["dynamodb:DeleteItem", ledger, []],
  ["dynamodb:PutItem", handoff, ["launch", "sweep"]],
  ["dynamodb:DeleteItem", handoff, ["sweep"]],
  ["dynamodb:GetItem", handoff, []],
  ["dynamodb:UpdateItem", handoff, []],
  ["lambda:InvokeFunction", arn("lambda", "function:acme-rotate-tokens"), ["launch", "sweep"]],
  ["ssm:GetParameters", parameter("/acme/fleets/linux"), ["launch", "sweep"]],
  ["ssm:GetParameters", parameter("/another/fleets/linux"), []],
  ["ssm:GetParameters", parameter("/team/key"), ["rotate-tokens"]],
  ["ssm:GetParameters", parameter("/team/key-456"), ["rotate-tokens"]],
  ["ssm:GetParameters", parameter("/acme/github/installation-token"), ["launch", "rotate-tokens", "sweep"]],
  [
    "ssm:GetParameters",
    parameter("/acme/github/installation-token-456"),
    ["launch", "rotate-tokens", "sweep"],
  ],
  ["ssm:GetParameters", parameter("/acme/github/installation-token-4567"), []],
  ["ssm:PutParameter", parameter("/acme/github/installation-token-456"), ["rotate-tokens"]],
];

const ofToken: readonly Right[] = [
  ["ssm:GetParameters", parameter("/team/pat"), ["rotate-tokens", "sweep"]],
  ["ssm:GetParameters", parameter("/acme/github/registration-token"), ["launch", "rotate-tokens", "sweep"]],
  ["ssm:GetParameters", parameter("/acme/github/installation-token"), []],
];

type Use = readonly [key: string, action: string, context: Record<string, string>, roles: readonly string[]];

const via = (service: string, context: Record<string, string> = {}): Record<string, string> => ({
  "kms:ViaService": `${service}.eu-central-1.amazonaws.com`,
  ...Object.fromEntries(
    Object.entries(context).map(([name, value]) => [`kms:EncryptionContext:${name}`, value]),
  ),
});
const ofTable = (name: string) => via("dynamodb", { "aws:dynamodb:tableName": name });
const ofParameter = (name: string) => via("ssm", { PARAMETER_ARN: parameter(name) });

/** A key is used through one service, for one thing. */
const uses: readonly Use[] = [
  [KEY, "kms:GenerateDataKey", via("sqs"), ["interruption", "launch", "sweep", "webhook"]],
  [KEY, "kms:GenerateDataKey", via("s3"), []],
  [KEY, "kms:Decrypt", ofTable("acme-ledger"), ["interruption", "launch", "sweep"]],
  [KEY, "kms:Decrypt", ofTable("acme-handoff"), ["launch", "sweep"]],
  [KEY, "kms:Decrypt", ofTable("another"), []],
  [KEY, "kms:Decrypt", ofParameter("/acme/github/registration-token"), ["launch", "rotate-tokens", "sweep"]],
  [CREDENTIAL_KEY, "kms:Decrypt", ofParameter("/team/pat"), ["rotate-tokens", "sweep"]],
  [CREDENTIAL_KEY, "kms:Decrypt", ofParameter("/team/other"), []],
];

const FUNCTIONS = ["interruption", "launch", "rotate-tokens", "sweep", "webhook"];

const allowed = async (
  resources: ReturnType<typeof deploy>,
  request: { action: string; resource: string; context?: Record<string, string> },
): Promise<string[]> => {
  const answers = await Promise.all(
    FUNCTIONS.map((name) => isAllowed(resources, { role: `acme-${name}`, ...request })),
  );
  return FUNCTIONS.filter((_, index) => answers[index]);
};

describe("rights of the functions", () => {
  it.each(rights)("to %s on %s", async (action, resource, roles) => {
    expect(await allowed(withApps, { action, resource })).toEqual(roles);
  });

  it.each(ofToken)("with a personal access token, to %s on %s", async (action, resource, roles) => {
    expect(await allowed(withToken, { action, resource })).toEqual(roles);
  });

  it.each(uses)("to use the key %s for %s, with %j", async (resource, action, context, roles) => {
    expect(await allowed(withToken, { action, resource, context })).toEqual(roles);
  });

  it("leave the keys of Apps to the rotation function", async () => {
    const request = { action: "kms:Decrypt", resource: CREDENTIAL_KEY };

    for (const name of ["/team/key", "/team/key-456"])
      expect(await allowed(withApps, { ...request, context: ofParameter(name) })).toEqual(["rotate-tokens"]);
  });
});
