import { MAXIMUM_FLEETS } from "../../constructs/fleet-checks";
import { MAXIMUM_FURTHER_APPS } from "../../constructs/github-checks";
import { GithubConnection } from "../../constructs/github-connection";
import { roomForTypes } from "../../constructs/launch-policy";
import { RunnerLauncher } from "../../constructs/runner-launcher";
import { Sweeper } from "../../constructs/sweeper";
import { synthesize } from "../support/synth";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MAXIMUM_CHARACTERS = 10_240;

const longest = "x".repeat(20);
const place = "aws-us-gov";
const region = "ap-southeast-1";
/** The longest there is, though of another partition. */
const domain = "amazonaws.com.cn";
const keyArn = (letter: string): string => `arn:${place}:kms:${region}:123456789012:key/${letter.repeat(36)}`;
const key = keyArn("x");
const parameter = (name: string): string => `/${longest}/${name}`;

const apps = GithubConnection.app({
  org: "acme",
  appId: "1".repeat(10),
  privateKeyParameter: parameter("key"),
  furtherApps: Array.from({ length: MAXIMUM_FURTHER_APPS }, (_, n) => ({
    appId: `${n}`.padStart(10, "2"),
    privateKeyParameter: parameter(`key-${n}`),
  })),
});
const token = GithubConnection.token({
  org: "acme",
  tokenParameter: parameter("personal-access-token"),
  credentialKmsKeyArn: key,
});

/** As many types as find room, of which each fleet has its share. */
const typesOf = (fleets: number, fleet: number): string[] => {
  const all = Array.from({ length: 300 }, (_, n) => `m${n}i-flex.metal-48xl`);
  const some = all.filter((_, n) => JSON.stringify(all.slice(0, n + 1)).length <= roomForTypes(fleets));
  return some.filter((_, n) => n % fleets === fleet);
};

const build = (github: GithubConnection, fleets: number) =>
  synthesize((stack) => {
    const common = { prefix: longest, kmsKeyArn: key, furtherKmsKeyArn: keyArn("y") };
    const launcher = new RunnerLauncher(stack, "L", {
      ...common,
      github,
      queue: { arn: `arn:${place}:sqs:${region}:123456789012:${longest}-jobs`, url: "https://sqs" },
      rotateFunction: {
        arn: `arn:${place}:lambda:${region}:123456789012:function:${longest}-rotate-tokens`,
        functionName: `${longest}-rotate-tokens`,
      },
      network: {
        subnetIds: Array.from({ length: 6 }, (_, n) => `subnet-${"0".repeat(16)}${n}`),
        securityGroupIds: [`sg-${"0".repeat(17)}`],
      },
      runnerGroup: { id: "7", name: "ephemeral" },
      fleets: Array.from({ length: fleets }, (_, n) => ({
        name: `${n}`.padStart(20, "f"),
        labels: [`${n}`],
        instanceTypes: typesOf(fleets, n),
        imageId: `ami-${`${n}`.padStart(17, "0")}`,
      })),
    });
    // So many that they move to parameters, which the policy then has to let the function read.
    const backlogRepositories = Array.from({ length: 200 }, (_, index) => `a-repository-${index}`);
    new Sweeper(stack, "S", { ...common, launcher, backlogRepositories });
  });

const references: readonly (readonly [RegExp, string])[] = [
  [/\$\{data\.aws_partition\.\w+\.partition\}/g, place],
  [/\$\{data\.aws_partition\.\w+\.dns_suffix\}/g, domain],
  [/\$\{data\.aws_service\.\w+\.region\}/g, region],
  [/\$\{data\.aws_service_principal\.[\w-]+\.name\}/g, "ec2.amazonaws.com"],
  [/\$\{data\.aws_caller_identity\.\w+\.account_id\}/g, "123456789012"],
  [
    /\$\{aws_launch_template\.[\w-]+\.arn\}/g,
    `arn:${place}:ec2:${region}:123456789012:launch-template/lt-${"0".repeat(17)}`,
  ],
  [/\$\{aws_iam_role\.[\w-]+\.arn\}/g, `arn:${place}:iam::123456789012:role/${longest}_${longest}_runner`],
  [
    /\$\{aws_dynamodb_table\.[\w-]+\.arn\}/g,
    `arn:${place}:dynamodb:${region}:123456789012:table/${longest}-handoff`,
  ],
  [/\$\{aws_dynamodb_table\.[\w-]+\.name\}/g, `${longest}-handoff`],
  [/\$\{[\w.-]+\}/g, "x".repeat(100)],
];

describe("with as many Apps as may be, and the longest names", () => {
  it.each(
    [MAXIMUM_FLEETS, 5, 1].flatMap((fleets) =>
      (["launch", "sweep"] as const).flatMap((name) => [
        [name, fleets, "Apps", apps] as const,
        [name, fleets, "a personal access token", token] as const,
      ]),
    ),
  )("the policy of %s finds room in IAM, with %i fleets and %s", (name, fleets, _what, github) => {
    const policies = Object.values(build(github, fleets).resources("aws_iam_role_policy"));

    const policy = String(policies.find((one) => one.name === `${longest}-${name}`)?.policy);
    const inFull = references.reduce((text, [reference, value]) => text.replace(reference, value), policy);

    expect(inFull).toContain("PassRunnerRole");
    expect(inFull).toContain(keyArn("y"));
    expect(inFull.includes("ReadSettings")).toBe(name === "sweep");
    expect(inFull).toContain("metal-48xl");
    expect(inFull).not.toContain("*.metal");
    expect(inFull).not.toContain("${");
    expect(inFull.length).toBeLessThan(MAXIMUM_CHARACTERS);
  });
});
