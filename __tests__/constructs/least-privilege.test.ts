import { conditionsOf, spoiled, WRONG } from "../support/rights/conditions";
import { allows, refusedRequests, statementsOf, takerOf, unusedGrants } from "../support/rights/grants";
import { IMPLIED, type Check } from "../support/rights/implied";
import { checksFor } from "../support/rights/judge";
import { variants } from "../support/rights/variants";
import type { Resource } from "../support/terraform";

jest.setTimeout(60_000);

const all = variants();

/** The same installation with one policy changed. */
const withPolicy = (
  resources: readonly Resource[],
  role: string,
  change: (statements: ReturnType<typeof statementsOf>) => ReturnType<typeof statementsOf>,
): Resource[] =>
  resources.map((one) =>
    one.type === "aws_iam_role_policy" && one.values.role === role
      ? {
          ...one,
          values: {
            ...one.values,
            policy: JSON.stringify({ Statement: change(statementsOf(resources, role)) }),
          },
        }
      : one,
  );

describe.each(all)("with $what", ({ resources, credentials, furtherKey, lacksSpotRole }) => {
  let checks: Check[];

  beforeAll(async () => {
    checks = await checksFor({ resources, credentials, furtherKey, lacksSpotRole });
  });

  it("every call that is made is allowed", async () => {
    expect(await refusedRequests(resources, checks)).toEqual([]);
  });

  it("nothing is granted that no call uses", async () => {
    expect((await unusedGrants(resources, checks)).unused).toEqual([]);
  });

  it("every condition lets a call through and refuses others", async () => {
    const loose: string[] = [];
    for (const condition of conditionsOf(resources)) {
      const { role, statement, operator, key } = condition;
      const own = checks.filter((check) => check.role === role);
      const right = await takerOf(
        statement,
        own.filter(({ context = {} }) => key in context),
      );
      const what = `${role}: ${statement.Sid}, ${operator} ${key}`;
      if (!right) loose.push(`${what} lets no call through`);
      for (const wrong of right ? spoiled(right, condition) : [])
        if (await allows(statementsOf(resources, role), wrong))
          loose.push(`${what} lets ${JSON.stringify(wrong.context)} through`);
    }
    expect(loose).toEqual([]);
  });
});

describe("the judgement", () => {
  const { resources, credentials } = all[0]!;
  const launch = "acme-ci-launch";
  let checks: Check[];

  beforeAll(async () => {
    checks = await checksFor({ resources, credentials });
  });

  it("knows every condition of every policy, and no other", () => {
    const found = new Set(all.flatMap((one) => conditionsOf(one.resources)).map(({ key }) => key));

    expect([...found].sort()).toEqual(Object.keys(WRONG).sort());
  });

  it("has AWS's word for every right that is checked without a call, and a call for every word", async () => {
    const sources = new Set<string>();

    for (const one of all)
      for (const { source } of await checksFor(one)) if (source !== undefined) sources.add(source);

    expect([...sources].sort()).toEqual([...new Set(IMPLIED.map(({ source }) => source))].sort());
    for (const source of sources) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  });

  it("names role, statement and action of a grant that nobody uses", async () => {
    const loose = withPolicy(resources, launch, (statements) =>
      statements.map((one) =>
        one.Sid === "KeepLedger" ? { ...one, Action: [...one.Action, "dynamodb:Scan"] } : one,
      ),
    );

    expect((await unusedGrants(loose, checks)).unused).toEqual([
      `${launch}: KeepLedger grants the action dynamodb:Scan to no call`,
    ]);
  });

  it("names a resource that no call touches", async () => {
    const subnet = "arn:aws:ec2:eu-central-1:123456789012:subnet/subnet-of-others";
    const loose = withPolicy(resources, launch, (statements) =>
      statements.map((one) =>
        one.Sid === "LaunchInNetwork" ? { ...one, Resource: [...one.Resource, subnet] } : one,
      ),
    );

    expect((await unusedGrants(loose, checks)).unused).toEqual([
      `${launch}: LaunchInNetwork grants the resource ${subnet} to no call`,
    ]);
  });

  it.each([
    ["EndOwnMachines", "ec2:TerminateInstances"],
    ["PassRunnerRole", "iam:PassRole"],
    ["HandOver", "dynamodb:PutItem"],
    ["AskForToken", "lambda:InvokeFunction"],
  ])("names the call that is refused without %s", async (sid, action) => {
    const tight = withPolicy(resources, launch, (statements) => statements.filter(({ Sid }) => Sid !== sid));

    const refused = await refusedRequests(tight, checks);

    expect(refused.length).toBeGreaterThan(0);
    for (const one of refused) expect(one).toMatch(`${launch}: ${action} on arn:aws:`);
  });
});
