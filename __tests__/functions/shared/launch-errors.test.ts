import { judge, NO_ANSWER, waitAfter } from "../../../functions/shared/launch-errors";

const errors = (...codes: string[]) => codes.map((code) => ({ code, message: `${code} happened` }));

describe("the errors of a launch", () => {
  it.each([
    ["a lack of capacity", ["InsufficientInstanceCapacity"], "elsewhere"],
    ["no error and too few machines", [], "elsewhere"],
    ["a throttle", ["RequestLimitExceeded"], "wait"],
    ["a throttle beside a lack of capacity", ["UnfulfillableCapacity", "RequestLimitExceeded"], "wait"],
    ["a mistake", ["InvalidParameterValue"], "stop"],
    ["a mistake in one pool, a lack in another", ["InvalidParameterValue", "Unsupported"], "elsewhere"],
    ["the missing spot role", ["AuthFailure.ServiceLinkedRoleCreationNotPermitted"], "elsewhere"],
    ["an unknown code", ["SomethingNew"], "elsewhere"],
    ["an answer that was lost", [NO_ANSWER], "wait"],
    ["a launch that had taken effect before", ["IdempotentParameterMismatch"], "wait"],
  ])("say for %s where to go next", (_, codes, next) => {
    expect(judge(errors(...codes)).next).toBe(next);
  });

  it.each([
    ["VcpuLimitExceeded", true],
    ["UnauthorizedOperation", true],
    ["AuthFailure.ServiceLinkedRoleCreationNotPermitted", true],
    ["SomethingNew", true],
    ["InsufficientInstanceCapacity", false],
    ["RequestLimitExceeded", false],
  ])("ring for %s: %s", (code, rings) => {
    expect(judge(errors(code)).alarms).toHaveLength(rings ? 1 : 0);
  });

  it("ring once for each code, however many pools say it", () => {
    expect(judge(errors("VcpuLimitExceeded", "VcpuLimitExceeded")).alarms).toHaveLength(1);
  });
});

describe("the wait after a launch that brought too little", () => {
  it.each([
    ["wait", [5, 10, 20, 40, 80, 120, 120]],
    ["elsewhere", [15, 30, 60, 120, 120]],
    ["stop", [60, 120, 120]],
  ] as const)("is longer after each, two minutes at the most: %s", (next, seconds) => {
    expect(seconds.map((_, setbacks) => waitAfter(next, setbacks) / 1000)).toEqual(seconds);
  });
});
