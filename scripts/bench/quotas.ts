/** A limit of an account and region that AWS raises on request, and what of it one machine takes. */
export interface Quota {
  /** As Service Quotas has it: https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html */
  readonly name: string;
  readonly service: string;
  readonly code: string;
  /** What an account has that never asked for more; a new one may have less. */
  readonly initially: number;
  readonly aMachine: number;
}

/** The default of the constructs: 2 vCPU, one network interface, 30 GB of gp3. */
const VCPUS = 2;
export const ROOT_VOLUME_GB = 30;

export const quotas: readonly Quota[] = [
  {
    name: "All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests, vCPUs",
    service: "ec2",
    code: "L-34B43A08",
    initially: 5,
    aMachine: VCPUS,
  },
  {
    name: "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances, vCPUs",
    service: "ec2",
    code: "L-1216C47A",
    initially: 5,
    aMachine: VCPUS,
  },
  {
    name: "Storage for General Purpose SSD (gp3) volumes, TiB",
    service: "ebs",
    code: "L-7A658B76",
    initially: 50,
    aMachine: ROOT_VOLUME_GB / 1024,
  },
  {
    name: "Network interfaces per Region",
    service: "vpc",
    code: "L-DF5E4CA3",
    initially: 5000,
    aMachine: 1,
  },
];
