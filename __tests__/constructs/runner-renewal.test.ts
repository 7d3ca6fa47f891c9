import { EphemeralRunners } from "../../constructs/ephemeral-runners";
import { GithubConnection } from "../../constructs/github-connection";
import runner from "../../constructs/runner-version.json";
import { TokenRotation } from "../../constructs/token-rotation";
import { userDataScript } from "../../constructs/user-data";
import { settingsOf } from "../support/rights/installation";
import { statements, synthesize, type Statement } from "../support/synth";
import type { EphemeralRunnersProps } from "../../constructs/ephemeral-runners";
import type { UserDataProps } from "../../constructs/user-data";
import type { LaunchSettings, RotateTokensSettings, SweepSettings } from "../../functions/shared/contract";

const NAME = "/acme/github/runner-version";
const key = "arn:aws:kms:eu-west-1:111122223333:key/own";
const github = GithubConnection.app({ org: "acme", appId: "123", privateKeyParameter: "/acme/key" });
const fleets = [{ name: "linux", labels: ["linux"] }];

const build = (more: Partial<EphemeralRunnersProps> = {}) => {
  const stack = synthesize(
    (scope) => new EphemeralRunners(scope, "R", { prefix: "acme", github, fleets, kmsKeyArn: key, ...more }),
  );
  const functions = Object.values(stack.resources("aws_lambda_function")).map((values) => ({
    type: "aws_lambda_function",
    values,
  }));
  const of = <T>(bundle: string): T => settingsOf<T>(functions as never, bundle);
  return {
    stack,
    rotate: of<RotateTokensSettings>("rotate-tokens"),
    launch: of<LaunchSettings>("launch"),
    sweep: of<SweepSettings>("sweep"),
    parameter: Object.values(stack.resources("aws_ssm_parameter")).find(({ name }) => name === NAME),
    policy: (name: string): Record<string, Statement> =>
      statements(
        Object.values(stack.resources("aws_iam_role_policy")).find((one) => one.name === `acme-${name}`)
          ?.policy,
      ),
  };
};

const named = (statement: Statement | undefined): string[] =>
  (statement?.Resource ?? []).filter((arn) => arn.endsWith(NAME));

describe("the runner's version", () => {
  const { stack, rotate, launch, sweep, parameter, policy } = build();

  it("stands in a parameter that Terraform makes and leaves alone from then on", () => {
    expect(parameter).toMatchObject({
      type: "String",
      value_wo: "unset",
      value_wo_version: 1,
      lifecycle: { ignore_changes: ["tags", "tags_all", "description", "key_id"] },
    });
    expect(parameter).not.toHaveProperty("key_id");
  });

  it("is written by the rotation function, from the package's own on, as soon as the parameter is made", () => {
    expect(rotate.runner).toEqual({
      parameter: NAME,
      floor: { version: runner.version, sha256: runner.sha256 },
    });
    expect(JSON.stringify(stack.resources("aws_cloudwatch_event_rule"))).toContain(NAME);
    expect(named(policy("rotate-tokens").KeepParameters)).toHaveLength(1);
  });

  it("is read by those that hand it over, in the call for all that they read", () => {
    for (const settings of [launch, sweep])
      expect(settings.runner).toEqual({ parameter: NAME, floor: runner.version });
    for (const name of ["launch", "sweep"]) {
      expect(named(policy(name).ReadTokensAndFleets)).toHaveLength(1);
      expect(JSON.stringify(policy(name))).not.toMatch(/ssm:Put/);
    }
  });

  it("takes no right to a key, and gives a machine no right", () => {
    for (const name of ["rotate-tokens", "launch", "sweep"])
      for (const { Condition } of Object.values(policy(name)))
        expect(JSON.stringify(Condition ?? {})).not.toContain(NAME);
    const machine = Object.values(stack.resources("aws_iam_role_policy")).find(
      ({ name }) => name === "acme_linux_runner",
    );
    expect(String(machine?.policy)).not.toContain("ssm:");
  });

  it("is not renewed, nor watched otherwise, where that is switched off", () => {
    const off = build({ renewRunnerVersion: false });

    expect(off.parameter).toBeUndefined();
    for (const settings of [off.rotate, off.launch, off.sweep]) expect(settings).not.toHaveProperty("runner");
    expect(off.sweep.runnerVersions).toEqual(sweep.runnerVersions);
    expect(JSON.stringify(off.stack.json)).not.toContain(NAME);
  });

  it("is refused in another form than true or false", () => {
    expect(() => build({ renewRunnerVersion: "no" as unknown as boolean })).toThrow(
      /renewRunnerVersion must be true or false, and is "no"/,
    );
  });

  it("is kept with the token rotation used alone, too", () => {
    const alone = synthesize((scope) => new TokenRotation(scope, "T", { prefix: "acme", github }));

    expect(Object.values(alone.resources("aws_ssm_parameter")).map(({ name }) => name)).toContain(NAME);
  });
});

describe("a version that the user names", () => {
  const props: UserDataProps = {
    roleId: "AROAEXAMPLE0000000000",
    handoffTable: "acme-handoff",
    logGroup: "/acme/runners",
    architecture: "x64",
  };

  it.each([
    [{ runnerVersion: "2.338.0" }],
    [{ runnerSha256: "a".repeat(64) }],
    [{ runnerUrl: "https://mirror.example.com/runner.tar.gz" }],
  ])("is kept by the machine, whatever comes with its registration: %j", (own) => {
    expect(userDataScript({ ...props, ...own })).toContain("\nRUNNER_PINNED='1'\n");
  });

  it("is none by default", () => {
    expect(userDataScript(props)).not.toContain("RUNNER_PINNED=");
  });
});
