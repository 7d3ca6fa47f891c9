import { DescribeInstancesCommand, type CreateFleetCommandOutput } from "@aws-sdk/client-ec2";
import { Ec2Capacity, type Shortage } from "./ec2-capacity";
import { idsIn, startEc2StandIn, type Ec2StandIn } from "./ec2-stand-in";
import { awsRefusal, withFaults } from "./fault-proxy";

let aws: Ec2StandIn;

beforeEach(async () => {
  aws = await startEc2StandIn();
});

afterEach(() => aws.stop());

const errorsIn = ({ Errors = [] }: CreateFleetCommandOutput): unknown[] =>
  Errors.map(({ ErrorCode, LaunchTemplateAndOverrides }) => [
    ErrorCode,
    LaunchTemplateAndOverrides?.Overrides?.SubnetId,
  ]);

describe("capacity", () => {
  const short = (...shortages: Shortage[]) => {
    const capacity = new Ec2Capacity();
    for (const shortage of shortages) capacity.short(shortage);
    withFaults(aws.proxy, { capacity, refusal: awsRefusal });
    return capacity;
  };
  const code = "InsufficientInstanceCapacity";

  it("that is short in one zone is had in another, with an error beside the machines", async () => {
    short({ market: "spot", subnetId: "subnet-a", code });

    const answered = await aws.launch(2);

    expect(idsIn(answered)).toHaveLength(2);
    expect(errorsIn(answered)).toEqual([[code, "subnet-a"]]);
    expect(errorsIn(await aws.launch(2, "on-demand", "other"))).toEqual([]);
  });

  it("that is short everywhere gives no machine, and an error for each pool", async () => {
    short({ type: "m7i.large", code });

    const answered = await aws.launch(2);

    expect(idsIn(answered)).toEqual([]);
    expect(errorsIn(answered)).toEqual([
      [code, "subnet-a"],
      [code, "subnet-b"],
    ]);
    expect(aws.made).toEqual([]);
  });

  it("that ends in the middle of a fleet gives the rest of it", async () => {
    short({ code, left: 3 });

    expect(idsIn(await aws.launch(2, "spot", "first"))).toHaveLength(2);
    const second = await aws.launch(2, "spot", "second");

    expect(idsIn(second)).toHaveLength(1);
    expect(errorsIn(second)).toHaveLength(2);
    expect(aws.made).toHaveLength(3);
  });

  it("is drawn on once for a client token, and for no other request under it", async () => {
    short();

    const [first, second] = [await aws.launch(2), await aws.launch(2)];

    expect(idsIn(second)).toEqual(idsIn(first));
    await expect(aws.launch(3)).rejects.toMatchObject({ name: "IdempotentParameterMismatch" });
    expect(aws.made).toHaveLength(2);
  });

  it("can turn out to be missing after the launch had succeeded", async () => {
    const capacity = short();
    await aws.launch(3);
    capacity.failLate("i-2", "Server.InsufficientInstanceCapacity");

    const { Reservations } = await aws.client.send(new DescribeInstancesCommand({}));

    expect(Reservations?.[0]?.Instances?.map(({ StateReason }) => StateReason?.Code)).toEqual([
      "Client.UserInitiatedShutdown",
      "Server.InsufficientInstanceCapacity",
      "Client.UserInitiatedShutdown",
    ]);
  });
});
