/** What may stand at `runners` in the context, and what may not: for the checks and for the JSON Schema. */

import type { BackendContext } from "../../../scripts/app/backend";

const github = { org: "acme", appId: "123", privateKeyParameter: "/acme/key" };
const fleet = { name: "linux", labels: ["linux"] };
export const least = { github, fleets: [fleet] };
const right = least;

const withoutKeys = (given: Readonly<Record<string, unknown>>, ...keys: string[]) =>
  Object.fromEntries(Object.entries(given).filter(([key]) => !keys.includes(key)));

export const RIGHT: readonly (readonly [what: string, runners: object])[] = [
  ["a token", { ...right, github: { repository: "acme/widget", tokenParameter: "/acme/token" } }],
  ["a group", { ...right, runnerGroup: { id: "3", name: "builders" } }],
  ["the default group", { ...right, runnerGroup: { default: true } }],
  ["a network", { ...right, network: { existing: { subnetIds: ["s"], securityGroupIds: ["g"] } } }],
  [
    "several Apps",
    { ...right, github: { ...github, furtherApps: [{ appId: "4", privateKeyParameter: "/acme/4" }] } },
  ],
  [
    "what the sweep is told",
    {
      ...right,
      sweepMinutes: 1,
      idleLimitMinutes: 4,
      rerunInterruptedJobs: false,
      onDemandAfterInterruptions: false,
      backlogRepositories: ["w"],
    },
  ],
  ["source addresses", { ...right, sourceAddresses: ["192.30.252.0/22"] }],
  ["tags", { ...right, tags: { team: "ci" }, alarmActions: [] }],
];

/** Each with the one line that it is refused with. */
export const WRONG: readonly (readonly [runners: unknown, line: RegExp])[] = [
  [undefined, /^runners is missing/],
  [[], /^runners must be an object, and is \[\]\.$/],
  [withoutKeys(right, "fleets"), /^runners\.fleets is missing: it must be a list of objects\.$/],
  [withoutKeys(right, "github"), /^runners\.github is missing: it must be an object\.$/],
  [{ ...right, fleet: [] }, /^runners\.fleet is unknown: did you mean runners\.fleets\?$/],
  [{ ...right, toString: 1 }, /^runners\.toString is unknown\. Known are: github, fleets,/],
  [
    { ...right, instanceTypes: ["m7i.large"] },
    /^runners\.instanceTypes is unknown: did you mean runners\.fleets\[0\]\.instanceTypes\?$/,
  ],
  [
    { ...right, vpcId: "vpc-1" },
    /^runners\.vpcId is unknown: did you mean runners\.network\.existing\.vpcId\?$/,
  ],
  [
    { ...right, logRetentionDays: "7" },
    /^runners\.logRetentionDays must be one of 1, 3, 5, 7, 14, .*, 3653, and is "7"\.$/,
  ],
  [{ ...right, repositories: "widget" }, /^runners\.repositories must be a list of texts, and is "widget"/],
  [{ ...right, sourceAddresses: "::1" }, /^runners\.sourceAddresses must be a list of texts, and is "::1"/],
  [{ ...right, tags: { cost: 5 } }, /^runners\.tags must be an object of texts, and is \{"cost":5\}/],
  [{ ...right, prefix: null }, /^runners\.prefix must be a text, and is null\.$/],
  [{ ...right, github: "acme" }, /^runners\.github must be an object, and is "acme"\.$/],
  [
    { ...right, github: { ...github, appID: "1" } },
    /^runners\.github\.appID is unknown: did you mean runners\.github\.appId\?$/,
  ],
  [
    { ...right, github: { ...github, appId: 123 } },
    /^runners\.github\.appId must be a text, and is 123\. Put quotes around it\.$/,
  ],
  [
    { ...right, github: withoutKeys(github, "org") },
    /^runners\.github\.org or runners\.github\.repository is missing/,
  ],
  [
    { ...right, github: withoutKeys(github, "appId") },
    /^runners\.github\.appId is missing: it must be a text\.$/,
  ],
  [
    { ...right, github: withoutKeys(github, "privateKeyParameter") },
    /^runners\.github\.privateKeyParameter is missing: it must be the name of an SSM parameter\.$/,
  ],
  [
    { ...right, github: { org: "acme" } },
    /^runners\.github has no credential: give appId and privateKeyParameter/,
  ],
  [
    { ...right, github: { org: "acme", tokenParameter: "/a", registration: "jit" } },
    /^runners\.github\.registration is for a GitHub App, and runners\.github\.tokenParameter is given too/,
  ],
  [
    { ...right, github: { org: "acme", tokenParameter: "/a", furtherApps: [] } },
    /^runners\.github\.furtherApps is for a GitHub App/,
  ],
  [
    { ...right, github: { ...github, furtherApps: { appId: "4" } } },
    /^runners\.github\.furtherApps must be a list of Apps\.$/,
  ],
  [
    { ...right, github: { ...github, furtherApps: [{ appId: "4" }] } },
    /^runners\.github\.furtherApps\[0\]\.privateKeyParameter is missing/,
  ],
  [
    { ...right, github: { ...github, furtherApps: [{ appId: "4", privateKeyParameter: "/a", app: 1 }] } },
    /^runners\.github\.furtherApps\[0\]\.app is unknown: did you mean runners\.github\.furtherApps\[0\]\.appId\?$/,
  ],
  [
    { ...right, sweepMinutes: "2" },
    /^runners\.sweepMinutes must be a number, and is "2"\. Take the quotes off\.$/,
  ],
  [{ ...right, fleets: [fleet, "linux"] }, /^runners\.fleets\[1\] must be an object, and is "linux"\.$/],
  [{ ...right, fleets: [{ labels: ["a"] }] }, /^runners\.fleets\[0\]\.name is missing: it must be a text\.$/],
  [
    { ...right, fleets: [{ name: "a" }] },
    /^runners\.fleets\[0\]\.labels is missing: it must be a list of texts\.$/,
  ],
  [
    { ...right, fleets: [{ ...fleet, label: [] }] },
    /^runners\.fleets\[0\]\.label is unknown: did you mean runners\.fleets\[0\]\.labels\?$/,
  ],
  [
    { ...right, fleets: [{ ...fleet, labels: "linux" }] },
    /^runners\.fleets\[0\]\.labels must be a list of texts, and is "linux"\.$/,
  ],
  [
    { ...right, fleets: [{ ...fleet, labels: ["linux", 64] }] },
    /^runners\.fleets\[0\]\.labels\[1\] must be a text, and is 64\. Put quotes around it\.$/,
  ],
  [
    { ...right, fleets: [{ ...fleet, hardLimitMinutes: "60" }] },
    /hardLimitMinutes must be a number, and is "60"/,
  ],
  [{ ...right, network: [] }, /^runners\.network must be an object, and is \[\]\.$/],
  [
    { ...right, network: { zone: 2 } },
    /^runners\.network\.zone is unknown: did you mean runners\.network\.zones\?$/,
  ],
  [
    { ...right, network: { zones: "2" } },
    /^runners\.network\.zones must be a number, and is "2"\. Take the quotes off\.$/,
  ],
  [{ ...right, network: { existing: {} } }, /^runners\.network\.existing\.subnetIds is missing/],
  [
    { ...right, network: { existing: { subnetIds: "subnet-1" } } },
    /^runners\.network\.existing\.subnetIds must be a list of texts, and is "subnet-1"\.$/,
  ],
  [
    { ...right, network: { existing: { subnetIds: ["s"], vpc: "v" } } },
    /^runners\.network\.existing\.vpc is unknown: did you mean runners\.network\.existing\.vpcId\?$/,
  ],
  [{ ...right, runnerGroup: { name: "a" } }, /^runners\.runnerGroup needs id/],
  [
    { ...right, runnerGroup: { id: 3 } },
    /^runners\.runnerGroup\.id must be a text, and is 3\. Put quotes around it\.$/,
  ],
  [{ ...right, runnerGroup: { id: "1" } }, /^runners\.runnerGroup\.id is that of GitHub's default group/],
  [
    { ...right, runnerGroup: { default: false } },
    /^runners\.runnerGroup\.default must be true, or left out\.$/,
  ],
  [{ ...right, publicRepositories: "true" }, /must be true or false, and is "true"\. Take the quotes off\.$/],
  [{ ...right, publicRepositories: "yes" }, /must be true or false, and is "yes"\.$/],
  [{ ...right, runnerGroup: { id: "3", group: "a" } }, /^runners\.runnerGroup\.group is unknown/],
  [
    { ...right, runnerGroup: { id: "3", default: true } },
    /^runners\.runnerGroup\.default and id exclude each other/,
  ],
  [
    { ...right, webhook: "org" },
    /^runners\.webhook must be one of organization, repository, app, manual, and is "org": did you mean "organization"\?$/,
  ],
  [
    { ...right, github: { ...github, registration: "pat" } },
    /^runners\.github\.registration must be one of jit, token,/,
  ],
  [
    { ...right, github: { ...github, repository: "a/b" } },
    /^runners\.github\.org and runners\.github\.repository exclude each other/,
  ],
  [
    { ...right, fleets: [{ ...fleet, architecture: "arm" }] },
    /^runners\.fleets\[0\]\.architecture must be one of x64, arm64, and is "arm": did you mean "arm64"\?$/,
  ],
  [
    { ...right, fleets: [{ ...fleet, labelMatch: "all" }] },
    /^runners\.fleets\[0\]\.labelMatch must be one of exact, subset,/,
  ],
  [
    { ...right, fleets: [{ ...fleet, markets: ["spot", "any"] }] },
    /^runners\.fleets\[0\]\.markets\[1\] must be one of spot, on-demand, and is "any"\.$/,
  ],
  [
    { ...right, fleets: [{ ...fleet, markets: "spot" }] },
    /^runners\.fleets\[0\]\.markets must be a list of texts, and is "spot"\.$/,
  ],
];

interface BackendCase {
  readonly type: string;
  readonly given: BackendContext;
  readonly written: object;
}

/** A backend of each type with what a team would give it, and what of it stands in cdk.tf.json. */
export const BACKENDS: readonly BackendCase[] = [
  {
    type: "local",
    given: { type: "local", path: "/var/state/runners.tfstate" },
    written: { local: { path: "/var/state/runners.tfstate" } },
  },
  {
    type: "s3",
    given: {
      type: "s3",
      bucket: "acme-state",
      key: "runners.tfstate",
      region: "eu-west-1",
      useLockfile: true,
      kmsKeyId: "alias/state",
      assumeRole: { roleArn: "arn:aws:iam::123456789012:role/state", transitiveTagKeys: ["team"] },
    },
    written: {
      s3: {
        bucket: "acme-state",
        key: "runners.tfstate",
        region: "eu-west-1",
        use_lockfile: true,
        kms_key_id: "alias/state",
        assume_role: { role_arn: "arn:aws:iam::123456789012:role/state", transitive_tag_keys: ["team"] },
      },
    },
  },
  {
    type: "cloud",
    given: { type: "cloud", organization: "acme", workspaces: { name: "runners", project: "ci" } },
    written: { cloud: { organization: "acme", workspaces: { name: "runners", project: "ci" } } },
  },
  {
    type: "cloud",
    given: { type: "cloud", organization: "acme", workspaces: { tags: ["runners"] } },
    written: { cloud: { organization: "acme", workspaces: { tags: ["runners"] } } },
  },
  {
    type: "remote",
    given: {
      type: "remote",
      organization: "acme",
      hostname: "tfe.acme.test",
      workspaces: { name: "runners" },
    },
    written: { remote: { organization: "acme", hostname: "tfe.acme.test", workspaces: { name: "runners" } } },
  },
  {
    type: "remote",
    given: { type: "remote", organization: "acme", workspaces: { prefix: "runners-" } },
    written: { remote: { organization: "acme", workspaces: { prefix: "runners-" } } },
  },
  {
    type: "gcs",
    given: {
      type: "gcs",
      bucket: "acme-state",
      prefix: "runners",
      storageCustomEndpoint: "https://gcs.test",
    },
    written: {
      gcs: { bucket: "acme-state", prefix: "runners", storage_custom_endpoint: "https://gcs.test" },
    },
  },
  {
    type: "azurerm",
    given: {
      type: "azurerm",
      storageAccountName: "acmestate",
      containerName: "runners",
      key: "runners.tfstate",
      useAzureadAuth: true,
    },
    written: {
      azurerm: {
        storage_account_name: "acmestate",
        container_name: "runners",
        key: "runners.tfstate",
        use_azuread_auth: true,
      },
    },
  },
  {
    type: "http",
    given: { type: "http", address: "https://state.test/runners", lockAddress: "https://state.test/lock" },
    written: { http: { address: "https://state.test/runners", lock_address: "https://state.test/lock" } },
  },
  {
    type: "pg",
    given: { type: "pg", connStr: "postgres://runners@db.test/state", schemaName: "runners" },
    written: { pg: { conn_str: "postgres://runners@db.test/state", schema_name: "runners" } },
  },
  { type: "pg", given: { type: "pg" }, written: { pg: {} } },
  {
    type: "consul",
    given: { type: "consul", path: "runners/state", address: "consul.test:8500", scheme: "https" },
    written: { consul: { path: "runners/state", address: "consul.test:8500", scheme: "https" } },
  },
];
