import { found, tagged, same, withSettings, STANDING, fleet } from "./plans";
import type { Resources, Values } from "./plans";

describe("the ground under machines", () => {
  const subnet = (id: string, zone: string, more: Values = {}): Values =>
    tagged({ id, vpc_id: "vpc-1", availability_zone: zone, ...more });
  const ring = (resources: Resources): readonly string[] =>
    found({ ...STANDING, "aws_vpc.v": same(tagged({ id: "vpc-1" })), ...resources });

  const MAIN = "aws_main_route_table_association.m";
  const main = { vpc_id: "vpc-1", route_table_id: "rtb-1" };
  const taken: Resources = {
    "aws_subnet.a": { before: subnet("subnet-1", "a") },
    "aws_route_table_association.a": { before: { subnet_id: "subnet-1", route_table_id: "rtb-1" } },
  };

  it("goes after its machines, where an apply before has laid down the order", () => {
    expect(ring({ ...taken, [MAIN]: same(main) })).toEqual([
      expect.stringMatching(
        /^ground-taken attention aws_subnet\.a: goes when its last machine has ended.*\(a subnet and the route table of a subnet\).*up to 20 minutes/,
      ),
    ]);
  });

  it("is told as lost where none has", () => {
    const lost: unknown = expect.stringMatching(
      /^ground-taken danger aws_subnet\.a: .*\(a subnet and the route table of a subnet\): jobs fail, .*apply this release with the configuration as it was first/,
    );

    expect(ring(taken)).toEqual([lost]);
    expect(ring({ ...taken, [MAIN]: { after: main } })).toEqual([lost]);
  });

  it("is told as lost where no subnet holds up the way out", () => {
    const group = tagged({ id: "sg-1", vpc_id: "vpc-9" });

    expect(
      ring({
        [MAIN]: same(main),
        "aws_security_group.g": { before: group },
        "aws_vpc_security_group_egress_rule.r": { before: { security_group_id: "sg-1" } },
      }),
    ).toEqual([
      expect.stringMatching(
        /^ground-taken danger aws_security_group\.g: .*\(the security group and a way out\), their way out with it/,
      ),
    ]);
  });

  it("is no matter where an earlier apply left of it what has no subnets any more", () => {
    const deposed = { deposed: "1a2b3c4d" };
    const vpc = { before: tagged({ id: "vpc-0" }), more: deposed };
    const old = { "aws_vpc.v": vpc, "aws_subnet.a": { before: subnet("subnet-1", "a"), more: deposed } };

    expect(found({ ...STANDING, "aws_vpc.v": vpc })).toEqual([]);
    expect(found({ ...STANDING, "aws_vpc.v": { before: vpc.before } })).toHaveLength(1);
    expect(found({ ...STANDING, ...old })).toHaveLength(1);
  });

  it("keeps its way to GitHub when port 80 is closed", () => {
    const rule = (port: number): Values => tagged({ security_group_id: "sg-1", from_port: port });
    const [https, http] = ["aws_vpc_security_group_egress_rule.s", "aws_vpc_security_group_egress_rule.h"];

    expect(ring({ [https]: same(rule(443)), [http]: { before: rule(80) } })).toEqual([
      expect.stringMatching(/^ground-taken attention .*\.h: a way out closes for machines that run, too/),
    ]);
    for (const plan of [
      { [https]: { before: rule(443) }, [http]: same(rule(80)) },
      { [https]: { before: rule(443) }, [http]: { before: rule(80) } },
      { [https]: same({ ...rule(443), security_group_id: "sg-2" }), [http]: { before: rule(80) } },
    ])
      expect(ring(plan)).toEqual([expect.stringMatching(/^ground-taken danger/)]);
  });

  it("is told of a team's own subnet that machines are launched in", () => {
    const own = { id: "subnet-1", availability_zone: "a" };

    expect(
      ring({ "aws_subnet.own": { before: own }, "aws_ssm_parameter.f": same(fleet("x64", {})) }),
    ).toEqual([expect.stringMatching(/^ground-taken danger aws_subnet\.own/)]);
    expect(ring({ "aws_subnet.own": { before: { ...own, id: "subnet-9" } } })).toEqual([]);
  });

  it("is left alone by tags, by what is added, and where nothing goes on standing", () => {
    expect(
      ring({
        "aws_subnet.a": { before: subnet("subnet-1", "a"), after: subnet("subnet-1", "a", { tags_all: {} }) },
        "aws_subnet.b": { after: subnet("", "b") },
      }),
    ).toEqual([]);
    expect(
      found({
        "aws_lambda_function.sweep": { before: withSettings({}) },
        "aws_vpc.v": { before: tagged({ id: "vpc-1" }) },
      }),
    ).toEqual([]);
  });

  it("has one subnet a zone", () => {
    const one = same(subnet("subnet-1", "a"));

    expect(ring({ "aws_subnet.a": one, "aws_subnet.b": { after: subnet("", "b") } })).toEqual([]);
    expect(ring({ "aws_subnet.a": { after: subnet("", "a") }, "aws_subnet.b": one })).toEqual([
      "shared-zone attention aws_subnet.a: stands in a, as b does: a launch names one subnet of a zone, so the two only take turns; give each a zone of its own",
    ]);
  });

  it("is not told again of two subnets that stood in one zone", () => {
    const both = {
      "aws_subnet.a": same(subnet("subnet-1", "a")),
      "aws_subnet.b": same(subnet("subnet-2", "a")),
    };
    const parameter = { "aws_ssm_parameter.f": same(fleet("x64", { subnetIds: ["subnet-1", "subnet-2"] })) };

    expect(ring({ ...both, ...parameter })).toEqual([]);
  });

  it("is looked up in data sources, for subnets that are given", () => {
    const data = (id: string): Values => ({
      address: `data.aws_subnet.${id}`,
      mode: "data",
      type: "aws_subnet",
      values: { id, availability_zone: "a" },
    });
    const prior_state = {
      values: { root_module: { resources: ["subnet-1", "subnet-2", "subnet-3"].map(data) } },
    };
    const change = {
      "aws_ssm_parameter.f": {
        before: fleet("x64", {}),
        after: fleet("x64", { subnetIds: ["subnet-1", "subnet-2"] }),
      },
    };

    expect(found({ ...STANDING, ...change }, { prior_state })).toEqual([
      expect.stringMatching(/^shared-zone attention data\.aws_subnet\.subnet-2: stands in a/),
    ]);
  });
});
