import { EphemeralRunners, GithubConnection } from "../../../constructs";
import { readWholeSettings } from "../../../scripts/audit/settings";
import { readStack } from "../../../scripts/audit/read-stack";
import { statements, synthesize, mistakes, type Synthesized } from "../../support/synth";
import type { EphemeralRunnersProps } from "../../../constructs";
import type { TerraformStack } from "cdktf";

const github = GithubConnection.app({
  org: "acme",
  appId: "123",
  privateKeyParameter: "/acme/github-app-key",
});
const repositories = (count: number, length = 25): string[] =>
  Array.from({ length: count }, (_, index) => `${index}-${"r".repeat(length)}`.slice(0, length));
const labels = (fleet: number): string[] =>
  Array.from({ length: 100 }, (_, index) => `label-${fleet}-of-a-team-${index}`);

const put = (more: Partial<EphemeralRunnersProps>) => (stack: TerraformStack) =>
  new EphemeralRunners(stack, "R", { github, fleets: [{ name: "linux", labels: ["linux"] }], ...more });

const functionNamed = (stack: Synthesized, name: string) =>
  Object.values(stack.resources("aws_lambda_function")).find((one) => one.function_name === name)!;
const wholeOf = (stack: Synthesized, name: string) => {
  const { resources } = readStack(stack.json);
  return readWholeSettings(
    functionNamed(stack, name),
    resources.filter(({ type }) => type === "aws_ssm_parameter"),
  );
};
const pieces = (stack: Synthesized) =>
  Object.values(stack.resources("aws_ssm_parameter")).filter(({ name }) =>
    String(name).includes("/settings/"),
  );
const bytesOf = (stack: Synthesized, name: string): number =>
  Buffer.byteLength(
    JSON.stringify((functionNamed(stack, name).environment as { variables: object }).variables),
  );

describe("settings", () => {
  it("stay in the environment while there is room", () => {
    const stack = synthesize(put({ repositories: repositories(50) }));

    expect(pieces(stack)).toEqual([]);
    expect(wholeOf(stack, "r-webhook")?.repositories).toHaveLength(50);
  });

  it("move to parameters of 4 KB with 1,000 repositories and ten fleets of 100 labels each", () => {
    const fleets = Array.from({ length: 10 }, (_, index) => ({ name: `f${index}`, labels: labels(index) }));
    const names = repositories(1000);
    const stack = synthesize(put({ repositories: names, backlogRepositories: names, fleets }));

    for (const name of ["r-webhook", "r-sweep", "r-launch"])
      expect(bytesOf(stack, name)).toBeLessThanOrEqual(4096);
    for (const { insecure_value: value } of pieces(stack))
      expect(Buffer.byteLength(String(value))).toBeLessThanOrEqual(4096);
    expect(wholeOf(stack, "r-webhook")).toMatchObject({
      repositories: names.map((name) => `acme/${name}`),
      routes: fleets.map((fleet) => ({ fleet: fleet.name, labels: fleet.labels, match: "exact" })),
      publicRepositories: false,
    });
    expect(wholeOf(stack, "r-sweep")?.backlog).toMatchObject({
      repositories: names.map((name) => `acme/${name}`),
    });
    expect(mistakes(put({ repositories: names, fleets }))).toEqual([]);
  });

  it("may be read by their function alone, and by their path", () => {
    const stack = synthesize(put({ repositories: repositories(1000) }));
    const policies = Object.values(stack.resources("aws_iam_role_policy"));
    const readers = policies.filter(({ policy }) => "ReadSettings" in statements(policy));

    expect(readers.map(({ name }) => name)).toEqual(["r-webhook"]);
    expect(statements(readers[0]?.policy).ReadSettings).toMatchObject({
      Action: ["ssm:GetParameters"],
      Resource: [expect.stringMatching(/:parameter\/r\/settings\/webhook\/\*$/)],
    });
  });

  it("get other names with another content, and the old ones go last", () => {
    const namesIn = (names: readonly string[]) =>
      pieces(synthesize(put({ repositories: names }))).map(({ name }) => String(name));
    const before = namesIn(repositories(1000));
    const after = namesIn([...repositories(1000), "one-more"]);

    expect(namesIn(repositories(1000))).toEqual(before);
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    for (const { lifecycle } of pieces(synthesize(put({ repositories: repositories(1000) }))))
      expect(lifecycle).toEqual({ create_before_destroy: true });
  });

  it("are refused beyond 120 KB", () => {
    expect(mistakes(put({ repositories: repositories(1300, 100) }))).toEqual([
      expect.stringMatching(
        /^The lists of this function \(repositories, routes\) take \d+ bytes, and 122880 find room: shorten them\./,
      ),
    ]);
  });

  it("are not taken for complete by the audit where a parameter stands elsewhere", () => {
    const stack = synthesize(put({ repositories: repositories(1000) }));

    expect(readWholeSettings(functionNamed(stack, "r-webhook"), [])).toBeUndefined();
  });

  it.each([
    ["a piece in the middle", "stands elsewhere", undefined],
    ["a piece in the middle", "is a reference", "${var.repositories}"],
  ])("are not taken for complete by the audit where %s %s, and the rest is JSON", (_which, _what, value) => {
    const stack = synthesize(put({ repositories: repositories(1000) }));
    const all = readStack(stack.json).resources.filter(({ type }) => type === "aws_ssm_parameter");
    const changed = all.map((one) =>
      /\/settings\/webhook\/\w+\/1$/.test(String(one.attributes.name))
        ? { ...one, attributes: { ...one.attributes, insecure_value: value } }
        : one,
    );

    expect(readWholeSettings(functionNamed(stack, "r-webhook"), changed)).toBeUndefined();
  });
});
