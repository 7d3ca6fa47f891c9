/** Who or what ended a machine. */
export type EndedBy =
  /** EC2, as it launched the machine: the same launch in another market may work. */
  | "launch"
  /** EC2, which took a spot machine back or stopped its host. */
  | "interruption"
  /** The machine itself. */
  | "machine"
  /** A call of the API: ours, or that of somebody else in the account. */
  | "caller"
  | "unknown";

interface Reason {
  readonly by: EndedBy;
  readonly means: string;
  /** What to do where machines end so, again and again, before they take a job. */
  readonly advice?: string;
}

/** Our own code: the sweep ended it. */
export const NOT_UP = "NotUp";

/** EC2 shows a machine for about an hour after its end. */
export const FORGOTTEN = "Forgotten";

const moreTypes = "give the fleet more instance types and zones";

/**
 * The codes of a `StateReason`, in AWS's words:
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html
 *
 * `Client.InternalError` is what EC2 says, among others, of a volume whose key is out of reach:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/troubleshooting-launch.html#troubleshooting-launch-internal
 * For spot the key has to admit the service-linked role:
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html
 */
const reasons: Readonly<Record<string, Reason>> = {
  "Client.InternalError": {
    by: "launch",
    means: "a client error caused the instance to terminate during launch",
    advice:
      "Most often the KMS key of the root volume, or of the image's snapshot, is disabled or out of reach: for spot machines its policy has to admit the role AWSServiceRoleForEC2Spot.",
  },
  "Client.VolumeLimitExceeded": {
    by: "launch",
    means: "the limit on the number of EBS volumes or total storage was exceeded",
    advice: "Ask AWS for a higher quota of EBS storage, or lower rootVolumeGb.",
  },
  "Client.InvalidSnapshot.NotFound": {
    by: "launch",
    means: "the specified snapshot was not found",
    advice: "A snapshot of the image is gone: make the image anew.",
  },
  "Server.InternalError": {
    by: "launch",
    means: "an internal error caused the instance to terminate during launch",
    advice: `AWS has trouble: look at its health page, and ${moreTypes}.`,
  },
  "Server.InsufficientInstanceCapacity": {
    by: "launch",
    means: "there was insufficient capacity available to satisfy the launch request",
    advice: `EC2 has too few machines: ${moreTypes}.`,
  },
  "Server.SpotInstanceTermination": {
    by: "interruption",
    means: "the spot instance was taken back",
    advice: `EC2 takes spot machines back before they get to work: ${moreTypes}.`,
  },
  "Server.SpotInstanceShutdown": { by: "interruption", means: "the spot instance was taken back" },
  "Server.ScheduledStop": {
    by: "interruption",
    means: "the instance was stopped due to a scheduled retirement",
  },
  "Client.InstanceInitiatedShutdown": {
    by: "machine",
    means: "the instance was shut down from its operating system",
    advice:
      "The machine powered itself off. Mend the boot step that failed: setup runs your setupCommands. If none failed, the runner itself ended: GitHub may not accept its version any more.",
  },
  "Client.InstanceTerminated": {
    by: "caller",
    means: "the instance was terminated or rebooted during the creation of an image",
  },
  "Client.UserInitiatedHibernate": { by: "caller", means: "hibernation was initiated on the instance" },
  "Client.UserInitiatedShutdown": {
    by: "caller",
    means: "the instance was shut down using the EC2 API",
    advice: "Something in the account terminates machines that boot: CloudTrail tells who.",
  },
  [NOT_UP]: {
    by: "caller",
    means: "the sweep ended it: it was no runner after ten minutes",
    advice:
      "See which of your setupCommands takes so long, and whether the machine reaches GitHub through its network.",
  },
  [FORGOTTEN]: { by: "unknown", means: "EC2 does not know it any more" },
};

export const endedBecause = (code: string): EndedBy => reasons[code]?.by ?? "unknown";

/** Undefined: AWS's page has no such code. */
export const meaningOf = (code: string): string | undefined => reasons[code]?.means;

/** Undefined: nothing is known to help. */
export const adviceFor = (code: string): string | undefined => reasons[code]?.advice;
