import { DescribeSubnetsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { logger } from "../../../functions/shared/logger";
import { subnetZones } from "../../../functions/shared/subnet-zones";
import { START } from "../../support/fleet-world";

const ec2 = mockClient(EC2Client);
const MINUTE = 60_000;
let time: number;
const create = () => subnetZones(new EC2Client({}), () => time);
const asked = () =>
  ec2.commandCalls(DescribeSubnetsCommand).map(({ args }) => args[0].input.Filters?.[0]?.Values);
const answer = (zones: Record<string, string>) => ({
  Subnets: Object.entries(zones).map(([SubnetId, AvailabilityZone]) => ({ SubnetId, AvailabilityZone })),
});

beforeEach(() => {
  ec2.reset();
  time = START;
  jest.spyOn(logger, "warn").mockReturnValue();
});
afterEach(() => jest.restoreAllMocks());

describe("zones of subnets", () => {
  it("are read once, and only those that are not known", async () => {
    ec2
      .on(DescribeSubnetsCommand)
      .resolvesOnce(answer({ a: "1", b: "2" }))
      .resolves(answer({ c: "1" }));
    const zones = create();

    await zones.read(["a", "b"]);
    time += 24 * 60 * MINUTE;
    await zones.read(["a", "b"]);
    await zones.read(["b", "c"]);

    expect(asked()).toEqual([["a", "b"], ["c"]]);
    expect(["a", "b", "c", "d"].map(zones.of)).toEqual(["1", "2", "1", undefined]);
  });

  it("are asked for by a filter, since one id that EC2 does not know would refuse them all", async () => {
    ec2.on(DescribeSubnetsCommand).resolves(answer({ a: "1" }));

    await create().read(["a", "gone"]);

    expect(ec2.commandCalls(DescribeSubnetsCommand)[0]?.args[0].input).toEqual({
      Filters: [{ Name: "subnet-id", Values: ["a", "gone"] }],
    });
  });

  it("are read in one call for several who ask at once", async () => {
    ec2.on(DescribeSubnetsCommand).resolves(answer({ a: "1", b: "2" }));
    const zones = create();

    await Promise.all([zones.read(["a", "b"]), zones.read(["a", "b"]), zones.read(["b"])]);

    expect(asked()).toHaveLength(1);
  });

  it("are done without when EC2 refuses, and asked for again a minute later", async () => {
    ec2
      .on(DescribeSubnetsCommand)
      .rejectsOnce(new Error("refused"))
      .resolves(answer({ a: "1" }));
    const zones = create();

    await zones.read(["a"]);
    await zones.read(["a"]);
    expect(asked()).toHaveLength(1);
    expect(zones.of("a")).toBeUndefined();
    expect(logger.warn).toHaveBeenCalledTimes(1);
    time += MINUTE;
    await zones.read(["a"]);

    expect(zones.of("a")).toBe("1");
  });

  it("of a subnet that does not show yet are asked for again a minute later", async () => {
    ec2
      .on(DescribeSubnetsCommand)
      .resolvesOnce(answer({}))
      .resolves(answer({ a: "1" }));
    const zones = create();

    await zones.read(["a"]);
    await zones.read(["a"]);
    time += MINUTE;
    await zones.read(["a"]);

    expect(asked()).toHaveLength(2);
    expect(zones.of("a")).toBe("1");
  });
});
