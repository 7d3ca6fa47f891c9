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
    what: "To app: for a second or two no event may be taken, and GitHub sends none of them again; with backlogRepositories the sweep finds such jobs. To organization or repository: no event is lost. To manual, or from it: take the old webhook out of the state, or import the new one.",
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
    what: "Name the other key in furtherKmsKeyArn in the apply before. Without it a new key has deliveries fail and launches wait for about a minute, and what lies under a key that is left out cannot be read.",
    steps: "key",
  },
  "runners.furtherKmsKeyArn": inPlace("Only roles change. Take it out when nothing lies under it any more."),
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
    'The rotation makes tokens with the other permissions at once. Before you switch it on, give the App "Actions: Read and write" and accept that at GitHub; until then tokens can only read.',
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
  "runners.createSpotServiceLinkedRole": inPlace(
    "The functions get the right to have the role made, or lose it. The role itself is the account's: it stays, also after a destroy.",
  ),
  "runners.requireLaunchTemplate": inPlace("The rights of the functions change at once."),
  "runners.ledgerDeletionProtection": nothing(
    "Before a destroy, switch it off and apply: AWS refuses to delete the ledger otherwise.",
  ),
};
