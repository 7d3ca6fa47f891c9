import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMENT_LIMIT } from "../../../scripts/plan-review/markdown/fit";
import { reportMarkdown } from "../../../scripts/plan-review/markdown/report";
import { recordedReview, SCENARIOS, SECOND_DAY, SECOND_DAY_KINDS } from "./recorded";
import type { Scenario } from "./recorded";

/** What reviewers see of six real plans. Look at the difference in git before it is committed. */
describe.each(SCENARIOS)("the review of a real plan, %s,", (name) => {
  it.each([
    ["alone", false],
    ["with its stack", true],
  ])("%s, is as it was reviewed, and always the same", (_, withStack) => {
    const path = join(__dirname, "golden", `${name}${withStack ? ".stack" : ""}.golden.md`);

    const markdown = reportMarkdown(recordedReview(name, withStack));
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, markdown);

    expect(markdown).toBe(readFileSync(path, "utf8"));
    expect(reportMarkdown(recordedReview(name, withStack))).toBe(markdown);
    expect(markdown.length).toBeLessThan(COMMENT_LIMIT);
  });
});

describe("the review of a change of what stands", () => {
  it.each(SECOND_DAY)("%s, is as it was reviewed", (name) => {
    const path = join(__dirname, "golden", `${name}.golden.md`);

    const markdown = reportMarkdown(recordedReview(name));
    if (process.env.UPDATE_GOLDEN) writeFileSync(path, markdown);

    expect(markdown).toBe(readFileSync(path, "utf8"));
    expect(markdown.length).toBeLessThan(COMMENT_LIMIT);
  });
});

describe("the verdict, in the first line,", () => {
  it.each([
    ["first-apply", /^## 🟡 Read before you merge: 1 thing not visible; 8\d to create\.$/],
    ["no-change", /^## 🟢 Nothing changes: 8\d resources stay as they are\.$/],
    ["user-data-change", /^## 🟡 Read before you merge: 1 code change, .*; 4 to change\.$/],
    ["new-fleet", /^## 🟡 Read before you merge: .*6 to create, 7 to change\.$/],
    [
      "removed-fleet",
      /^## 🔴 Stop and read: 1 store destroyed, 1 fleet that jobs may wait for, 5 resources destroyed, .*; 7 to change, 6 to destroy\.$/,
    ],
    ["ordinary-week", /^## 🟡 Read before you merge: 5 code changes, .*; 62 to change\.$/],
    ["another-cidr", /^## 🟡 Read before you merge: 1 network taken from machines, 16 resources replaced, /],
    ["fewer-zones", /^## 🟡 Read before you merge: 1 network taken from machines, 2 resources destroyed, /],
    [
      "app-webhook",
      /^## 🔴 Stop and read: 1 door to the public, 2 resources left at GitHub, 1 gap without events, /,
    ],
    ["key-taken-out", /^## 🔴 Stop and read: 1 key lost to its readers, /],
    ["lists-taken-out", /^## 🔴 Stop and read: 1 door to the public, 2 allow-lists lost, /],
    ["another-prefix", /^## 🔴 Stop and read: 1 move of the installation, /],
    ["another-organization", /^## 🔴 Stop and read: 1 move of the installation, 1 resource left at GitHub, /],
    ["another-region", /^## 🔴 Stop and read: 1 move of the installation, /],
    ["hostile", /^## 🔴 Stop and read: 4 rights widened, 1 way out opened, 1 way in opened, /],
  ] as const)("tells of %s what it is", (name, verdict) => {
    const [first] = reportMarkdown(recordedReview(name)).split("\n");

    expect(first).toMatch(verdict);
  });

  it("tells of a first apply that it is routine where the stack beside it shows what its policies will say", () => {
    expect(reportMarkdown(recordedReview("first-apply", true))).toMatch(/^## 🟢 Routine: 8\d to create\.\n/);
  });
});

describe("the review of a hostile pull request", () => {
  const { matters } = recordedReview("hostile");
  const of = (kind: string): readonly string[] =>
    matters.filter((one) => one.kind === kind).map(({ place }) => `${place.group}/${place.name}`);

  it("finds every hole, whose kinds come in the order in which they matter", () => {
    expect(of("iam-widened")).toEqual([
      "Runners/Launcher/Launch/Role",
      "Runners/Launcher/Launch/Role",
      "Runners/Launcher/Template-linux-x64/Role",
      "Runners/Launcher/Launch/Role",
    ]);
    expect(of("egress-opened")).toEqual(["Runners/Network/HttpsEgress"]);
    expect(of("ingress-opened")).toEqual(["/Ssh"]);
    expect(of("public-access")).toEqual(["/Door", "Runners/RunnerGroup"]);
    expect(of("code-changed")).toEqual([
      "Runners/Webhook/Function",
      "Runners/Launcher/Template-linux-x64/LaunchTemplate",
    ]);
    expect(of("protection-lost")).toEqual([
      "Runners/Launcher/Tables/Ledger",
      "Runners/Launcher/Template-linux-x64/LaunchTemplate",
    ]);
    expect(of("destroyed")).toEqual(["Runners/Sweeper/MachineHoursAlarm"]);
    expect(matters[0]!.kind).toBe("iam-widened");
  });

  it("names the controls that are lost", () => {
    const told = matters
      .filter(({ kind }) => kind === "control-lost")
      .map(({ text }) => JSON.stringify(text[1]));

    expect(told).toEqual(
      ["4", "7", "9", "13", "20", "21", "22", "29"].map((quoted) => JSON.stringify({ quoted })),
    );
  });
});

const kindsOf = (name: Scenario): readonly string[] => [
  ...new Set(
    recordedReview(name)
      .matters.map(({ kind }) => kind)
      .filter((kind) => SECOND_DAY_KINDS.includes(kind)),
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
    ["app-webhook", ["hook-left", "public-access", "events-gap"]],
    ["key-taken-out", ["key-lost"]],
    ["lists-taken-out", ["public-access", "allow-list-lost"]],
    ["another-prefix", ["moved-away", "ground-taken"]],
    ["another-organization", ["moved-away", "hook-left", "events-gap"]],
    ["another-region", ["moved-away"]],
  ])("of %s rings what it is about, and nothing else", (name, kinds) => {
    expect(kindsOf(name)).toEqual(kinds);
  });
});
