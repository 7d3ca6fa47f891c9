import { RunnerLauncher } from "../../constructs/runner-launcher";
import { Sweeper } from "../../constructs/sweeper";
import { statements, synthesize, type Attributes } from "../support/synth";

const build = () =>
  synthesize((stack) => {
    const launcher = new RunnerLauncher(stack, "L", {
      prefix: "acme",
      fleets: [
        { name: "linux", labels: ["linux"] },
        { name: "arm", labels: ["arm"], architecture: "arm64" },
      ],
      network: { subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] },
      queue: { arn: "arn:queue" },
      github: { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: "acme" },
      registration: "jit",
      tokenParameter: "/acme/token",
      rotateFunction: { arn: "arn:rotate", functionName: "rotate" },
      runnerGroup: { id: "7", name: "ephemeral" },
    });
    new Sweeper(stack, "S", { prefix: "acme", launcher });
  });

type Function = Attributes & { environment: { variables: Record<string, string> } };

const functions = (synthesized: ReturnType<typeof build>): Record<string, Function> =>
  Object.fromEntries(
    Object.values(synthesized.resources("aws_lambda_function")).map((one) => [
      String(one.function_name),
      one as Function,
    ]),
  );

describe("Sweeper", () => {
  it("runs every 2 minutes, and never beside itself", () => {
    const synthesized = build();

    expect(synthesized.resource("aws_cloudwatch_event_rule")).toMatchObject({
      name: "acme-sweep",
      schedule_expression: "rate(2 minutes)",
    });
    expect(functions(synthesized)["acme-sweep"]?.timeout).toBeLessThan(120);
  });

  it("is invoked by its own rule only", () => {
    const synthesized = build();

    expect(synthesized.resource("aws_cloudwatch_event_target")).toMatchObject({
      rule: expect.stringMatching(/^\$\{aws_cloudwatch_event_rule\.S_Rule_\w+\.name\}$/) as string,
      arn: expect.stringMatching(/^\$\{aws_lambda_function\.S_Sweep_Function_\w+\.arn\}$/) as string,
    });
    expect(synthesized.resource("aws_lambda_permission")).toMatchObject({
      action: "lambda:InvokeFunction",
      principal: "events.amazonaws.com",
      source_arn: expect.stringMatching(/^\$\{aws_cloudwatch_event_rule\.S_Rule_\w+\.arn\}$/) as string,
    });
  });

  it("knows what the launch function knows, and the fleets", () => {
    const { "acme-launch": launch, "acme-sweep": sweep } = functions(build());
    const settings = (one?: Function): object =>
      JSON.parse(one?.environment.variables.SETTINGS ?? "") as object;

    expect(settings(sweep)).toEqual({ ...settings(launch), fleets: ["linux", "arm"] });
    expect(sweep?.environment.variables.FLEETS_REVISION).toBe(launch?.environment.variables.FLEETS_REVISION);
  });

  it("may do what the launch function may, less the queue", () => {
    const policies = Object.values(build().resources("aws_iam_role_policy"));
    const of = (name: string): object => statements(policies.find((one) => one.name === name)?.policy);

    const { ReadQueue, WriteLogs, ...launch } = of("acme-launch") as Record<string, unknown>;
    expect(of("acme-sweep")).toEqual({ ...launch, WriteLogs: expect.anything() as object });
    expect([ReadQueue, WriteLogs]).not.toContain(undefined);
  });
});
