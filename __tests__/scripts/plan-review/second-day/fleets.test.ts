import { fleet, found, STANDING, withSettings } from "./plans";

describe("jobs that wait", () => {
  const PARAMETER = "aws_ssm_parameter.f";

  it("are told of a fleet that is taken out or relabelled", () => {
    expect(found({ ...STANDING, [PARAMETER]: { before: fleet("x64", {}) } })).toEqual([
      expect.stringMatching(
        /^jobs-stranded attention aws_ssm_parameter\.f: fleet x64 is taken out: jobs .* are given up .*finish their job without a log/,
      ),
    ]);
    expect(
      found({
        ...STANDING,
        [PARAMETER]: { before: fleet("x64", {}), after: fleet("x64", { labels: ["other"] }) },
      }),
    ).toEqual([
      expect.stringMatching(/fleet x64 gets other labels: jobs that wait for it go to another fleet/),
    ]);
  });

  it("go on under the new name of a fleet, within its installation", () => {
    const renamed = (prefix: string): readonly string[] =>
      found({
        ...STANDING,
        [PARAMETER]: { before: fleet("x64", { labels: ["a", "B"] }) },
        "aws_ssm_parameter.g": {
          after: { ...fleet("y64", { labels: ["b", "A"] }), name: `/${prefix}/fleets/y64` },
        },
      });

    expect(renamed("runners")).toEqual([
      expect.stringMatching(/fleet x64 becomes y64: jobs that wait for it go there within two minutes/),
    ]);
    expect(renamed("others")).toEqual([expect.stringMatching(/fleet x64 is taken out/)]);
  });

  it("go on where the fleet only has another address in the state", () => {
    const kept = fleet("x64", {});

    expect(
      found({ ...STANDING, [PARAMETER]: { before: kept }, "aws_ssm_parameter.g": { after: kept } }),
    ).toEqual([]);
  });

  it("stay where the fleet's machines can run them", () => {
    expect(
      found({
        ...STANDING,
        [PARAMETER]: {
          before: fleet("x64", { labels: ["Linux"] }),
          after: fleet("x64", { labels: ["linux", "large"] }),
        },
      }),
    ).toEqual([]);
  });

  it("are not told of a fleet that is added, keeps its labels, or goes with all else", () => {
    const more = {
      before: fleet("x64", { labels: ["a", "b"] }),
      after: fleet("x64", { labels: ["b", "a"] }),
    };

    expect(found({ ...STANDING, [PARAMETER]: { after: fleet("x64", {}) } })).toEqual([]);
    expect(found({ ...STANDING, [PARAMETER]: more })).toEqual([]);
    expect(
      found({
        "aws_lambda_function.sweep": { before: withSettings({}) },
        [PARAMETER]: { before: fleet("x64", {}) },
      }),
    ).toEqual([]);
  });
});
