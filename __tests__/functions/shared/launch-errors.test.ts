import { classes } from "../../../functions/shared/launch-error-classes";
import { alarmsOf, classOf, judge, NO_ANSWER, waitAfter } from "../../../functions/shared/launch-errors";

const errors = (...codes: string[]) => codes.map((code) => ({ code, message: `${code} happened` }));

describe("the errors of a launch", () => {
  it.each([
    ["a lack of capacity", ["InsufficientInstanceCapacity"], "elsewhere"],
    ["no error and too few machines", [], "elsewhere"],
    ["a throttle", ["RequestLimitExceeded"], "wait"],
    ["a throttle beside a lack of capacity", ["UnfulfillableCapacity", "RequestLimitExceeded"], "wait"],
    ["a mistake", ["InvalidParameterValue"], "stop"],
    ["a mistake in one pool, a lack in another", ["InvalidParameterValue", "Unsupported"], "elsewhere"],
    // Quotas are of one market: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
    ["the quota of a market", ["VcpuLimitExceeded"], "elsewhere"],
    ["the quota of the other market", ["MaxSpotInstanceCountExceeded"], "elsewhere"],
    ["two subnets in one zone", ["InvalidFleetConfig"], "stop"],
    ["an image that is gone", ["InvalidAMIID.Unavailable"], "stop"],
    ["a type that a zone does not have", ["InvalidFleetConfiguration"], "elsewhere"],
    ["the missing spot role", ["AuthFailure.ServiceLinkedRoleCreationNotPermitted"], "elsewhere"],
    ["rights that are not there yet", ["UnauthorizedOperation"], "again"],
    ["a mistake beside them", ["UnauthorizedOperation", "InvalidParameterValue"], "stop"],
    ["an unknown code", ["SomethingNew"], "elsewhere"],
    ["an answer that was lost", [NO_ANSWER], "wait"],
    ["a launch that had taken effect before", ["IdempotentParameterMismatch"], "wait"],
  ])("say for %s where to go next", (_, codes, next) => {
    expect(judge(errors(...codes))).toBe(next);
  });

  const ring = (codes: readonly string[], had: number, wanted: number, setbacks = 0) =>
    alarmsOf(errors(...codes), had, wanted, setbacks).map(({ code }) => code);
  const NOT_OFFERED = "InvalidFleetConfiguration";
  const FULL = "InsufficientInstanceCapacity";
  const ROLE = "AuthFailure.ServiceLinkedRoleCreationNotPermitted";

  it.each<[what: string, codes: readonly string[], had: number, rung: readonly string[]]>([
    ["a type that a zone does not have, when all was had", [NOT_OFFERED], 3, []],
    ["a type that a zone does not have, when some was had", [NOT_OFFERED], 1, []],
    ["a type that a zone does not have, beside a lack", [NOT_OFFERED, FULL], 0, []],
    ["types that no zone has", [NOT_OFFERED, "Unsupported"], 0, [NOT_OFFERED, "Unsupported"]],
    ["a code that nobody knows, when all was had", ["SomethingNew"], 3, []],
    ["a code that nobody knows, when some was had", ["SomethingNew"], 1, []],
    ["a code that nobody knows, when nothing was had", ["SomethingNew"], 0, ["SomethingNew"]],
    ["a quota, when the other market had all", ["VcpuLimitExceeded"], 3, []],
    ["a quota, when machines are missing", ["VcpuLimitExceeded"], 2, ["VcpuLimitExceeded"]],
    ["the quota of spot", ["MaxSpotInstanceCountExceeded", FULL], 0, ["MaxSpotInstanceCountExceeded"]],
    ["a mistake, when all was had", ["OptInRequired"], 3, []],
    ["a mistake, when machines are missing", ["OptInRequired", FULL], 2, ["OptInRequired"]],
    ["the missing spot role, even when on-demand had all", [ROLE], 3, [ROLE]],
    ["a lack of capacity", [FULL], 0, []],
    ["a throttle", ["RequestLimitExceeded"], 0, []],
    ["what many pools say, once", ["VcpuLimitExceeded", "VcpuLimitExceeded"], 0, ["VcpuLimitExceeded"]],
  ])("ring for %s", (_, codes, had, rung) => {
    expect(ring(codes, had, 3)).toEqual(rung);
  });

  it.each([
    [0, 0, []],
    [0, 2, []],
    [0, 3, ["UnauthorizedOperation"]],
    [3, 3, []],
  ])("ring for a lack of rights that lasts: %j had, %j launches before in vain", (had, setbacks, rung) => {
    expect(ring(["UnauthorizedOperation"], had, 3, setbacks)).toEqual(rung);
  });

  it.each([
    ["MaxFleetCountExceeded", /quota "EC2 Fleets"/],
    ["OptInRequired", /subscribed/],
    ["PendingVerification", /AWS still verifies the account/],
    ["InvalidAMIID.Malformed", /set imageId or imageParameter/],
    ["InvalidAMIID.NotFound", /set imageId or imageParameter/],
    ["InvalidAMIID.Unavailable", /set imageId or imageParameter/],
    ["InvalidFleetConfig", /two of the fleet's subnets are in one zone.*ec2:DescribeSubnets/],
    ["InvalidFleetConfiguration", /instanceTypes/],
    ["VcpuLimitExceeded", /quota "Running On-Demand .*maximumMachines/],
    ["MaxSpotInstanceCountExceeded", /Spot Instance Requests".*maximumMachines/],
    ["InvalidSubnetID.NotFound", /A subnet or security group of the fleet is gone/],
    ["InvalidLaunchTemplateId.VersionNotFound", /launch template, or its version, is gone/],
    ["SsmAccessDenied", /ssm:GetParameter/],
    [ROLE, /createSpotServiceLinkedRole/],
    ["SomethingNew", /not known/],
  ])("say for %s what to do", (code, advice) => {
    expect(classOf(code).advice).toMatch(advice);
  });

  it("have advice wherever they can ring", () => {
    const silent = Object.entries(classes).filter(
      ([, { rings, advice = "" }]) => rings !== "never" && advice === "",
    );
    expect(silent).toEqual([]);
  });
});

describe("the wait after a launch that brought too little", () => {
  it.each([
    ["wait", [5, 10, 20, 40, 80, 120, 120]],
    ["elsewhere", [15, 30, 60, 120, 120]],
    ["again", [5, 10, 20, 40, 80, 120, 120]],
    ["stop", [60, 120, 120]],
  ] as const)("is longer after each, two minutes at the most: %s", (next, seconds) => {
    expect(seconds.map((_, setbacks) => waitAfter(next, setbacks) / 1000)).toEqual(seconds);
  });
});
