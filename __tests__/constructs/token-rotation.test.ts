import { GithubConnection } from "../../constructs/github-connection";
import { TokenRotation } from "../../constructs/token-rotation";
import { mistakes, principalOf, statements, synthesize } from "../support/synth";
import type { TokenRotationProps } from "../../constructs/token-rotation";
import type { RotateTokensSettings } from "../../functions/shared/contract";

const app = { org: "acme", appId: "123", privateKeyParameter: "/acme/github-app-key" };
const jit = GithubConnection.app(app);
const appWithTokens = GithubConnection.app({ ...app, registration: "token" });
const threeApps = GithubConnection.app({
  ...app,
  furtherApps: [
    { appId: "456", privateKeyParameter: "/acme/key-456", installationId: "9" },
    { appId: "789", privateKeyParameter: "/acme/key-789" },
  ],
});
const pat = GithubConnection.token({ org: "acme", tokenParameter: "/acme/token" });

const enterprise = GithubConnection.app({ ...app, baseUrl: "https://ghe.example.com" });
const webhook = { kind: "organization", hookId: "9", url: "https://x/webhook" } as const;

/** Without what runner-renewal.test.ts looks at. */
const common = { prefix: "ci", github: jit, renewRunnerVersion: false };

const build = (more: Partial<TokenRotationProps> = {}) =>
  synthesize((scope) => new TokenRotation(scope, "Rotation", { ...common, ...more }));

const told = (more: Partial<TokenRotationProps>): string[] =>
  mistakes((scope) => new TokenRotation(scope, "Rotation", { prefix: "ci", github: jit, ...more }));

const settingsOf = (stack: ReturnType<typeof build>): RotateTokensSettings => {
  const { environment } = stack.resource<{ environment: { variables: { SETTINGS: string } } }>(
    "aws_lambda_function",
  );
  return JSON.parse(environment.variables.SETTINGS) as RotateTokensSettings;
};

const REVISION = "/ci/github/settings-revision";

/** Those that the function fills. */
const filled = (stack: ReturnType<typeof build>) =>
  Object.values(stack.resources("aws_ssm_parameter")).filter(({ name }) => name !== REVISION);

const revision = (stack: ReturnType<typeof build>) =>
  Object.values(stack.resources("aws_ssm_parameter")).find(({ name }) => name === REVISION);

const parameterNames = (stack: ReturnType<typeof build>): unknown[] =>
  filled(stack)
    .map(({ name }) => name)
    .sort();

const rules = (stack: ReturnType<typeof build>) =>
  Object.values(stack.resources("aws_cloudwatch_event_rule"));

describe("TokenRotation", () => {
  it.each([
    ["JIT configurations", jit, ["/ci/github/installation-token", "/ci/github/webhook-secret"]],
    [
      "an App's registration tokens",
      appWithTokens,
      ["/ci/github/installation-token", "/ci/github/registration-token", "/ci/github/webhook-secret"],
    ],
    ["a personal access token", pat, ["/ci/github/registration-token", "/ci/github/webhook-secret"]],
    [
      "three Apps",
      threeApps,
      [
        "/ci/github/installation-token",
        "/ci/github/installation-token-456",
        "/ci/github/installation-token-789",
        "/ci/github/webhook-secret",
      ],
    ],
  ])("makes the parameters that %s need, and no other", (_what, github, names) => {
    expect(parameterNames(build({ github }))).toEqual(names);
  });

  it("never lets a live value into plan or state", () => {
    const parameters = filled(build());

    for (const parameter of parameters) {
      expect(parameter).toMatchObject({
        type: "SecureString",
        value_wo: "unset",
        value_wo_version: 1,
        lifecycle: { ignore_changes: ["tags", "tags_all", "description", "key_id"] },
      });
      expect(parameter).not.toHaveProperty("value");
      expect(parameter).not.toHaveProperty("insecure_value");
    }
  });

  it("makes the parameters after the rule that waits for them, with its target and permission", () => {
    const parameters = filled(build());

    for (const { depends_on } of parameters) {
      expect(depends_on).toEqual([
        expect.stringMatching(/^aws_cloudwatch_event_rule\..*ParameterChangeRule/),
        expect.stringMatching(/^aws_cloudwatch_event_target\..*ParameterChangeTarget/),
        expect.stringMatching(/^aws_lambda_permission\..*ParameterChangePermission/),
        expect.stringMatching(/^aws_iam_role_policy\./),
      ]);
    }
  });

  it("runs on a schedule", () => {
    expect(rules(build())).toContainEqual(
      expect.objectContaining({ schedule_expression: "rate(30 minutes)", name: "ci-rotate-tokens" }),
    );
    expect(rules(build({ rotationMinutes: 20 }))).toContainEqual(
      expect.objectContaining({ schedule_expression: "rate(20 minutes)" }),
    );
  });

  it("runs when its parameters are made and when the credential is stored, and not on its own writes", () => {
    const rule = rules(build()).find(({ event_pattern }) => event_pattern !== undefined);

    expect(JSON.parse(String(rule?.event_pattern))).toEqual({
      source: ["aws.ssm"],
      "detail-type": ["Parameter Store Change"],
      detail: {
        $or: [
          { name: ["/ci/github/installation-token", "/ci/github/webhook-secret"], operation: ["Create"] },
          { name: ["/acme/github-app-key", REVISION], operation: ["Create", "Update"] },
        ],
      },
    });
  });

  it("runs when the private key of any App is stored, or any App's parameter made", () => {
    const rule = rules(build({ github: threeApps })).find(({ event_pattern }) => event_pattern !== undefined);

    const { detail } = JSON.parse(String(rule?.event_pattern)) as { detail: { $or: { name: string[] }[] } };
    expect(detail.$or.map(({ name }) => name)).toEqual([
      [
        "/ci/github/installation-token",
        "/ci/github/installation-token-456",
        "/ci/github/installation-token-789",
        "/ci/github/webhook-secret",
      ],
      ["/acme/github-app-key", "/acme/key-456", "/acme/key-789", REVISION],
    ]);
  });

  it("runs when an apply changes what it works with, once the function and its parameters are as they will be", () => {
    const found = revision(build());

    const [code = "", rights = ""] =
      String(found?.insecure_value).match(/aws_\w+\.\w+(?:\.\w+(?:\[0\])?)+/g) ?? [];
    expect(code).toMatch(/^aws_lambda_function\.\w+\.environment\[0\]\.variables\.SETTINGS$/);
    expect(rights).toMatch(/^aws_iam_role_policy\.\w+\.policy$/);
    expect(found).toMatchObject({ type: "String" });
    expect(found?.depends_on).toEqual([
      expect.stringMatching(/^aws_cloudwatch_event_rule\./),
      expect.stringMatching(/^aws_cloudwatch_event_target\./),
      expect.stringMatching(/^aws_lambda_permission\./),
      expect.stringMatching(/^aws_ssm_parameter\..*InstallationToken/),
      expect.stringMatching(/^aws_ssm_parameter\..*WebhookSecret/),
    ]);
  });

  it("may not write the revision, so that it cannot have itself run", () => {
    const { policy } = build().resource<{ policy: string }>("aws_iam_role_policy");

    const { KeepParameters } = statements(policy);
    expect(JSON.stringify(KeepParameters)).toContain("installation-token");
    expect(policy).not.toContain("settings-revision");
  });

  it("lets each rule invoke the function, and nobody else", () => {
    const permissions = Object.values(build().resources("aws_lambda_permission"));

    expect(permissions.map(({ principal }) => principal)).toEqual([
      principalOf("events"),
      principalOf("events"),
    ]);
    expect(new Set(permissions.map(({ source_arn }) => source_arn)).size).toBe(2);
    for (const { source_arn } of permissions)
      expect(source_arn).toMatch(/^\$\{aws_cloudwatch_event_rule\.\w+\.arn\}$/);
  });

  it("may read the credential and keep its own parameters, and no more", () => {
    const { policy } = build({ webhook }).resource("aws_iam_role_policy");

    const { WriteLogs, ...rest } = statements(policy);
    expect(WriteLogs).toBeDefined();
    expect(Object.values(rest).map(({ Action, Resource }) => [Action, Resource])).toEqual([
      [["ssm:GetParameters"], [expect.stringMatching(/:parameter\/acme\/github-app-key$/)]],
      [
        ["ssm:GetParameters", "ssm:PutParameter", "ssm:AddTagsToResource"],
        [
          expect.stringMatching(/:parameter\/ci\/github\/installation-token$/),
          expect.stringMatching(/:parameter\/ci\/github\/webhook-secret$/),
        ],
      ],
    ]);
  });

  it("may read the private key and write the token of every App", () => {
    const { policy } = build({ github: threeApps }).resource("aws_iam_role_policy");

    const { ReadCredential, KeepParameters } = statements(policy);
    const names = (arns?: string[]) => arns?.map((arn) => arn.replace(/^.*:parameter/, ""));
    expect(names(ReadCredential?.Resource)).toEqual([
      "/acme/github-app-key",
      "/acme/key-456",
      "/acme/key-789",
    ]);
    expect(names(KeepParameters?.Resource)).toEqual([
      "/ci/github/installation-token",
      "/ci/github/installation-token-456",
      "/ci/github/installation-token-789",
    ]);
  });

  it("keeps its hands off the secret of a webhook made by hand", () => {
    const { KeepParameters } = statements(build().resource("aws_iam_role_policy").policy);
    expect(KeepParameters?.Resource).toEqual([
      expect.stringMatching(/:parameter\/ci\/github\/installation-token$/),
    ]);
  });

  it("uses each customer-managed key for the parameters that it encrypts", () => {
    const own = "arn:aws:kms:eu-west-1:111122223333:key/own";
    const team = "arn:aws:kms:eu-west-1:111122223333:key/team";
    const stack = build({
      kmsKeyArn: own,
      github: GithubConnection.app({ ...app, credentialKmsKeyArn: team }),
    });

    const { DecryptCredential, EncryptParameters } = statements(stack.resource("aws_iam_role_policy").policy);
    expect(DecryptCredential).toMatchObject({ Action: ["kms:Decrypt"], Resource: [team] });
    expect(DecryptCredential?.Condition?.StringEquals).toMatchObject({
      "kms:EncryptionContext:PARAMETER_ARN": [expect.stringMatching(/github-app-key$/)],
    });
    expect(EncryptParameters).toMatchObject({ Action: ["kms:Decrypt", "kms:Encrypt"], Resource: [own] });
    for (const parameter of filled(stack)) expect(parameter).toMatchObject({ key_id: own });
  });

  it("uses a second key as the first, and has what lies under it written under the account's own where there is no first", () => {
    const [own, second] = ["own", "second"].map((name) => `arn:aws:kms:eu-west-1:111122223333:key/${name}`);
    const used = (keys: object) => {
      const stack = build(keys);
      const { EncryptParameters } = statements(stack.resource("aws_iam_role_policy").policy);
      const [parameter] = Object.values(stack.resources("aws_ssm_parameter"));
      return [EncryptParameters?.Resource, parameter?.key_id, settingsOf(stack).kmsKeyId];
    };

    expect(used({})).toEqual([undefined, undefined, undefined]);
    expect(used({ kmsKeyArn: own, furtherKmsKeyArn: second })).toEqual([[own, second], own, own]);
    expect(used({ kmsKeyArn: second, furtherKmsKeyArn: own })).toEqual([[own, second], second, second]);
    expect(used({ furtherKmsKeyArn: second })).toEqual([[second], undefined, "alias/aws/ssm"]);
  });

  it("tells the function what to keep fresh, in names only", () => {
    expect(settingsOf(build({ webhook }))).toEqual({
      installation: "ci",
      github: jit.settings,
      credential: jit.credential,
      installationTokenParameter: "/ci/github/installation-token",
      rerunInterrupted: true,
      webhook: {
        kind: "organization",
        hookId: "9",
        url: "https://x/webhook",
        secretParameter: "/ci/github/webhook-secret",
        secretRotationDays: 7,
      },
    });
  });

  it.each([
    [jit, 3],
    [jit, 90],
    [enterprise, 7],
  ])("renews the webhook's secret as often as asked", (github, webhookSecretRotationDays) => {
    const more = { github, webhook, webhookSecretRotationDays };
    expect(told(more)).toEqual([]);
    expect(settingsOf(build(more)).webhook?.secretRotationDays).toBe(webhookSecretRotationDays);
  });

  it("tells the function of every App, and where its token belongs", () => {
    const { credential, installationTokenParameter, furtherApps } = settingsOf(build({ github: threeApps }));

    expect([credential, installationTokenParameter]).toMatchObject([
      { appId: "123" },
      "/ci/github/installation-token",
    ]);
    expect(furtherApps).toEqual([
      {
        appId: "456",
        installationId: "9",
        privateKeyParameter: "/acme/key-456",
        installationTokenParameter: "/ci/github/installation-token-456",
      },
      {
        appId: "789",
        privateKeyParameter: "/acme/key-789",
        installationTokenParameter: "/ci/github/installation-token-789",
      },
    ]);
  });

  it("asks for no more rights than interrupted jobs need", () => {
    expect(settingsOf(build({ rerunInterruptedJobs: false })).rerunInterrupted).toBe(false);
  });

  it.each([
    [
      {
        github: GithubConnection.app({
          ...app,
          furtherApps: [{ appId: "456", privateKeyParameter: "/ci/github/key" }],
        }),
      },
      /^github\.furtherApps\[0\]\.privateKeyParameter must not stand below "\/ci\/github\/"/,
    ],
    [{ rotationMinutes: 55 }, /^rotationMinutes must be a whole number from 5 to 50 minutes/],
    [
      { webhook, webhookSecretRotationDays: 0 },
      /^webhookSecretRotationDays must be a whole number from 3 to 90 days, and is 0\.$/,
    ],
    [{ webhook, webhookSecretRotationDays: 2 }, /^webhookSecretRotationDays must be .* from 3 to 90 days/],
    [
      { webhook, webhookSecretRotationDays: 6, github: enterprise },
      /^webhookSecretRotationDays must be .* from 7 to 90 days/,
    ],
    [
      { webhookSecretRotationDays: 7 },
      /^webhookSecretRotationDays is for a webhook that rotation sets, .*leave it out/,
    ],
    [{ prefix: "aws-ci" }, /^prefix must not begin with "aws" or "ssm"/],
    [{ github: GithubConnection.app({ ...app, appId: "x" }) }, /^github\.appId/],
  ])("refuses %j", (more, wording) => {
    expect(told(more)).toEqual([expect.stringMatching(wording)]);
  });
});
