import type { Changes } from "./effect";

const MOVE =
  "Terraform looks in the new place only, and forgets what stands in the old one: functions, schedules, tables and secrets go on there.";

/** What holds for each part of a network that goes. */
const OLD_GOES =
  "The old one goes when its last machine has ended. Where that takes more than 20 minutes, the apply fails, and the next one goes on.";

/** Where an installation stands, whose jobs it serves, and by which network machines reach them. */
export const PLACE_CHANGES: Changes = {
  region: { effect: "destroy first", what: MOVE, steps: "move" },
  account: {
    effect: "destroy first",
    what: `To name the account that the installation stands in changes nothing. With another account: ${MOVE}`,
    steps: "move",
  },
  backend: {
    effect: "two steps",
    what: 'Move the state before you apply: "terraform init -migrate-state". An apply without its state makes everything a second time, and fails at the names that are taken.',
  },
  keepGithubProvider: {
    effect: "nothing",
    what: "The GitHub provider is kept where nothing needs it. It is for the one apply that removes the last webhook or runner group.",
    steps: "github",
  },
  stacks: {
    effect: "destroy first",
    what: "A new stack is a new installation. A stack that is taken out or renamed is not destroyed: run its destroy while it is still there.",
  },
  "runners.github.org": {
    effect: "destroy first",
    what: "Terraform looks for the webhook and the runner group in the new organization. It forgets those of the old one: the old webhook goes on sending to the same address, and its events are refused.",
    steps: "move",
  },
  "runners.github.repository": {
    effect: "destroy first",
    what: "Terraform makes a webhook at the new repository and ends the one before, if both have one owner. With another owner it forgets the old webhook, which goes on sending.",
    steps: "move",
  },
  "runners.github.baseUrl": {
    effect: "destroy first",
    what: "The new address is another GitHub. The webhook and the runner group at the old one stay there, and Terraform knows them no more.",
    steps: "move",
  },
  "runners.github.credentialKmsKeyArn": {
    effect: "two steps",
    what: "First store the credential in a new parameter under the new key. Then name both, key and parameter, in one apply.",
    steps: "key",
  },
  "runners.github.appId": {
    effect: "two steps",
    what: "First install the new App with the same permissions, and store its key under a parameter of its own. The apply runs the rotation, and no machine registers with a token of the App before. Uninstall that one last.",
    steps: "github",
  },
  "runners.github.installationId": {
    effect: "in place",
    what: "The apply runs the rotation, which makes a token of the new installation.",
  },
  "runners.github.privateKeyParameter": {
    effect: "two steps",
    what: "First store the private key under the new name. The rotation may read only the parameter that is named here.",
  },
  "runners.github.registration": {
    effect: "in place",
    what: "Machines that are registered stay so. The first registrations of the new kind wait some seconds for the rotation.",
  },
  "runners.github.furtherApps": {
    effect: "in place",
    what: "An App that is added takes part once the rotation has made its token, some seconds after the apply. The token of one that is taken out is destroyed.",
  },
  "runners.github.furtherApps[].appId": {
    effect: "two steps",
    what: "First install the new App with the same permissions, and store its key. The others carry the load until its token is there.",
  },
  "runners.github.furtherApps[].installationId": {
    effect: "in place",
    what: "The apply runs the rotation, which makes a token of the new installation.",
  },
  "runners.github.furtherApps[].privateKeyParameter": {
    effect: "two steps",
    what: "First store the private key under the new name. The rotation may read only the parameter that is named here.",
  },
  "runners.github.tokenParameter": {
    effect: "two steps",
    what: "First store the personal access token under the new name. From an App to a token and back: registrations wait some seconds for the rotation.",
    steps: "github",
  },
  "runners.network.existing": {
    effect: "empty the fleets first",
    what: `From the made network to yours: launches move first. ${OLD_GOES} From yours to the made one, the rule of a group that was made in your VPC goes at once, and its machines lose their way out; with securityGroupIds of yours nothing is lost.`,
    steps: "empty",
  },
  "runners.network.existing.vpcId": {
    effect: "empty the fleets first",
    what: "A new security group is made in the new VPC. The rule of the one before goes at once, and its machines lose their way out. With securityGroupIds of yours nothing is made or removed.",
    steps: "empty",
  },
  "runners.network.existing.subnetIds": {
    effect: "new machines only",
    what: "Nothing is made or destroyed. Keep the old subnets until no machine runs in them.",
  },
  "runners.network.existing.securityGroupIds": {
    effect: "empty the fleets first",
    what: "Machines keep the groups that they were launched with. Given for the first time, the rule of the group that was made goes at once, and its machines lose their way out. Otherwise nothing is removed.",
    steps: "empty",
  },
  "runners.network.cidrBlock": {
    effect: "in place",
    what: `A second VPC is made beside the first, and launches move to it. ${OLD_GOES} Until then it takes one more VPC and one more gateway of the quota (5 of each).`,
    steps: "empty",
  },
  "runners.network.zones": {
    effect: "in place",
    what: `Subnets are added or removed, and the others stay. ${OLD_GOES.replace("The old one", "One that is removed")}`,
    steps: "empty",
  },
  "runners.network.availabilityZones": {
    effect: "in place",
    what: `A name more or less at the end is a subnet more or less. Another name in a place, or zones in its stead, is a second VPC beside the first. ${OLD_GOES}`,
    steps: "empty",
  },
  "runners.network.allowHttp": {
    effect: "in place",
    what: "It holds for machines that run, too: port 80 opens or closes for them at once. Where it closes, jobs that use it fail.",
  },
  "runners.runnerGroup": {
    effect: "in place",
    what: "The functions learn of the new group first, and the group made here is removed last. Machines that wait for a job at that moment are in GitHub's default group until the next sweep ends them; those with a job keep it.",
    steps: "github",
  },
  "runners.runnerGroup.id": {
    effect: "in place",
    what: "Later machines join the new group. Those that are registered stay in the old one: keep it until they are gone.",
  },
  "runners.runnerGroup.name": {
    effect: "in place",
    what: "In token mode later machines register with the new name. It must be the name that GitHub shows.",
  },
  "runners.runnerGroup.default": {
    effect: "in place",
    what: "Later machines join the group that all runners of the organization share. Look at its settings first: it may serve public repositories.",
  },
};
