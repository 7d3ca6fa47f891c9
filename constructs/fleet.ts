import { architectureOf, DEFAULT_INSTANCE_TYPES } from "./instance-types";
import { isKnown } from "./validation";
import type { Architecture } from "./instance-types";
import type { ExistingLaunchTemplate } from "./used-launch-template";
import type { FleetRoute, LabelMatch, Market } from "../functions/shared/contract";

/** What a machine is made of and how it lives; the same for a fleet and for a launch template used alone. */
export interface MachineProps {
  /**
   * Processor architecture of image and runner.
   * @default that of `instanceTypes`; "x64" when those are not given either
   */
  readonly architecture?: Architecture;

  /**
   * Id of the image (`ami-...`). Excludes `imageParameter`.
   * @default the newest Amazon Linux 2023
   */
  readonly imageId?: string;

  /**
   * Name of an SSM parameter that holds the image's id, read by EC2 at each launch, so that plans stay as they are when
   * the image changes. Excludes `imageId`.
   * @default AWS's own parameter for the newest Amazon Linux 2023 of the architecture
   */
  readonly imageParameter?: string;

  /**
   * The image's root device: `/dev/xvda` for Amazon Linux, `/dev/sda1` for Ubuntu. A wrong name adds a second volume and
   * leaves the root volume as the image has it.
   * @default "/dev/xvda"
   */
  readonly rootDeviceName?: string;

  /**
   * Size of the root volume (gp3, encrypted, gone with the machine) in GB, 8 to 16384.
   * @default 30: the image takes 2, and GitHub promises the jobs of its own runners 14
   */
  readonly rootVolumeGb?: number;

  /**
   * Throughput of the root volume in MiB/s, 125 to 1000.
   * @default 125, which gp3 gives without charge
   */
  readonly rootVolumeThroughput?: number;

  /**
   * Commands run by bash as root before the runner starts; the first that fails powers the machine off. They stand in
   * user data, which anyone with `ec2:DescribeInstanceAttribute` can read, and what they print goes to the logs: no
   * secret belongs in them.
   * @default none
   */
  readonly setupCommands?: readonly string[];

  /**
   * Whether jobs may use `sudo`, without a password. A job is root then, and what only root could undo is given up: it can
   * ask the metadata service for the role of its machine, stop the limits that the machine sets itself, and change or hold
   * back its logs. That role may take the machine's own registration, which is gone by then, and write into the fleet's log
   * group, streams of other machines included. What still ends such a machine is GitHub's limit on the job (5 days on self-hosted runners) and, minutes
   * after the end of the job, the sweep.
   * @default false
   */
  readonly allowSudo?: boolean;

  /**
   * Whether jobs may use Docker, which is installed where the image brings none: `docker` of Amazon Linux, `docker.io` of
   * Debian and Ubuntu. Who may start containers is root, so that the same is given up as with `allowSudo`, except that
   * `sudo` itself stays closed. A container on a network of its own does not reach the metadata service; one on the
   * machine's network (`--network host`), or a privileged one, does.
   * @default false
   */
  readonly allowDocker?: boolean;

  /**
   * Minutes after which a machine powers off whatever runs on it.
   * @default 375: the 6 hours that a job has unless its workflow says otherwise (`timeout-minutes`), and 15 minutes to boot and to clean up
   */
  readonly hardLimitMinutes?: number;

  /**
   * Minutes after which a machine that runs no job powers itself off, should nobody have ended it before.
   * @default 15
   */
  readonly idleBackstopMinutes?: number;

  /**
   * Version of GitHub's runner that machines download when the image brings none, such as "2.338.0". Another than the one
   * that comes with this package needs its `runnerSha256`. It is not renewed; GitHub refuses it 30 days after a newer
   * release, and an alarm tells before.
   * @default what GitHub offers; with `renewRunnerVersion: false` the version that this package was tested with
   */
  readonly runnerVersion?: string;

  /**
   * SHA-256, in hex, of that version's Linux archive for the fleet's architecture, as GitHub's release notes publish it.
   * @default the checksum that GitHub publishes for the default version
   */
  readonly runnerSha256?: string;

  /**
   * Where the archive is: a copy of your own, for machines that do not reach github.com before the job.
   * @default the release at github.com/actions/runner
   */
  readonly runnerUrl?: string;
}

/** Machines of one kind, for the jobs that ask for one set of labels. */
export interface FleetProps extends MachineProps {
  /** 1 to 20 characters of a-z, 0-9 and `-`; part of the names of machines and runners. */
  readonly name: string;

  /** What jobs write in `runs-on`: 1 to 100 labels. GitHub compares them without regard to case. */
  readonly labels: readonly string[];

  /**
   * `exact`: a job is taken when its labels are these, all of them and no other. `subset`: when each of its labels is
   * one of these, so that a job with the one label `self-hosted` comes here too.
   * @default "exact"
   */
  readonly labelMatch?: LabelMatch;

  /**
   * Instance types that may be launched, of one architecture.
   * @default several current and previous generations with 2 vCPU and 8 GB
   */
  readonly instanceTypes?: readonly string[];

  /**
   * Markets, in the order in which they are tried.
   * @default spot, then on-demand
   */
  readonly markets?: readonly Market[];

  /**
   * Machines that may start, wait or work at a time, 0 to 1000; jobs beyond that wait. One whose job has ended does not
   * count while it ships its logs and powers off. With 0 the fleet is emptied: nothing more is launched, what works goes on to
   * the end of its job, and what is idle is ended.
   * @default 20: a bound on the bill of a first day
   */
  readonly maximumMachines?: number;

  /**
   * A launch template of your own, which then decides image, disk, role and user data. Excludes what else would decide
   * them; `architecture` remains.
   * @default one is made
   */
  readonly existingLaunchTemplate?: ExistingLaunchTemplate;
}

export const DEFAULT_MAXIMUM_MACHINES = 20;
export const DEFAULT_MARKETS: readonly Market[] = ["spot", "on-demand"];
export const DEFAULT_LABEL_MATCH: LabelMatch = "exact";

export const MARKETS: readonly Market[] = ["spot", "on-demand"];
export const LABEL_MATCHES: readonly LabelMatch[] = ["exact", "subset"];

/** The architecture said, else that of the first type, else x64. */
export const fleetArchitecture = (props: MachineProps & Pick<FleetProps, "instanceTypes">): Architecture => {
  const first = props.instanceTypes?.find(isKnown);
  return props.architecture ?? (first === undefined ? undefined : architectureOf(first)) ?? "x64";
};

export const fleetInstanceTypes = (props: FleetProps): readonly string[] =>
  props.instanceTypes ?? DEFAULT_INSTANCE_TYPES[fleetArchitecture(props)];

/** Which labels go to which fleet. */
export const fleetRoutes = (fleets: readonly FleetProps[]): readonly FleetRoute[] =>
  fleets.map(({ name, labels, labelMatch }) => ({
    fleet: name,
    labels,
    match: labelMatch ?? DEFAULT_LABEL_MATCH,
  }));

/** What of a machine is told to it, in its user data. */
export const bootProps = (props: MachineProps & Pick<FleetProps, "instanceTypes">) => ({
  architecture: fleetArchitecture(props),
  runnerVersion: props.runnerVersion,
  runnerSha256: props.runnerSha256,
  runnerUrl: props.runnerUrl,
  hardLimitMinutes: props.hardLimitMinutes,
  idleBackstopMinutes: props.idleBackstopMinutes,
  setupCommands: props.setupCommands,
  allowSudo: props.allowSudo,
  allowDocker: props.allowDocker,
});
