import type { Change, Changes } from "./effect";

const machine = (what: string): Change => ({ effect: "new machines only", what });

const TEMPLATE = "The launch template gets a new version, and the next launch uses it.";

/** The kinds of machines. */
export const FLEET_CHANGES: Changes = {
  "runners.fleets": {
    effect: "in place",
    what: "A fleet that is added serves jobs some seconds after the apply. Jobs that wait for one that is taken out go to another fleet with their labels, or are given up with an alarm after 5 minutes. Its machines work to the end of their job, and their own log ends with the apply; those that boot at that moment end without a job.",
  },
  "runners.fleets[].name": {
    effect: "in place",
    what: "Another name is another fleet: one is made, and the one before is taken out. Jobs that wait go to the new one within two minutes. Until the machines of the old one are gone, both may have their maximumMachines.",
  },
  "runners.fleets[].labels": {
    effect: "in place",
    what: "Jobs that wait stay while machines with the new labels can run them. Else they go to another fleet that has their labels, or are given up with an alarm after 5 minutes. Machines with the old labels finish their job.",
  },
  "runners.fleets[].labelMatch": {
    effect: "in place",
    what: "It holds for jobs that come. Those that wait get their machines, since the labels of the fleet stay.",
  },
  "runners.fleets[].instanceTypes": machine("The next launch tries the new types."),
  "runners.fleets[].markets": machine("The next launch tries the new markets, in their order."),
  "runners.fleets[].maximumMachines": {
    effect: "in place",
    what: "A higher number is used at once. With a lower one no machine is ended: none is launched until fewer run. With 0 the fleet is emptied.",
  },
  "runners.fleets[].existingLaunchTemplate": {
    effect: "empty the fleets first",
    what: "From a made template to one of yours: the made one is destroyed, and with it the role and the log group of its machines. Those that work finish their job without a log; those that boot end without one. The way back touches no machine.",
    steps: "empty",
  },
  "runners.fleets[].existingLaunchTemplate.id": machine("The next launch uses the new template."),
  "runners.fleets[].existingLaunchTemplate.version": machine("The next launch uses the new version."),
  "runners.fleets[].existingLaunchTemplate.roleArn": machine(
    "Launching may pass on the new role only. Change it together with the template and roleId.",
  ),
  "runners.fleets[].existingLaunchTemplate.roleId": machine(
    "Registrations are laid for the new role. Machines that boot at that moment with the old one end without a job, and are replaced.",
  ),
  "runners.fleets[].existingLaunchTemplate.imageParameter": machine(
    "Launching may read the new parameter only. Change it together with the template.",
  ),
  "runners.fleets[].architecture": machine(
    `${TEMPLATE} Instance types and image change with it, if you named none.`,
  ),
  "runners.fleets[].imageId": machine(TEMPLATE),
  "runners.fleets[].imageParameter": machine(TEMPLATE),
  "runners.fleets[].rootDeviceName": machine(TEMPLATE),
  "runners.fleets[].rootVolumeGb": machine(TEMPLATE),
  "runners.fleets[].rootVolumeThroughput": machine(TEMPLATE),
  "runners.fleets[].setupCommands": machine(TEMPLATE),
  "runners.fleets[].allowSudo": machine(TEMPLATE),
  "runners.fleets[].allowDocker": machine(TEMPLATE),
  "runners.fleets[].hardLimitMinutes": machine(TEMPLATE),
  "runners.fleets[].idleBackstopMinutes": machine(TEMPLATE),
  "runners.fleets[].runnerVersion": machine(TEMPLATE),
  "runners.fleets[].runnerSha256": machine(TEMPLATE),
  "runners.fleets[].runnerUrl": machine(TEMPLATE),
};
