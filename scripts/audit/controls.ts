import * as cost from "./checks/cost";
import * as imds from "./checks/imds";
import { ownInstanceOnly } from "./checks/instance-role";
import * as launching from "./checks/launching";
import * as lifeCycle from "./checks/life-cycle";
import * as network from "./checks/network";
import { privateKey } from "./checks/private-key";
import * as registration from "./checks/registration";
import * as runTime from "./checks/run-time";
import { noCredentials } from "./checks/secrets";
import * as supplyChain from "./checks/supply-chain";
import * as webhook from "./checks/webhook";
import type { Check } from "./checks/shared";

export interface Control {
  readonly id: number;
  readonly title: string;
  readonly group: Group;
  /** Absent where a stack says nothing about it. */
  readonly check?: Check;
  /** Where what cannot be seen in a stack is proven: tests of this repository, below `__tests__/`. */
  readonly proof: readonly string[];
}

export const GROUPS = [
  "Identity and registration",
  "IMDS and IAM",
  "Life cycle",
  "Network",
  "Webhook",
  "Cost and availability",
  "Supply chain and data",
] as const;
export type Group = (typeof GROUPS)[number];

type Row = readonly [id: number, title: string, check: Check | undefined, ...proof: string[]];

const of = (group: Group, rows: readonly Row[]): readonly Control[] =>
  rows.map(([id, title, check, ...proof]) => ({ id, title, group, check, proof }));

const BOOT = "boot/job.test.ts";
const LIMITS = "boot/limits.test.ts";
const HOSTILE = "boot/hostile-job.test.ts";
const REGISTRATIONS = "functions/shared/registrations.test.ts";
const RIGHTS = "constructs/rights.test.ts";
const SIGNATURE = "functions/webhook/verify-signature.test.ts";
const FORGERY = "functions/webhook/forgery.test.ts";
const ANSWER = "functions/webhook/answer-delivery.test.ts";
const RECONCILE = "functions/shared/reconcile.test.ts";
const SWEEP = "functions/sweep/sweep.test.ts";
const MEASURE = "functions/sweep/measure.test.ts";
const TEMPLATE = "constructs/runner-launch-template.test.ts";
const LAUNCHER = "constructs/runner-launcher.test.ts";

/** All controls, in the order of their numbers. */
export const CONTROLS: readonly Control[] = [
  ...of("Identity and registration", [
    [
      1,
      "The runner registers with a JIT configuration, one per instance",
      registration.jitRegistration,
      REGISTRATIONS,
    ],
    [2, "Ephemeral cannot be switched off", runTime.neverAgain, REGISTRATIONS],
    [
      3,
      "No GitHub credential in user data, launch template, tags, environment or settings",
      noCredentials,
      "e2e/main-road.e2e.test.ts",
    ],
    [4, "A registration can be taken only by its own instance", registration.ownRegistration, TEMPLATE],
    [
      5,
      "A registration is destroyed by the first read, and swept if never read",
      registration.sweptRegistration,
      BOOT,
    ],
    [6, "No secret on a process command line", runTime.noSecretArguments, BOOT],
    [7, "The App's private key is readable by the rotation function only", privateKey, RIGHTS],
  ]),
  ...of("IMDS and IAM", [
    [8, "IMDSv2 required", imds.imdsV2, TEMPLATE],
    [9, "IMDS hop limit 1", imds.hopLimit, TEMPLATE],
    [10, "The job cannot use the instance's role", runTime.closedMetadata, BOOT, HOSTILE],
    [11, "The instance role may act on itself only", ownInstanceOnly, TEMPLATE],
    [
      12,
      "Launching is pinned to the project's launch templates, subnets and security groups",
      launching.pinnedLaunch,
      LAUNCHER,
    ],
    [13, "iam:PassRole pinned to the runner role and to EC2", launching.pinnedRole, LAUNCHER],
  ]),
  ...of("Life cycle", [
    [
      14,
      "Every exit powers off, and power off terminates",
      lifeCycle.powerOffTerminates,
      BOOT,
      "boot/boot-errors.test.ts",
    ],
    [15, "Idle limit on the instance itself", lifeCycle.idleLimit, LIMITS],
    [
      16,
      "Hard maximum run time on the instance itself, out of the job's reach",
      lifeCycle.hardLimit,
      LIMITS,
      HOSTILE,
    ],
    [17, "Sweeper for orphans, independent of the webhook path", lifeCycle.sweeper, SWEEP],
    [
      18,
      "The runner's record at GitHub is removed on interruption and failure",
      lifeCycle.interruption,
      "functions/interruption/interruption.test.ts",
      SWEEP,
    ],
    [19, "The runner's user has no sudo and no docker group", runTime.noRoot, BOOT],
  ]),
  ...of("Network", [
    [20, "No ingress rule, no key pair", network.noIngress, "constructs/runner-network.test.ts"],
    [21, "Egress limited to 443", network.webEgressOnly, "constructs/runner-network.test.ts"],
  ]),
  ...of("Webhook", [
    [
      22,
      "HMAC over the raw bytes, in constant time, before parsing or queueing",
      runTime.noWayAround,
      SIGNATURE,
      FORGERY,
    ],
    [
      23,
      "No computed HMAC and no secret is ever logged",
      runTime.quietLogs,
      "functions/webhook/handler.test.ts",
    ],
    [
      24,
      "Replay and duplicate guard by job id, run attempt and state",
      undefined,
      "functions/shared/ledger.test.ts",
    ],
    [25, "GitHub's published hook addresses only, when asked for", webhook.sourceAddresses],
    [26, "Organization, repository, event and action allow-lists", webhook.allowLists, ANSWER],
    [27, "Two-way label match", webhook.twoWayLabels, "functions/shared/match-labels.test.ts"],
    [28, "Runners stand in a named runner group", webhook.namedGroup, "constructs/runner-group.test.ts"],
  ]),
  ...of("Cost and availability", [
    [29, "Atomic cap per fleet, and a budget alarm", cost.capAndAlarm, RECONCILE, MEASURE],
    [30, "Lost events are recovered", cost.recovery, SWEEP],
    [
      31,
      "A queue between webhook and launch, with a dead-letter queue and an alarm",
      cost.queueBetween,
      "constructs/job-queue.test.ts",
    ],
  ]),
  ...of("Supply chain and data", [
    [
      32,
      "The runner tarball is checked against GitHub's published SHA-256",
      supplyChain.checkedTarball,
      "boot/boot-errors.test.ts",
    ],
    [
      33,
      "Runner version no older than 30 days, with an alarm",
      supplyChain.youngRunner,
      "functions/sweep/runner-versions.test.ts",
    ],
    [34, "Nothing shared and writable between jobs", supplyChain.nothingShared, TEMPLATE],
    [35, "No secret echo in boot or logs", runTime.noTrace, BOOT],
  ]),
];
