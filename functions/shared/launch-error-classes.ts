/**
 * Where to go from an error of a launch. `stop`: nothing else in this round can help. `again`: nor can it, but it may pass
 * within seconds.
 */
export type Next = "elsewhere" | "wait" | "stop" | "again";

/** Our own code for a call whose answer never came. */
export const NO_ANSWER = "NoAnswer";

/**
 * When the alarm rings for an error, after a whole round in all markets; an error is logged in any case.
 * `always`: even if all machines were had, since they cost more than they should.
 * `missing`: fewer machines were had than were wanted.
 * `lasting`: the same, and the launches before brought nothing either ({@link LASTING_SETBACKS}).
 * `fruitless`: none was had.
 * `everywhere`: none was had, and every pool that was asked says the like.
 * `never`: it passes, or is had elsewhere.
 */
export type Rings = "always" | "missing" | "lasting" | "fruitless" | "everywhere" | "never";

/** So many launches in a row: the waits between them are 5, 10 and 20 seconds. */
export const LASTING_SETBACKS = 3;

export interface ErrorClass {
  readonly next: Next;
  readonly rings: Rings;
  /** What it is said of: a type in a zone (where absent), or a subnet, whatever the type. */
  readonly of?: "subnet";
  /** What somebody has to do about it. */
  readonly advice?: string;
}

const capacity: ErrorClass = { next: "elsewhere", rings: "never" };
const wait: ErrorClass = { next: "wait", rings: "never" };
/** Another pool or market has a limit of its own. */
const quota = (advice: string): ErrorClass => ({ next: "elsewhere", rings: "missing", advice });
/** No pool and no market can be different. */
const mistake = (advice?: string): ErrorClass => ({
  next: "stop",
  rings: "missing",
  ...(advice && { advice }),
});
/** Taken away, or not allowed, by an apply of which the next launch knows; or for good. */
const gone = (advice: string): ErrorClass => ({ next: "again", rings: "lasting", advice });
const notHere = (advice: string): ErrorClass => ({ next: "elsewhere", rings: "everywhere", advice });

const QUOTAS = "in Service Quotas, or lower maximumMachines of the fleet";
const OFFERED =
  "None of the fleet's instance types is offered in any zone of its subnets: name others in instanceTypes, or subnets in other zones.";
const TEMPLATE = "apply the stack again; for a launch template of your own, see existingLaunchTemplate.";
const NETWORK = "A subnet or security group of the fleet is gone: mend the network, and apply the stack.";
const REQUEST =
  "What the message names comes from the launch template or from the fleet's settings: mend it there, and apply.";

/**
 * By code, or by what stands before the dot of a code. All that AWS lists of codes which a launch can meet is in
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html; rows with a source of their own are not.
 */
export const classes: Readonly<Record<string, ErrorClass>> = {
  InsufficientInstanceCapacity: capacity,
  InsufficientCapacity: capacity,
  InsufficientCapacityOnHost: capacity,
  InsufficientHostCapacity: capacity,
  InsufficientReservedInstanceCapacity: capacity,
  InsufficientReservedInstancesCapacity: capacity,
  InsufficientVolumeCapacity: capacity,
  InsufficientAddressCapacity: capacity,
  InsufficientFreeAddressesInSubnet: { ...capacity, of: "subnet" },
  ReservationCapacityExceeded: capacity,
  // https://github.com/aws/karpenter-provider-aws/blob/main/pkg/errors/errors.go
  UnfulfillableCapacity: capacity,
  SpotMaxPriceTooLow: capacity,

  Unsupported: notHere(OFFERED),
  // Of a type that the zone does not have, also beside a complete launch, and of a type that there is not:
  // https://github.com/hashicorp/packer/pull/9946, https://github.com/compiler-explorer/infra/issues/601
  InvalidFleetConfiguration: notHere(OFFERED),
  UnsupportedOperation: notHere(
    "The image does not go with the fleet's instance types: mend one or the other.",
  ),
  EncryptedVolumesNotSupported: notHere("The fleet's instance types take no encrypted volumes: name others."),
  InvalidInstanceType: notHere(OFFERED),
  InvalidAvailabilityZone: notHere(OFFERED),
  InvalidZone: notHere(OFFERED),
  VolumeTypeNotAvailableInZone: notHere("The zones do not have the volume type of the launch template."),

  RequestLimitExceeded: wait,
  // What the SDK takes for throttles, too: https://github.com/smithy-lang/smithy-typescript/blob/main/packages/service-error-classification/src/constants.ts
  RequestThrottled: wait,
  EC2ThrottledException: wait,
  Throttling: wait,
  ThrottlingException: wait,
  ConcurrentTagAccess: wait,
  RequestExpired: wait,
  TargetCapacityLimitExceededException: wait,
  ResourceLimitExceeded: wait,
  ResourceCountExceeded: wait,
  RequestResourceCountExceeded: wait,
  InternalError: wait,
  InternalFailure: wait,
  ServiceUnavailable: wait,
  Unavailable: wait,
  [NO_ANSWER]: wait,
  // An earlier try of the same launch took effect: its machines will be found by their tag.
  // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
  IdempotentParameterMismatch: wait,
  IdempotentInstanceTerminated: wait,

  // On-demand and spot have quotas of their own: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
  VcpuLimitExceeded: quota(`Raise the quota "Running On-Demand ... instances" ${QUOTAS}.`),
  InstanceLimitExceeded: quota(`Raise the quota "Running On-Demand ... instances" ${QUOTAS}.`),
  MaxSpotInstanceCountExceeded: quota(`Raise the quota "All ... Spot Instance Requests" ${QUOTAS}.`),
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/fleet-quotas.html
  MaxFleetCountExceeded: mistake(
    'Raise the quota "EC2 Fleets" in Service Quotas; an account that is new may have none yet: ask AWS Support.',
  ),
  MaxSpotFleetRequestCountExceeded: quota("Raise the quotas of EC2 Fleet and Spot Fleet in Service Quotas."),
  VolumeLimitExceeded: mistake(`Raise the quota for storage of EBS volumes ${QUOTAS}.`),
  MaxIOPSLimitExceeded: mistake(`Raise the quota for IOPS of EBS volumes ${QUOTAS}.`),
  NetworkInterfaceLimitExceeded: mistake(`Raise the quota "Network interfaces per Region" ${QUOTAS}.`),

  OptInRequired: mistake(
    "The account may not use EC2 in this region, or has not subscribed to the product of the image at AWS Marketplace: do so. A new account waits until AWS has verified it.",
  ),
  PendingVerification: mistake(
    "AWS still verifies the account for this region, which can take hours: wait, or ask AWS Support.",
  ),
  Blocked: mistake("AWS has blocked the account: ask AWS Support."),
  AuthFailure: mistake(
    "The account may not use something that the launch names, such as the image: share it with the account.",
  ),
  // Spot needs a role that this account lacks; on-demand does not.
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/service-linked-roles-spot-instance-requests.html
  "AuthFailure.ServiceLinkedRoleCreationNotPermitted": {
    next: "elsewhere",
    rings: "always",
    advice:
      "The account lacks the role AWSServiceRoleForEC2Spot: set createSpotServiceLinkedRole to true and apply, or have somebody run aws iam create-service-linked-role --aws-service-name spot.amazonaws.com.",
  },
  // An apply that changes the network changes policy, fleet parameter and function one after the other, and a changed policy
  // takes effect within seconds: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html (eventually consistent)
  UnauthorizedOperation: gone(
    "The role, a permissions boundary or a policy of the organization refuses the launch. If the role was applied as it is, set requireLaunchTemplate to false and apply: SECURITY.md, note 12.",
  ),
  // https://github.com/kent8192/reinhardt-web/issues/2027
  SsmAccessDenied: mistake(
    "A permissions boundary or a policy of the organization keeps the function from the parameter of the image: allow ssm:GetParameter and ssm:GetParameters on imageParameter.",
  ),
  CustomerKeyHasBeenRevoked: mistake(
    "The KMS key of the volumes cannot be used: enable it, or mend its policy.",
  ),

  // Duplicate pools, among others: the functions name one subnet a zone, and know the zones from DescribeSubnets.
  // https://github.com/github-aws-runners/terraform-aws-github-runner/issues/5297
  InvalidFleetConfig: mistake(
    "If it is about duplicate instance pools, two of the fleet's subnets are in one zone and the function could not read that: allow it ec2:DescribeSubnets, or give one subnet a zone.",
  ),
  InvalidAMIID: mistake(
    "The image does not exist in this region, is not shared with the account, or was deregistered: set imageId or imageParameter to one that is there, and apply.",
  ),
  InvalidSnapshot: mistake(
    "The snapshot of the image is gone: set imageId or imageParameter to another image, and apply.",
  ),
  InvalidLaunchTemplateId: gone(`The fleet's launch template, or its version, is gone: ${TEMPLATE}`),
  InvalidLaunchTemplateName: gone(`The fleet's launch template is gone: ${TEMPLATE}`),
  InvalidIamInstanceProfileArn: gone(`The instance profile of the launch template is gone: ${TEMPLATE}`),
  InvalidSubnet: { ...quota(NETWORK), rings: "lasting", of: "subnet" },
  InvalidSubnetID: { ...quota(NETWORK), rings: "lasting", of: "subnet" },
  InvalidGroup: gone(NETWORK),
  InvalidGroupId: gone(NETWORK),
  InvalidSecurityGroupID: gone(NETWORK),
  InvalidSecurityGroupId: gone(NETWORK),
  InvalidVpcID: mistake(NETWORK),
  VPCIdNotSpecified: mistake(NETWORK),
  SecurityGroupsPerInstanceLimitExceeded: mistake("Give the fleet fewer security groups."),
  SecurityGroupsPerInterfaceLimitExceeded: mistake("Give the fleet fewer security groups."),
  InvalidKeyPair: mistake("The key pair of your launch template is gone: make it, or leave it out."),
  InvalidPlacementGroup: mistake(
    "The placement group of your launch template is gone: make it, or leave it out.",
  ),
  InvalidBlockDeviceMapping: mistake(
    "The image has another root device than the fleet: set rootDeviceName, or enlarge rootVolumeGb.",
  ),
  InvalidUserData: mistake(REQUEST),
  InvalidParameter: mistake(REQUEST),
  InvalidParameterValue: mistake(REQUEST),
  InvalidParameterCombination: mistake(REQUEST),
  InvalidParameterDependency: mistake(REQUEST),
  InvalidInput: mistake(REQUEST),
  InvalidRequest: mistake(REQUEST),
  MissingParameter: mistake(REQUEST),
  UnknownParameter: mistake(REQUEST),
  UnknownVolumeType: mistake(REQUEST),
  VolumeIOPSLimit: mistake(REQUEST),
  ValidationError: mistake(REQUEST),
  TagLimitExceeded: mistake("The launch template gives machines too many tags: take some out."),
};

/**
 * A code that the table lacks costs one more try in the next market, which may well serve the job. It is told where
 * nothing was had, so that the table learns it.
 */
export const unknown: ErrorClass = {
  next: "elsewhere",
  rings: "fruitless",
  advice: "This code is not known here: the message says what EC2 wants.",
};
