import { placeOf, readable } from "../../../scripts/plan-review/construct-paths";

const paths = new Map([["aws_sqs_queue.My_team_Queue_63592750", "My_team/Queue"]]);

describe("the construct of a resource", () => {
  it.each([
    ["aws_iam_role.Runners_Launcher_Launch_Role_5494C672", "Runners/Launcher", "Launch/Role"],
    ["aws_sqs_queue.Runners_Queue_63592750", "Runners", "Queue"],
    [
      "aws_launch_template.Runners_Launcher_Template-linux-x64_LaunchTemplate_1699ECB5",
      "Runners/Launcher",
      "Template-linux-x64/LaunchTemplate",
    ],
    ["aws_vpc.Vpc", "", "Vpc"],
    ["aws_vpc.my_vpc", "", "my_vpc"],
    [
      'aws_subnet.Runners_Network_Subnet_0123ABCD["a/b.c_0123ABCD"]',
      "Runners/Network",
      'Subnet["a/b.c_0123ABCD"]',
    ],
    ["aws_subnet.Runners_Network_Subnet_0123ABCD[0]", "Runners/Network", "Subnet[0]"],
    ["module.team.aws_vpc.main", "module.team", "aws_vpc.main"],
  ])("%s stands in its address", (address, group, name) => {
    expect(placeOf(address, new Map())).toEqual({ group, name });
  });

  it("is what the stack says, where an id holds an underscore", () => {
    const address = "aws_sqs_queue.My_team_Queue_63592750";

    expect(placeOf(address, new Map())).toEqual({ group: "My/team", name: "Queue" });
    expect(placeOf(address, paths)).toEqual({ group: "My_team", name: "Queue" });
  });

  it("is named in references", () => {
    const text = "${aws_sqs_queue.My_team_Queue_63592750.arn}/x ${aws:userid} ${var.a.b}";

    expect(readable(text, paths)).toBe("${My_team/Queue.arn}/x ${aws:userid} ${var.a.b}");
  });
});
