import { Token } from "cdktf";
import { fleetArchitecture, fleetInstanceTypes } from "../../constructs/fleet";
import { fleetsMistakes } from "../../constructs/fleet-checks";
import type { FleetProps } from "../../constructs/fleet";

const fleet = (more: Partial<FleetProps> = {}): FleetProps => ({
  name: "linux-x64",
  labels: ["self-hosted", "linux", "x64"],
  ...more,
});

const wrong: [string, Partial<FleetProps>, string][] = [
  [
    "a name with capitals",
    { name: "Linux" },
    'fleets[0].name must be 1 to 20 characters of a-z, 0-9 and "-", and is "Linux".',
  ],
  [
    "a name of 21 characters",
    { name: "a".repeat(21) },
    `fleets[0].name must be 1 to 20 characters of a-z, 0-9 and "-", and is "${"a".repeat(21)}".`,
  ],
  [
    "a name that is a reference",
    { name: Token.asString("${a.b.c}") },
    "fleets[0].name must be a plain value known at synth, not a reference to another resource: write it out, or read it from your configuration.",
  ],
  ["no label", { labels: [] }, "fleets[0].labels must name at least one, and is empty."],
  [
    "an empty label",
    { labels: ["a", ""] },
    'fleets[0].labels[1] is "": a label is neither empty nor has spaces around it.',
  ],
  [
    "a label with a space behind it",
    { labels: ["a "] },
    'fleets[0].labels[0] is "a ": a label is neither empty nor has spaces around it.',
  ],
  [
    "a label with a comma",
    { labels: ["a,b"] },
    'fleets[0].labels[0] is "a,b": GitHub takes a comma for the end of a label. Write two labels instead.',
  ],
  [
    "a label that Parameter Store would refuse at the apply",
    { labels: ["{{ssm:x}}"] },
    'fleets[0].labels[0] is "{{ssm:x}}": Parameter Store takes no "{{" and Terraform no "%{", and a label goes through both.',
  ],
  [
    "a label that Terraform would take for a directive",
    { labels: ["a%{if"] },
    'fleets[0].labels[0] is "a%{if": Parameter Store takes no "{{" and Terraform no "%{", and a label goes through both.',
  ],
  [
    "a label of 257 characters",
    { labels: ["a".repeat(257)] },
    "fleets[0].labels[0] has 257 characters, and GitHub allows 256.",
  ],
  [
    "101 labels",
    { labels: Array.from({ length: 101 }, (_, index) => `l${index}`) },
    "fleets[0].labels has 101 labels, and GitHub allows 100.",
  ],
  [
    "a label twice",
    { labels: ["Linux", "linux"] },
    'fleets[0].labels names "linux" twice; GitHub does not tell cases apart.',
  ],
  [
    "an unknown match",
    { labelMatch: "any" as never },
    'fleets[0].labelMatch must be one of exact, subset, and is "any".',
  ],
  [
    "no instance type",
    { instanceTypes: [] },
    "fleets[0].instanceTypes must name at least one, and is empty.",
  ],
  [
    "what is no instance type",
    { instanceTypes: ["large"] },
    'fleets[0].instanceTypes[0] is "large", which is no instance type: write one such as "m7i.large".',
  ],
  [
    "a slip in a size",
    { instanceTypes: ["m7i.lrge"] },
    'fleets[0].instanceTypes[0] is "m7i.lrge", which is no instance type: write one such as "m7i.large".',
  ],
  [
    "a type of unknown architecture",
    { instanceTypes: ["q1.large"] },
    "The architecture of fleets[0].instanceTypes[0], q1.large, is unknown: set fleets[0].architecture to x64 or arm64.",
  ],
  [
    "types of two architectures",
    { instanceTypes: ["m7i.large", "m7g.large"] },
    "fleets[0].instanceTypes[1], m7g.large, is arm64, and the fleet is x64: a fleet has one image, so make a second fleet.",
  ],
  [
    "a type of another architecture than the fleet's",
    { architecture: "arm64", instanceTypes: ["m7i.large"] },
    "fleets[0].instanceTypes[0], m7i.large, is x64, and the fleet is arm64: a fleet has one image, so make a second fleet.",
  ],
  [
    "an unknown architecture",
    { architecture: "x86_64" as never },
    'fleets[0].architecture must be one of x64, arm64, and is "x86_64": did you mean "x64"?',
  ],
  ["no market", { markets: [] }, "fleets[0].markets must name at least one, and is empty."],
  [
    "an unknown market",
    { markets: ["reserved" as never] },
    'fleets[0].markets[0] must be one of spot, on-demand, and is "reserved".',
  ],
  ["a market twice", { markets: ["spot", "spot"] }, 'fleets[0].markets names "spot" twice.'],
  [
    "no machine",
    { maximumMachines: -1 },
    "fleets[0].maximumMachines must be a whole number from 0 to 1000, and is -1.",
  ],
  [
    "an image twice",
    { imageId: "ami-0123456789abcdef0", imageParameter: "/a" },
    "fleets[0].imageId and fleets[0].imageParameter exclude each other: leave one out.",
  ],
  [
    "a wrong image",
    { imageId: "al2023" },
    'fleets[0].imageId must be an id such as "ami-0123456789abcdef0", and is "al2023".',
  ],
  [
    "a wrong parameter",
    { imageParameter: "resolve:ssm:/a" },
    'fleets[0].imageParameter must be the name of an SSM parameter such as "/acme/runner-image" (an id goes into imageId), and is "resolve:ssm:/a".',
  ],
  [
    "an image's id for its parameter",
    { imageParameter: "ami-0123456789abcdef0" },
    'fleets[0].imageParameter must be the name of an SSM parameter such as "/acme/runner-image" (an id goes into imageId), and is "ami-0123456789abcdef0".',
  ],
  [
    "a wrong device",
    { rootDeviceName: "xvda" },
    'fleets[0].rootDeviceName must be a device such as "/dev/xvda", and is "xvda".',
  ],
  [
    "a small volume",
    { rootVolumeGb: 7 },
    "fleets[0].rootVolumeGb must be a whole number from 8 to 16384 GB, and is 7.",
  ],
  [
    "a fast volume",
    { rootVolumeThroughput: 1001 },
    "fleets[0].rootVolumeThroughput must be a whole number from 125 to 1000 MiB/s, and is 1001.",
  ],
  ["no labels", { labels: undefined }, "fleets[0].labels is missing: it must be a list of texts."],
  ["no name", { name: undefined }, "fleets[0].name is missing: it must be a text."],
  [
    "a text for labels",
    { labels: "linux" as never },
    'fleets[0].labels must be a list of texts, and is "linux".',
  ],
  [
    "a text for commands",
    { setupCommands: "dnf install -y git" as never },
    'fleets[0].setupCommands must be a list of texts, and is "dnf install -y git".',
  ],
  [
    "commands that are a reference",
    { setupCommands: Token.asList("${a.b.c}") },
    "fleets[0].setupCommands must be a plain value known at synth, not a reference to another resource: write it out, or read it from your configuration.",
  ],
  [
    "a text for instance types",
    { instanceTypes: "m7i.large" as never },
    'fleets[0].instanceTypes must be a list of texts, and is "m7i.large".',
  ],
  [
    "a text for a limit",
    { hardLimitMinutes: "60" as never },
    'fleets[0].hardLimitMinutes must be a number, and is "60". Take the quotes off.',
  ],
  [
    "a limit without end",
    { hardLimitMinutes: Infinity },
    "fleets[0].hardLimitMinutes must be a number above 0 that is known at synth, and is Infinity.",
  ],
  [
    "a carriage return in a command",
    { setupCommands: ["a\r"] },
    "fleets[0].setupCommands must not hold carriage returns: end lines with \\n only.",
  ],
];

describe("Checks of fleets", () => {
  it("take the smallest fleet", () => {
    expect(fleetsMistakes([fleet()])).toEqual([]);
  });

  it("take a fleet with everything", () => {
    const everything = fleet({
      labels: Array.from({ length: 100 }, (_, index) => `${index}`.padStart(256, "l")),
      labelMatch: "subset",
      architecture: "arm64",
      instanceTypes: ["m7g.large", "q9.large"],
      markets: ["on-demand", "spot"],
      maximumMachines: 1000,
      imageParameter: "/acme/image",
      rootDeviceName: "/dev/sda1",
      rootVolumeGb: 8,
      rootVolumeThroughput: 1000,
    });

    expect(fleetsMistakes([everything])).toEqual([]);
  });

  it("take an image that another resource makes", () => {
    expect(fleetsMistakes([fleet({ imageId: Token.asString("${aws_ami.x.id}") })])).toEqual([]);
  });

  it.each(wrong)("refuse %s", (_, more, message) => {
    expect(fleetsMistakes([fleet(more)])).toEqual([message]);
  });

  it("refuse an installation without fleets", () => {
    expect(fleetsMistakes([])).toEqual(["fleets is empty: give at least one, with a name and labels."]);
  });

  it("refuse more fleets than the launch function's policy has room for", () => {
    const fleets = Array.from({ length: 11 }, (_, n) => fleet({ name: `f${n}`, labels: [`${n}`] }));

    expect(fleetsMistakes(fleets.slice(1))).toEqual([]);
    expect(fleetsMistakes(fleets)).toEqual([
      "fleets has 11 fleets, and one installation serves 10: make a second one, with a prefix of its own.",
    ]);
  });

  it("refuse two fleets of one name", () => {
    expect(fleetsMistakes([fleet(), fleet({ labels: ["other"] })])).toEqual([
      'fleets[1].name is that of fleets[0], "linux-x64": each fleet needs a name of its own.',
    ]);
  });

  it("refuse two fleets with the same labels, in any order and case", () => {
    const other = fleet({ name: "other", labels: ["X64", "Linux", "self-hosted"] });

    expect(fleetsMistakes([fleet(), other])).toEqual([
      "fleets[1] has the same labels as fleets[0] (linux,self-hosted,x64): no job could tell them apart.",
    ]);
  });

  it("tell all mistakes at once", () => {
    expect(fleetsMistakes([fleet({ name: "A", labels: [] }), fleet({ maximumMachines: -1 })])).toHaveLength(
      3,
    );
  });
});

describe("Architecture of a fleet", () => {
  it.each([
    ["x64", {}],
    ["arm64", { architecture: "arm64" }],
    ["arm64", { instanceTypes: ["c7g.large"] }],
    ["arm64", { instanceTypes: ["q9.large"], architecture: "arm64" }],
  ] as const)("is %s for %j", (architecture, more) => {
    expect(fleetArchitecture(fleet(more))).toBe(architecture);
  });

  it("decides the default types", () => {
    expect(fleetInstanceTypes(fleet({ architecture: "arm64" }))).toContain("m7g.large");
    expect(fleetInstanceTypes(fleet())).toContain("m7i.large");
    expect(fleetInstanceTypes(fleet({ instanceTypes: ["c5.large"] }))).toEqual(["c5.large"]);
  });
});
