import { matches, parameterEvent } from "./event-bridge";

const pattern = {
  source: ["aws.ssm"],
  detail: {
    $or: [
      { name: ["/a"], operation: ["Create"] },
      { name: ["/b"], operation: ["Create", "Update"] },
    ],
  },
};

describe("an event pattern", () => {
  it.each([
    ["/a", "Create", true],
    ["/a", "Update", false],
    ["/b", "Update", true],
    ["/b", "Delete", false],
    ["/c", "Create", false],
  ] as const)("meets %s %s: %s", (name, operation, met) => {
    expect(matches(pattern, parameterEvent(name, operation))).toBe(met);
  });

  it("meets nothing of another source", () => {
    expect(matches(pattern, { ...parameterEvent("/a", "Create"), source: "aws.ec2" })).toBe(false);
  });
});
