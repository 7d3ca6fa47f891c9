import { TAG } from "../../../functions/shared/contract";
import { INSTALLATION } from "../../../__tests__/support/fleet-world";

/**
 * Machines that run, with as many fields as EC2 tells of each: some 4 KB.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
 */
export const describeInstances = (instanceIds: readonly string[], fleet: string): string => {
  const reservations = instanceIds.map((id) =>
    item(
      text("reservationId", "r-1234567890abcdef0") +
        text("ownerId", "123456789012") +
        within("groupSet", "") +
        within("instancesSet", item(instance(id, fleet))) +
        text("requesterId", "AIDACKCEVSQ6C2EXAMPLE"),
    ),
  );
  return `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${within(
    "reservationSet",
    reservations.join(""),
  )}</DescribeInstancesResponse>`;
};

const within = (name: string, inner: string): string => `<${name}>${inner}</${name}>`;
const text = (name: string, value: string | number | boolean): string => within(name, String(value));
const item = (inner: string): string => within("item", inner);
const all = (fields: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(fields)
    .map(([name, value]) => text(name, value))
    .join("");

const SINCE = "2026-09-01T12:00:00.000Z";
const group = within(
  "groupSet",
  item(all({ groupId: "sg-1234567890abcdef0", groupName: "runners-machines" })),
);

const instance = (instanceId: string, fleet: string): string =>
  [
    all({ instanceId, imageId: "ami-1234567890abcdef0" }),
    within("instanceState", all({ code: 16, name: "running" })),
    launched,
    placed,
    group,
    all({ architecture: "x86_64", rootDeviceType: "ebs", rootDeviceName: "/dev/xvda" }),
    within("blockDeviceMapping", item(rootVolume)),
    within("tagSet", tags(instanceId, fleet)),
    within("networkInterfaceSet", item(networkInterface)),
    within("iamInstanceProfile", profile),
    within("metadataOptions", metadata),
    options,
  ].join("");

const tags = (instanceId: string, fleet: string): string =>
  Object.entries({
    Name: `${INSTALLATION}-${fleet}`,
    [TAG.installation]: INSTALLATION,
    [TAG.fleet]: fleet,
    [TAG.launch]: `launch-${instanceId}`,
    "aws:ec2:fleet-id": "fleet-12345678-90ab-cdef-1234-567890abcdef",
    "aws:ec2launchtemplate:id": "lt-1234567890abcdef0",
    "aws:ec2launchtemplate:version": "1",
  })
    .map(([key, value]) => item(all({ key, value })))
    .join("");

const networkInterface = [
  all({
    networkInterfaceId: "eni-1234567890abcdef0",
    subnetId: "subnet-1234567890abcdef0",
    vpcId: "vpc-1234567890abcdef0",
    description: "",
    ownerId: "123456789012",
    status: "in-use",
    macAddress: "02:dd:2c:5e:01:69",
    privateIpAddress: "10.0.12.34",
    sourceDestCheck: true,
    interfaceType: "interface",
  }),
  group,
  within(
    "attachment",
    all({
      attachmentId: "eni-attach-1234567890abcdef0",
      deviceIndex: 0,
      status: "attached",
      attachTime: SINCE,
      deleteOnTermination: true,
      networkCardIndex: 0,
    }),
  ),
  within(
    "association",
    all({
      publicIp: "203.0.113.25",
      publicDnsName: "ec2-203-0-113-25.eu-central-1.compute.amazonaws.com",
      ipOwnerId: "amazon",
    }),
  ),
  within(
    "privateIpAddressesSet",
    item(
      all({ privateIpAddress: "10.0.12.34", primary: true }) +
        within("association", all({ publicIp: "203.0.113.25", ipOwnerId: "amazon" })),
    ),
  ),
].join("");

const launched = all({
  privateDnsName: "ip-10-0-12-34.eu-central-1.compute.internal",
  dnsName: "ec2-203-0-113-25.eu-central-1.compute.amazonaws.com",
  reason: "",
  amiLaunchIndex: 0,
  productCodes: "",
  instanceType: "m7i.large",
  launchTime: SINCE,
  virtualizationType: "hvm",
  instanceLifecycle: "spot",
  spotInstanceRequestId: "sir-1a2b3c4d",
  clientToken: "fleet-12345678-90ab-cdef-1234-567890abcdef-0",
});

const placed = [
  within("placement", all({ availabilityZone: "eu-central-1a", groupName: "", tenancy: "default" })),
  within("monitoring", text("state", "disabled")),
  all({
    subnetId: "subnet-1234567890abcdef0",
    vpcId: "vpc-1234567890abcdef0",
    privateIpAddress: "10.0.12.34",
    ipAddress: "203.0.113.25",
    sourceDestCheck: true,
  }),
].join("");

const rootVolume = [
  text("deviceName", "/dev/xvda"),
  within(
    "ebs",
    all({
      volumeId: "vol-1234567890abcdef0",
      status: "attached",
      attachTime: SINCE,
      deleteOnTermination: true,
    }),
  ),
].join("");

const profile = all({
  arn: "arn:aws:iam::123456789012:instance-profile/runners-linux",
  id: "AIPAEXAMPLE",
});

const metadata = all({
  state: "applied",
  httpTokens: "required",
  httpPutResponseHopLimit: 1,
  httpEndpoint: "enabled",
  httpProtocolIpv6: "disabled",
  instanceMetadataTags: "disabled",
});

const options = [
  all({ hypervisor: "xen", ebsOptimized: true, enaSupport: true }),
  within("cpuOptions", all({ coreCount: 1, threadsPerCore: 2 })),
  within("capacityReservationSpecification", text("capacityReservationPreference", "open")),
  within("hibernationOptions", text("configured", false)),
  within("enclaveOptions", text("enabled", false)),
  within("maintenanceOptions", all({ autoRecovery: "default", rebootMigration: "default" })),
  within("privateDnsNameOptions", all({ hostnameType: "ip-name", enableResourceNameDnsARecord: false })),
  all({
    platformDetails: "Linux/UNIX",
    usageOperation: "RunInstances",
    usageOperationUpdateTime: SINCE,
    bootMode: "uefi-preferred",
    currentInstanceBootMode: "uefi",
  }),
].join("");
