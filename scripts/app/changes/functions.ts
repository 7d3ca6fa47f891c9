import type { Change, Changes } from "./effect";

const inPlace = (what: string): Change => ({ effect: "in place", what });
const nothing = (what: string): Change => ({ effect: "nothing", what });

/** Names, rights, keys and the settings of the functions. */
export const FUNCTION_CHANGES: Changes = {
  "runners.prefix": {
    effect: "destroy first",
    what: "Every name changes, so everything is destroyed and made anew: queue, ledger and tokens are lost, with the jobs in them. Machines that run are known to nobody any more.",
    steps: "move",
  },
  "runners.webhook": {
    effect: "a gap",
    what: "The old webhook ends with the apply, and the rotation sets the new one some seconds later. GitHub has nothing to send again of that time: with backlogRepositories the sweep finds those jobs, else run them again.",
    steps: "github",
  },
  "runners.repositories": inPlace(
    "Jobs that wait stay. Without the list every repository of the organization is served.",
  ),
  "runners.publicRepositories": inPlace(
    "Switched on, whoever opens a pull request in a public repository can run code on the machines. Jobs that wait stay.",
  ),
  "runners.sourceAddresses": inPlace(
    "Without the list, deliveries may come from anywhere, and their signature alone decides.",
  ),
  "runners.tags": inPlace(
    "Resources get them at once, and machines from the next launch on. Parameters that the rotation writes keep the old ones.",
  ),
  "runners.permissionsBoundaryArn": inPlace(
    "Every role gets it at once, the role of running machines among them: a boundary that forbids too much stops them.",
  ),
  "runners.kmsKeyArn": {
    effect: "two steps",
    what: "Queue, tables, logs and secrets go over to the new key one after the other, and what lies under the old one needs it still. Keep the old key until nothing lies under it.",
    steps: "key",
  },
  "runners.logRetentionDays": nothing("CloudWatch deletes what is older than the new number of days."),
  "runners.alarmActions": nothing("Alarms notify the new targets from then on."),
  "runners.runtime": inPlace("Functions start anew with the next call."),
  "runners.rotationMinutes": inPlace("The schedule starts anew."),
  "runners.webhookSecretRotationDays": inPlace(
    "The next run of the rotation counts by it. The secret before is accepted as long as ever.",
  ),
  "runners.renewRunnerVersion": inPlace(
    "Switched off, the parameter with the version is destroyed, and later machines take the version of this package.",
  ),
  "runners.sweepMinutes": inPlace("The schedule starts anew."),
  "runners.idleLimitMinutes": inPlace("It holds for machines that run, too."),
  "runners.checkAfterMinutes": inPlace("It holds for jobs that wait, too."),
  "runners.rerunInterruptedJobs": inPlace(
    'Before you switch it on, give the App "Actions: Read and write" and accept that at GitHub, or no token can be made.',
  ),
  "runners.onDemandAfterInterruptions": inPlace("The next job that is interrupted is treated by it."),
  "runners.backlogRepositories": inPlace("The next sweep looks through the new list."),
  "runners.maximumMachineHoursPerDay": nothing("Only an alarm counts by it: no machine is ended."),
  "runners.monthlyBudgetUsd": nothing("Only the budget changes. Taken out, it is deleted."),
  "runners.budgetSubscribers": nothing("The budget tells the new ones from then on."),
  "runners.throttlingRateLimit": inPlace(
    "With a number that is too low, deliveries fail, and the sweep asks GitHub to send them again.",
  ),
  "runners.throttlingBurstLimit": inPlace(
    "With a number that is too low, deliveries fail, and the sweep asks GitHub to send them again.",
  ),
  "runners.reservedConcurrency": inPlace(
    "The apply fails where the account's quota has no room for it: look at the quota first.",
  ),
  "runners.maximumConcurrency": inPlace("The queue is read by the new number from then on."),
  "runners.createSpotServiceLinkedRole": nothing(
    "Switched on, the apply fails where the account has the role. Switched off, other installations of the account must not lose it: look whether the plan deletes it.",
  ),
  "runners.requireLaunchTemplate": inPlace("The rights of the functions change at once."),
  "runners.ledgerDeletionProtection": nothing(
    "Before a destroy, switch it off and apply: AWS refuses to delete the ledger otherwise.",
  ),
};
