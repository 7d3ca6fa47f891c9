import { plainText } from "../../../scripts/plan-review/phrase";
import { SECOND_DAY, recordedReview } from "./recorded";
import { smallReview } from "./small-plan";
import type { Made } from "./small-plan";
import type { Scenario } from "./recorded";

/** What the review tells of a change to what stands: each matter by a plan that has it, and by one that must not ring. */

type Resources = Readonly<Record<string, Made>>;
type Values = Readonly<Record<string, unknown>>;

const KINDS = [
  "moved-away",
  "allow-list-lost",
  "public-access",
  "key-lost",
  "hook-left",
  "ground-taken",
  "jobs-stranded",
  "events-gap",
  "shared-zone",
];

const found = (resources: Resources, more?: Values): readonly string[] =>
  smallReview(resources, more)
    .matters.filter(({ kind }) => KINDS.includes(kind))
    .map(({ kind, level, address, text }) => `${kind} ${level} ${address}: ${plainText(text)}`);

const TAGS = { "ephemeral-runners:installation": "runners" };
const tagged = (values: Values): Values => ({ ...values, tags: TAGS });
const same = (values: Values): Made => ({ before: values, after: values });

const withSettings = (settings: Values): Values =>
  tagged({
    environment: [{ variables: { SETTINGS: JSON.stringify({ installation: "runners", ...settings }) } }],
  });

const WEBHOOK = "aws_lambda_function.webhook";
const ROTATION = "aws_lambda_function.rotation";

const settingsChange = (address: string, before: Values, after: Values): Resources => ({
  [address]: { before: withSettings(before), after: withSettings(after) },
});

/** A function that stays as it is, so that something stands. */
const STANDING: Resources = { "aws_lambda_function.sweep": same(withSettings({})) };

const fleet = (name: string, settings: Values): Values => ({
  name: `/runners/fleets/${name}`,
  type: "String",
  insecure_value: JSON.stringify({
    labels: ["linux"],
    runnerGroupId: "7",
    subnetIds: ["subnet-1"],
    ...settings,
  }),
});

describe("whom an installation serves", () => {
  const SERVED = {
    owner: "acme",
    publicRepositories: false,
    repositories: ["acme/a"],
    sourceAddresses: ["1.2.3.0/24"],
  };

  it.each<[string, Values, readonly string[]]>([
    ["as before is no matter", {}, []],
    ["by another list is no matter", { repositories: ["acme/b"], sourceAddresses: ["1.2.4.0/24"] }, []],
    [
      "without a list of repositories",
      { repositories: undefined },
      [
        `allow-list-lost danger ${WEBHOOK}: repositories is taken out: all repositories of the organization are served`,
      ],
    ],
    [
      "without a list of addresses",
      { sourceAddresses: undefined },
      [
        `allow-list-lost danger ${WEBHOOK}: sourceAddresses is taken out: deliveries may come from anywhere, and their signature alone decides`,
      ],
    ],
    [
      "in public",
      { publicRepositories: true },
      [
        `public-access danger ${WEBHOOK}: jobs of public repositories are served: whoever opens a pull request there runs code on the machines`,
      ],
    ],
  ])("%s", (_, after, matters) => {
    expect(found(settingsChange(WEBHOOK, SERVED, { ...SERVED, ...after }))).toEqual(matters);
  });

  const pieces = (address: string, revision: string, settings: Values): Resources => {
    const text = JSON.stringify(settings);
    const cut = Math.ceil(text.length / 2);
    return Object.fromEntries(
      [text.slice(0, cut), text.slice(cut)].map((insecure_value, index) => {
        const values = {
          name: `/runners/settings/webhook/${revision}/${index}`,
          type: "String",
          insecure_value,
        };
        return [
          `aws_ssm_parameter.${address}${index}`,
          revision === "old" ? { before: values } : { after: values },
        ];
      }),
    );
  };
  const movedTo = (revision: string): Values => ({
    owner: "acme",
    publicRepositories: false,
    settingsParameters: [0, 1].map((index) => `/runners/settings/webhook/${revision}/${index}`),
  });
  const listsOf = ({ repositories, sourceAddresses }: Values): Values => ({ repositories, sourceAddresses });

  it("is read where the lists stand in parameters", () => {
    const moves = (after: Values): Resources => ({
      ...settingsChange(WEBHOOK, movedTo("old"), movedTo("new")),
      ...pieces("old", "old", listsOf(SERVED)),
      ...pieces("new", "new", after),
    });

    expect(found(moves({ ...listsOf(SERVED), repositories: ["acme/b"] }))).toEqual([]);
    expect(found(moves({ repositories: ["acme/a"] }))).toEqual([
      expect.stringContaining("sourceAddresses is taken out"),
    ]);
  });

  it("is not guessed where a piece is known after the apply only", () => {
    const { "aws_ssm_parameter.new1": _, ...rest } = pieces("new", "new", {});

    expect(
      found({
        ...settingsChange(WEBHOOK, movedTo("old"), movedTo("new")),
        ...pieces("old", "old", listsOf(SERVED)),
        ...rest,
      }),
    ).toEqual([]);
  });

  it("is told when machines join the group that all share", () => {
    const change = (after: Values): Resources => ({
      "aws_ssm_parameter.f": { before: fleet("x64", {}), after: fleet("x64", after) },
    });

    expect(found(change({ runnerGroupId: "1" }))).toEqual([
      "public-access attention aws_ssm_parameter.f: machines join GitHub's default group: look at GitHub whether it serves public repositories",
    ]);
    expect(found(change({ runnerGroupId: "8" }))).toEqual([]);
  });
});

describe("the ground under machines", () => {
  const subnet = (id: string, zone: string, more: Values = {}): Values =>
    tagged({ id, vpc_id: "vpc-1", availability_zone: zone, ...more });
  const actions = ["create", "delete"];
  const ring = (resources: Resources): readonly string[] =>
    found({ ...STANDING, "aws_vpc.v": same(tagged({ id: "vpc-1" })), ...resources });

  it("is told as lost when it is destroyed before its dependents move", () => {
    const matters = ring({
      "aws_subnet.a": { before: subnet("subnet-1", "a") },
      "aws_route_table_association.a": { before: { subnet_id: "subnet-1", route_table_id: "rtb-1" } },
    });

    expect(matters).toEqual([
      expect.stringMatching(
        /^ground-taken danger aws_subnet\.a: .*\(a subnet and the route table of a subnet\): jobs fail, .*empty the fleets first/,
      ),
    ]);
  });

  it("is told with less alarm when the new one is made first", () => {
    const matters = ring({
      "aws_vpc.v": { before: tagged({ id: "vpc-1" }), after: tagged({ id: "vpc-1" }), actions },
    });

    expect(matters).toEqual([
      expect.stringMatching(
        /^ground-taken attention aws_vpc\.v: is made anew before the old goes \(the VPC\)/,
      ),
    ]);
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

describe("events", () => {
  const KIND = (kind?: string): Values => ({
    credential: {},
    ...(kind !== undefined && { webhook: { kind } }),
  });
  const HOOK = "github_organization_webhook.h";
  const hook = { id: "1", configuration: [{ url: "https://a" }] };

  it.each<[string, string | undefined, string | undefined, RegExp]>([
    [
      "to the App's",
      "organization",
      "app",
      /from organization to app: .* until the rotation has run, seconds later\./,
    ],
    ["to one of the team's own", "organization", undefined, /to manual: .* until you have set the webhook/],
  ])("have a gap when the webhook changes %s", (_, before, after, text) => {
    const matters = found(
      {
        ...settingsChange(ROTATION, KIND(before), KIND(after)),
        [HOOK]: { before: hook },
        "github_actions_runner_group.g": same({ id: "7" }),
      },
      PROVIDER,
    );

    expect(matters).toEqual([
      expect.stringMatching(new RegExp(`^events-gap attention ${ROTATION}: .*${text.source}`)),
    ]);
  });

  it("have none while the webhook stays, whatever else the rotation is told", () => {
    expect(
      found({
        ...settingsChange(ROTATION, KIND("app"), { ...KIND("app"), rerunInterrupted: false }),
        [HOOK]: same(hook),
      }),
    ).toEqual([]);
  });

  it.each<[string, Made]>([
    ["is made anew", { before: hook, after: hook, actions: ["delete", "create"] }],
    ["is made", { after: hook }],
  ])("have a gap when the webhook %s", (_, made) => {
    expect(found({ ...STANDING, [HOOK]: made })).toEqual([
      expect.stringMatching(/^events-gap attention github_organization_webhook\.h: no event is taken until/),
    ]);
    // With the whole installation it is no gap.
    expect(found({ "aws_lambda_function.sweep": { after: withSettings({}) }, [HOOK]: made })).toEqual([]);
  });

  it("go to an old address for a while when the API is made anew", () => {
    const api = tagged({ id: "api" });

    expect(
      found({
        ...STANDING,
        "aws_apigatewayv2_api.a": { before: api, after: api, actions: ["delete", "create"] },
      }),
    ).toEqual([
      expect.stringMatching(/^events-gap attention aws_apigatewayv2_api\.a: GitHub sends to the old address/),
    ]);
    expect(
      found({ ...STANDING, "aws_apigatewayv2_api.a": { before: api, after: { ...api, name: "b" } } }),
    ).toEqual([]);
  });

  it("go on from a webhook that is forgotten", () => {
    const forgotten = { before: hook, actions: ["forget"] };

    expect(found({ ...STANDING, [HOOK]: forgotten }, PROVIDER)).toEqual([
      expect.stringMatching(/^hook-left danger github_organization_webhook\.h: goes on sending/),
    ]);
  });

  it("go on from what is destroyed without its provider", () => {
    const gone = { ...STANDING, "github_actions_runner_group.g": { before: { id: "7" } } };

    expect(found(gone)).toEqual([
      expect.stringMatching(
        /^hook-left danger github_actions_runner_group\.g: .*"is a user".*Keep the provider/,
      ),
    ]);
    expect(found(gone, PROVIDER)).toEqual([]);
  });
});

const PROVIDER: Values = {
  configuration: {
    provider_config: { github: { name: "github", expressions: { owner: { constant_value: "acme" } } } },
    root_module: {},
  },
};

describe("an installation that moves", () => {
  const drift = (...addresses: readonly string[]): Values => ({
    resource_drift: addresses.map((address) => ({
      address,
      mode: "managed",
      type: address.split(".")[0],
      change: { actions: ["delete"], before: {}, after: null },
    })),
  });
  const queues = ["a", "b", "c", "d", "e", "f"].map((name) => `aws_sqs_queue.${name}`);
  const anew = Object.fromEntries(queues.map((address) => [address, { after: { name: address } }]));

  it("is told when most of its state is not found", () => {
    expect(found({ ...STANDING, ...anew }, drift(...queues))).toEqual([
      expect.stringMatching(
        /^moved-away danger : 6 of 7 resources that the state knows are not there, where this plan looked\. Is it another region, account or state\?/,
      ),
    ]);
  });

  it("is not suspected when somebody deleted a few things", () => {
    const rest = Object.fromEntries(["k", "l", "m"].map((name) => [`aws_sqs_queue.${name}`, same({ name })]));

    expect(found({ ...STANDING, ...anew }, drift(...queues.slice(0, 2)))).toEqual([]);
    expect(found({ ...STANDING, ...rest, ...anew }, drift(...queues.slice(0, 4)))).toEqual([]);
  });

  it("leaves a webhook behind when GitHub does not find it", () => {
    const hook = "github_organization_webhook.h";

    expect(found({ ...STANDING, [hook]: { after: { name: "h" } } }, drift(hook))).toEqual([
      expect.stringMatching(
        /^hook-left danger : not found at GitHub, where this plan looked: github_organization_webhook\.h\./,
      ),
      expect.stringMatching(/^events-gap/),
    ]);
  });

  it("is told by the owner, whose case does not count", () => {
    const owner = (name: string): Values => ({ owner: name, publicRepositories: false });

    expect(found(settingsChange(WEBHOOK, owner("acme"), owner("Acme")))).toEqual([]);
    expect(found(settingsChange(WEBHOOK, owner("acme"), owner("other")))).toEqual([
      expect.stringMatching(
        /^moved-away danger aws_lambda_function\.webhook: serves other in place of acme: webhook/,
      ),
    ]);
  });

  it("is told by the prefix", () => {
    const queue = (prefix: string): Values => ({
      tags: { "ephemeral-runners:installation": prefix, team: "a" },
    });

    expect(
      found({ "aws_sqs_queue.q": { before: queue("a"), after: queue("b"), actions: ["delete", "create"] } }),
    ).toEqual([
      expect.stringMatching(
        /^moved-away danger : the prefix changes from a to b: queue, ledger and tokens are destroyed/,
      ),
    ]);
    expect(found({ "aws_sqs_queue.q": { before: queue("a"), after: { ...queue("a"), name: "x" } } })).toEqual(
      [],
    );
  });
});

describe("readers of a key", () => {
  const KEY = "arn:aws:kms:eu-central-1:123456789012:key/old";
  const OTHER = "arn:aws:kms:eu-central-1:123456789012:key/new";
  const policy = (...keys: readonly string[]): Values => ({
    name: "runners-launch",
    role: "runners-launch",
    policy: JSON.stringify({
      Statement: [{ Effect: "Allow", Action: ["kms:Decrypt"], Resource: keys }],
    }),
  });
  const table = (key: string): Values => ({
    name: "t",
    server_side_encryption: [{ enabled: true, kms_key_arn: key }],
  });
  const queue = (key?: string): Values => ({ name: "q", kms_master_key_id: key });
  const change = (after: Values, stores: Resources): readonly string[] =>
    found({ "aws_iam_role_policy.p": { before: policy(KEY), after }, ...stores });

  it.each<[string, Resources]>([
    ["a table that keeps it", { "aws_dynamodb_table.s": same(table(KEY)) }],
    [
      "a queue whose messages lie under it",
      { "aws_sqs_queue.s": { before: queue(KEY), after: queue(OTHER) } },
    ],
    ["a parameter", { "aws_ssm_parameter.s": same({ name: "/p", type: "SecureString", key_id: KEY }) }],
  ])("are told when they lose that of %s", (_, stores) => {
    expect(change(policy(OTHER), stores)).toEqual([
      `key-lost danger : can no longer use the key ${KEY}: runners-launch. Under it lie s, which nobody can read then: keep the key as a former one until nothing lies under it (docs/changing.md)`,
    ]);
  });

  it("are told with less alarm where the plan shows nothing that lies under it", () => {
    expect(change(policy(OTHER), {})).toEqual([
      expect.stringMatching(
        /^key-lost attention : can no longer use the key .*store it again under the new key/,
      ),
    ]);
  });

  it("are not told while they keep the old key, or where the store is made anew", () => {
    expect(change(policy(OTHER, KEY), { "aws_dynamodb_table.s": same(table(KEY)) })).toEqual([]);
    expect(
      change(policy(OTHER), {
        "aws_dynamodb_table.s": { before: table(KEY), after: table(OTHER), actions: ["delete", "create"] },
      }).filter((text) => text.includes("danger")),
    ).toEqual([]);
  });
});

describe("jobs that wait", () => {
  const PARAMETER = "aws_ssm_parameter.f";

  it("are told of a fleet that is taken out or relabelled", () => {
    expect(found({ ...STANDING, [PARAMETER]: { before: fleet("x64", {}) } })).toEqual([
      expect.stringMatching(/^jobs-stranded attention aws_ssm_parameter\.f: fleet x64 is taken out: /),
    ]);
    expect(
      found({
        ...STANDING,
        [PARAMETER]: { before: fleet("x64", {}), after: fleet("x64", { labels: ["other"] }) },
      }),
    ).toEqual([
      expect.stringMatching(/fleet x64 gets other labels: jobs that wait for it go to another fleet/),
    ]);
  });

  it("are not told of a fleet that is added, keeps its labels, or goes with all else", () => {
    const more = {
      before: fleet("x64", { labels: ["a", "b"] }),
      after: fleet("x64", { labels: ["b", "a"] }),
    };

    expect(found({ ...STANDING, [PARAMETER]: { after: fleet("x64", {}) } })).toEqual([]);
    expect(found({ ...STANDING, [PARAMETER]: more })).toEqual([]);
    expect(
      found({
        "aws_lambda_function.sweep": { before: withSettings({}) },
        [PARAMETER]: { before: fleet("x64", {}) },
      }),
    ).toEqual([]);
  });
});

const kindsOf = (name: Scenario): readonly string[] => [
  ...new Set(
    recordedReview(name)
      .matters.map(({ kind }) => kind)
      .filter((kind) => KINDS.includes(kind)),
  ),
];

describe("a real plan", () => {
  it.each(["first-apply", "no-change", "user-data-change", "new-fleet", "ordinary-week"] as const)(
    "of an ordinary change rings nothing: %s",
    (name) => {
      expect(kindsOf(name)).toEqual([]);
      expect(recordedReview(name).level).not.toBe("danger");
    },
  );

  it.each<[(typeof SECOND_DAY)[number], readonly string[]]>([
    ["another-cidr", ["ground-taken"]],
    ["fewer-zones", ["ground-taken"]],
    ["app-webhook", ["hook-left", "events-gap"]],
    ["key-taken-out", ["key-lost"]],
    ["lists-taken-out", ["public-access", "allow-list-lost"]],
    ["another-prefix", ["moved-away", "ground-taken"]],
    ["another-region", ["moved-away"]],
  ])("of %s rings what it is about, and nothing else", (name, kinds) => {
    expect(kindsOf(name)).toEqual(kinds);
  });
});
