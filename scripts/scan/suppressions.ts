/** Every check of checkov that may fail, and why. Nothing else may; and each of these must still fail. */
export interface Suppression {
  readonly check: string;
  /** What the check asks for, in few words. */
  readonly asks: string;
  /** Which resources, by their names in Terraform. */
  readonly resources: RegExp;
  readonly reason: string;
  /** The props that do what the check asks: where they are set (see variants.ts), it must pass. */
  readonly unless?: string;
}

export const suppressions: readonly Suppression[] = [
  {
    check: "CKV_AWS_50",
    asks: "X-Ray tracing of functions",
    resources: /_Function_/,
    reason:
      "Would give every role two more actions on all resources. Job, delivery and launch ids in the logs tell the same story.",
  },
  {
    check: "CKV_AWS_115",
    asks: "a limit on how many of a function run at a time",
    resources: /_Function_/,
    reason:
      "A new account has a quota of 10 and refuses any reservation, so it is left to `reservedConcurrency`. Launch is bound by the queue's maximum, sweep by its lease, the webhook by API Gateway's throttle.",
  },
  {
    check: "CKV_AWS_116",
    asks: "a dead-letter queue of functions",
    resources: /_Function_/,
    reason:
      "Jobs have one, on their queue. The webhook is called synchronously, and its failed deliveries are sent again; the others run again by schedule, and what a spot notice did not do the sweep does.",
  },
  {
    check: "CKV_AWS_117",
    asks: "functions inside a VPC",
    resources: /_Function_/,
    reason:
      "They talk to GitHub and to AWS's own endpoints, by TLS. From a VPC that takes a NAT gateway, and protects nothing that they hold.",
  },
  {
    check: "CKV_AWS_272",
    asks: "code signing of functions",
    resources: /_Function_/,
    reason:
      "Signing takes a profile of your account. Each bundle is a file of the package, and its hash stands in the plan.",
  },
  {
    check: "CKV_AWS_173",
    asks: "a customer key for the functions' environment variables",
    resources: /_Function_/,
    reason: "They hold names and numbers only (control 3), and AWS encrypts them with a key of its own.",
  },
  {
    check: "CKV_AWS_119",
    asks: "a customer key for tables",
    resources: /_Tables_(Handoff|Ledger)_/,
    reason: "Encrypted with the key that AWS owns; a customer key costs, and needs a policy of yours.",
    unless: "kmsKeyArn",
  },
  {
    check: "CKV_AWS_158",
    asks: "a customer key for logs",
    resources: /LogGroup_/,
    reason: "Encrypted with the key that AWS owns, and no secret is logged (control 23, 35).",
    unless: "kmsKeyArn",
  },
  {
    check: "CKV_AWS_337",
    asks: "a customer key for parameters",
    resources: /_Rotation_/,
    reason: "Encrypted with the account's key for Parameter Store; who may read them is bounded by IAM.",
    unless: "kmsKeyArn",
  },
  {
    check: "CKV2_AWS_34",
    asks: "encrypted parameters",
    resources: /_Launcher_Settings-|_Function_Settings-|_Rotation_RunnerVersion|_Rotation_SettingsRevision/,
    reason:
      "Settings of fleets and functions, a hash of some of them, and the runner's version with its public checksums: no secret, and reviewable as plain text.",
  },
  {
    check: "CKV_AWS_28",
    asks: "point-in-time recovery of tables",
    resources: /_Tables_Handoff_/,
    reason: "A registration that was taken must not be found in a backup. The ledger has it.",
  },
  {
    check: "CKV_AWS_309",
    asks: "an authorizer on API routes",
    resources: /_Webhook_Route_/,
    reason:
      "GitHub signs its deliveries, and knows no authorizer of AWS: the function checks the HMAC before anything else (control 22).",
  },
  {
    check: "CKV_AWS_338",
    asks: "logs kept for a year",
    resources: /LogGroup_/,
    reason: "30 days: machines live for minutes, and logs of jobs are better not kept.",
    unless: "logRetentionDays",
  },
  {
    check: "CKV_AWS_130",
    asks: "subnets without public addresses",
    resources: /_Network_Subnet\d_/,
    reason:
      "A machine needs the internet; a NAT gateway costs 33 USD a month. Nothing comes in: no ingress rule, and a firewall on the machine (control 20).",
    unless: "network.existing",
  },
  {
    check: "CKV_AWS_394",
    asks: "named availability zones",
    resources: /_Network_Zones_/,
    reason: "Only the first ones are taken, and AWS lists them by name: a new zone changes nothing.",
    unless: "network.existing",
  },
  {
    check: "CKV2_AWS_11",
    asks: "flow logs of the VPC",
    resources: /_Network_Vpc_/,
    reason: "They cost by the gigabyte. `runners.network.vpc` is a public field: add a flow log to it.",
    unless: "network.existing",
  },
];
