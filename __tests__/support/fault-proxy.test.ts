import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { restClient } from "../../functions/rotate-tokens/rest-client";
import { idsIn, startEc2StandIn, type Ec2StandIn } from "./ec2-stand-in";
import { awsRefusal, githubRefusal, withFaults, type FaultProxyOptions } from "./fault-proxy";
import { Faults, type FaultKind } from "./faults";
import { GithubServer } from "./github-server";
import { describeGithubCall, startProxy, type Proxy } from "./proxy";
import { AwsThrottle } from "./token-buckets";

const GENERATE = "POST /orgs/acme/actions/runners/generate-jitconfig";

let aws: Ec2StandIn;

beforeEach(async () => {
  aws = await startEc2StandIn();
});

afterEach(() => aws.stop());

describe("a call to AWS", () => {
  const faulty = (kind: FaultKind, more: Partial<FaultProxyOptions> = {}) => {
    const faults = new Faults();
    faults.plan("ec2:CreateFleet", kind);
    withFaults(aws.proxy, { faults, refusal: awsRefusal, ...more });
  };

  it.each([
    ["error", "InternalError", 500],
    ["throttle", "RequestLimitExceeded", 503],
  ] as const)("that meets an %s is refused with %s, and does nothing", async (kind, name, status) => {
    faulty(kind);

    await expect(aws.launch(2)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } });
    expect(aws.made).toEqual([]);
  });

  it("whose answer is lost has taken effect", async () => {
    faulty("lostAnswer");

    await expect(aws.launch(2)).rejects.toThrow("socket hang up");
    expect(aws.made).toHaveLength(2);
  });

  it.each([
    ["crashBefore", 0],
    ["crashAfter", 2],
  ] as const)("over which its function dies (%s) gets no answer", async (kind, machines) => {
    const dead: string[] = [];
    faulty(kind, { crash: ({ name }) => dead.push(name) });

    await expect(aws.launch(2)).rejects.toThrow("socket hang up");
    expect(dead).toEqual(["ec2:CreateFleet"]);
    expect(aws.made).toHaveLength(machines);
  });

  it("of somebody who is spared is passed on", async () => {
    faulty("error", { hits: ({ caller }) => caller !== "test" });

    expect(idsIn(await aws.launch(1))).toEqual(["i-1"]);
  });

  it("is passed on unchanged when the bad day is over", async () => {
    const heal = withFaults(aws.proxy, {
      faults: new Faults({ seed: 1, rates: { error: 1 } }),
      refusal: awsRefusal,
    });
    await expect(aws.launch(1)).rejects.toThrow();

    heal();

    expect(idsIn(await aws.launch(1))).toEqual(["i-1"]);
  });

  it("that is too much is throttled as the service does it", async () => {
    withFaults(aws.proxy, { throttle: new AwsThrottle(() => 0), refusal: awsRefusal });
    const ssm = new SSMClient(aws.config);
    const read = () => ssm.send(new GetParametersCommand({ Names: ["/a"] }));
    await Promise.all(Array.from({ length: 40 }, read));

    await expect(read()).rejects.toMatchObject({ name: "ThrottlingException" });
    await aws.launch(600);
    await expect(aws.launch(600, "spot", "other")).rejects.toMatchObject({ name: "RequestLimitExceeded" });
    ssm.destroy();
  });
});

describe("a call to GitHub", () => {
  let github: GithubServer;
  let between: Proxy;

  beforeEach(async () => {
    github = await GithubServer.start({ pats: ["ghp_1"] });
    between = await startProxy(github.url, describeGithubCall);
  });

  afterEach(async () => {
    await between.stop();
    await github.stop();
  });

  const generate = () =>
    restClient({ apiUrl: between.url, token: "ghp_1" }).actions.generateRunnerJitconfigForOrg({
      org: "acme",
      name: "one",
      runner_group_id: 1,
      labels: ["x"],
    });
  const planned = (kind: FaultKind): void => {
    const faults = new Faults();
    faults.plan(GENERATE, kind);
    withFaults(between, { faults, refusal: githubRefusal });
  };

  it.each([
    ["error", { status: 502, limited: false }, 0],
    ["throttle", { status: 403, limited: true, limits: { retryAfter: 60 } }, 0],
    ["lostAnswer", { status: 0 }, 1],
  ] as const)("meets an %s as GitHub words it", async (kind, error, runners) => {
    planned(kind);

    await expect(generate()).rejects.toMatchObject(error);
    expect(github.state.runnersOf("orgs/acme")).toHaveLength(runners);
  });
});
