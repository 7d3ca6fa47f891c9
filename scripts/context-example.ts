import { BACKEND } from "./app/backend";
import { STACK, STACKS } from "./app/context";
import { openKeys } from "../constructs/schema/node";
import type { Doc } from "./context-docs";
import type { Json, Node, ObjectOf } from "../constructs/schema/node";

/** The example of cdktf.json in which every key stands, with what its doc comment says. */

/** What stands behind each key, by its path below `context`. */
const VALUES: Json = {
  region: "eu-west-1",
  account: "123456789012",
  backend: {
    type: "s3",
    bucket: "acme-state",
    key: "runners.tfstate",
    region: "eu-west-1",
    useLockfile: true,
  },
  keepGithubProvider: false,
  "runners.github.org": "acme",
  "runners.github.repository": "acme/widget",
  "runners.github.baseUrl": "https://ghe.example.com",
  "runners.github.credentialKmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d",
  "runners.github.appId": "123456",
  "runners.github.installationId": "789",
  "runners.github.privateKeyParameter": "/acme/github-app-key",
  "runners.github.registration": "jit",
  "runners.github.furtherApps": [{ appId: "123457", privateKeyParameter: "/acme/second-app-key" }],
  "runners.github.tokenParameter": "/acme/github-token",
  "runners.fleets.name": "linux-x64",
  "runners.fleets.labels": ["self-hosted", "linux", "x64"],
  "runners.fleets.labelMatch": "exact",
  "runners.fleets.instanceTypes": ["m7i.large", "m7a.large", "m6i.large"],
  "runners.fleets.markets": ["spot", "on-demand"],
  "runners.fleets.maximumMachines": 20,
  "runners.fleets.existingLaunchTemplate": {
    id: "lt-0a1b2c3d4e5f60718",
    version: "$Default",
    roleArn: "arn:aws:iam::123456789012:role/runner",
    roleId: "AROA0123456789EXAMPLE",
    imageParameter: "/acme/runner-image",
  },
  "runners.fleets.architecture": "x64",
  "runners.fleets.imageId": "ami-0a1b2c3d4e5f60718",
  "runners.fleets.imageParameter": "/acme/runner-image",
  "runners.fleets.rootDeviceName": "/dev/xvda",
  "runners.fleets.rootVolumeGb": 30,
  "runners.fleets.rootVolumeThroughput": 125,
  "runners.fleets.setupCommands": ["dnf install -y jq"],
  "runners.fleets.allowSudo": false,
  "runners.fleets.allowDocker": false,
  "runners.fleets.hardLimitMinutes": 375,
  "runners.fleets.idleBackstopMinutes": 15,
  "runners.fleets.runnerVersion": "2.338.0",
  "runners.fleets.runnerSha256": "0".repeat(64),
  "runners.fleets.runnerUrl": "https://artifacts.example.com/actions-runner-linux-x64.tar.gz",
  "runners.prefix": "acme-ci",
  "runners.network.existing": {
    vpcId: "vpc-0a1b2c3d4e5f60718",
    subnetIds: ["subnet-0a1b2c3d4e5f60718"],
    securityGroupIds: ["sg-0a1b2c3d4e5f60718"],
  },
  "runners.network.cidrBlock": "10.0.0.0/16",
  "runners.network.zones": 3,
  "runners.network.availabilityZones": ["eu-west-1a", "eu-west-1b"],
  "runners.network.allowHttp": false,
  "runners.webhook": "organization",
  "runners.repositories": ["widget", "gadget"],
  "runners.publicRepositories": false,
  "runners.sourceAddresses": ["192.30.252.0/22", "2a0a:a440::/29"],
  "runners.tags": { team: "platform" },
  "runners.permissionsBoundaryArn": "arn:aws:iam::123456789012:policy/boundary",
  "runners.kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d",
  "runners.furtherKmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/4e5f6a7b",
  "runners.logRetentionDays": 30,
  "runners.alarmActions": ["arn:aws:sns:eu-west-1:123456789012:alarms"],
  "runners.runtime": "nodejs22.x",
  "runners.rotationMinutes": 30,
  "runners.webhookSecretRotationDays": 7,
  "runners.renewRunnerVersion": true,
  "runners.sweepMinutes": 2,
  "runners.idleLimitMinutes": 5,
  "runners.checkAfterMinutes": 3,
  "runners.rerunInterruptedJobs": true,
  "runners.onDemandAfterInterruptions": true,
  "runners.backlogRepositories": ["widget"],
  "runners.maximumMachineHoursPerDay": 240,
  "runners.monthlyBudgetUsd": 500,
  "runners.budgetSubscribers": ["platform@acme.example"],
  "runners.throttlingRateLimit": 100,
  "runners.throttlingBurstLimit": 2000,
  "runners.reservedConcurrency": 10,
  "runners.maximumConcurrency": 5,
  "runners.createSpotServiceLinkedRole": false,
  "runners.requireLaunchTemplate": true,
  "runners.ledgerDeletionProtection": false,
  "runners.runnerGroup.id": "7",
  "runners.runnerGroup.name": "builders",
  "runners.runnerGroup.default": true,
  stacks: {
    "runners-prod": {},
    "runners-dev": {
      backend: { key: "dev.tfstate" },
      runners: {
        prefix: "acme-dev",
        github: { appId: "654321", privateKeyParameter: "/acme/dev-github-app-key" },
        fleets: [{ name: "dev-x64", labels: ["dev-x64"] }],
      },
    },
  },
};

/** Excluded by a key that stands beside them, or different from the default in a way that few want: shown, and off. */
export const OFF: readonly string[] = [
  "stacks",
  "runners.github.repository",
  "runners.github.baseUrl",
  "runners.github.tokenParameter",
  "runners.fleets.existingLaunchTemplate",
  "runners.fleets.imageId",
  "runners.fleets.runnerVersion",
  "runners.fleets.runnerSha256",
  "runners.fleets.runnerUrl",
  "runners.network.existing",
  "runners.network.availabilityZones",
  "runners.reservedConcurrency",
  "runners.runnerGroup.default",
];

const WIDTH = 110;

const wrap = (text: string, indent: string): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && `${last} ${word}`.length <= WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}// ${word}`);
  }
  return lines;
};

const sentence = (text: string): string => (/[.:]$/.test(text) ? text : `${text}.`);

const comment = (doc: Doc | undefined, indent: string): readonly string[] =>
  doc === undefined
    ? []
    : wrap(
        [
          sentence(doc.text),
          ...(doc.fallback === undefined ? [] : [`Default: ${sentence(doc.fallback)}`]),
          ...(doc.effect === undefined ? [] : [`Change: ${sentence(doc.effect)}`]),
        ].join(" "),
        indent,
      );

type Docs = ReadonlyMap<string, Doc>;

const inner = (node: Node): ObjectOf | undefined => {
  if (typeof node === "string") return undefined;
  if ("items" in node) return inner(node.items);
  return "keys" in node ? node : undefined;
};

/** The lines of one key: its comment, and its value or what is in it. */
const linesOf = (key: string, node: Node, path: readonly string[], docs: Docs): readonly string[] => {
  const at = path.join(".");
  const indent = "  ".repeat(path.length + (path[1] === "fleets" && path.length > 2 ? 1 : 0) + 1);
  const about = comment(docs.get(at), indent);
  const value = VALUES[at];
  const off = OFF.includes(at) ? "// " : "";
  if (value !== undefined)
    return [...about, `${indent}${off}${JSON.stringify(key)}: ${JSON.stringify(value)},`];
  const within = inner(node);
  if (within === undefined) throw new Error(`There is no example for ${at}.`);
  const lines = keysOf(within, path, docs);
  const [open, close] =
    typeof node === "object" && "items" in node
      ? ["[\n" + indent + "  {", "  }\n" + indent + "]"]
      : ["{", "}"];
  return [...about, `${indent}${JSON.stringify(key)}: ${open}`, ...lines, `${indent}${close},`];
};

const keysOf = ({ keys }: ObjectOf, path: readonly string[], docs: Docs): readonly string[] =>
  openKeys(keys).flatMap((key) => linesOf(key, keys[key] as Node, [...path, key], docs));

/** What each type of backend takes. */
const backendLines = (indent: string): readonly string[] =>
  Object.entries(BACKEND.variants).flatMap(([type, { keys, required = [] }]) => {
    const named = openKeys(keys)
      .filter((key) => key !== "type")
      .map((key) => (required.includes(key) ? `${key} (needed)` : key));
    return wrap(`${type}: ${named.join(", ")}.`, indent);
  });

/** @returns JSON with comments and trailing commas, which cdktf.json itself may not have */
export const contextExample = (docs: Docs): string => {
  const lines = keysOf({ keys: { ...STACK.keys, stacks: STACKS } }, [], docs);
  const at = lines.findIndex((line) => line.includes('"backend":'));
  return [
    "// Every key of the context in cdktf.json. Made by `npm run update-schema` from the doc comments of the sources.",
    '// What "Change" means, and what happens: docs/changing.md.',
    "// Copy what you need: cdktf.json itself takes no comments, and no comma behind the last key of an object.",
    "{",
    '  "$schema": "./cdktf.schema.json",',
    '  "context": {',
    ...lines.slice(0, at),
    ...wrap("Keys by type; secrets come from the environment:", "    "),
    ...backendLines("    "),
    ...lines.slice(at),
    "  },",
    "}",
    "",
  ].join("\n");
};
