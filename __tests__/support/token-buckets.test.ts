import { AwsThrottle, TokenBucket } from "./token-buckets";

const clockAt = (time = 0) => ({ time });

describe("a bucket", () => {
  it("holds no more than its size, and refills by the second", () => {
    const clock = clockAt();
    const bucket = new TokenBucket({ capacity: 5, refill: 2 }, () => clock.time);

    expect([bucket.take(5), bucket.take()]).toEqual([true, false]);
    clock.time = 400;
    expect(bucket.take()).toBe(false);
    clock.time = 500;
    expect(bucket.take()).toBe(true);
    clock.time = 60_000;
    expect(bucket.left).toBe(5);
  });

  it("gives all or nothing", () => {
    const bucket = new TokenBucket({ capacity: 5, refill: 2 }, () => 0);

    expect([bucket.take(6), bucket.left]).toEqual([false, 5]);
  });
});

describe("AWS", () => {
  const throttle = () => {
    const clock = clockAt();
    return { clock, aws: new AwsThrottle(() => clock.time) };
  };
  const refusals = (aws: AwsThrottle, call: string, times: number, machines?: number) =>
    Array.from({ length: times }, () => aws.refuse(call, machines)).filter((one) => one !== undefined);

  it.each([
    ["ec2:CreateFleet", 5, 503, "RequestLimitExceeded"],
    ["ec2:TerminateInstances", 100, 503, "RequestLimitExceeded"],
    ["ec2:DescribeInstances", 100, 503, "RequestLimitExceeded"],
    ["ssm:GetParameters", 40, 400, "ThrottlingException"],
  ])("lets %s through %i times at once, then answers as the service does", (call, times, status, code) => {
    const { aws } = throttle();

    expect(refusals(aws, call, times + 1)).toMatchObject([{ status, code }]);
  });

  it("refuses machines beyond its instance bucket, and draws nothing for them", () => {
    const { aws, clock } = throttle();
    expect(refusals(aws, "ec2:CreateFleet", 2, 500)).toEqual([]);

    expect(refusals(aws, "ec2:CreateFleet", 1, 10)).toHaveLength(1);
    clock.time = 5000;
    expect(refusals(aws, "ec2:CreateFleet", 1, 10)).toEqual([]);
  });

  it("has no limit for what none is published of", () => {
    expect(refusals(throttle().aws, "dynamodb:UpdateItem", 1000)).toEqual([]);
  });
});
