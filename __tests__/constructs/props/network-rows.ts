import type { ExistingNetwork, RunnerNetworkProps } from "../../../constructs";
import type { RowsOf } from "./rows";

const existing = { vpcId: "vpc-1", subnetIds: ["subnet-1"] };

export const NETWORK_ROWS: RowsOf<RunnerNetworkProps> = {
  existing: { value: existing, shows: ["Launcher", "Network", "Sweeper"] },
  cidrBlock: { value: "10.9.0.0/16", shows: ["Network"] },
  zones: { value: 2, shows: ["Launcher", "Network", "Sweeper"] },
  availabilityZones: { value: ["eu-west-1a"], shows: ["Launcher", "Network", "Sweeper"] },
  allowHttp: { value: true, shows: ["Network"] },
};

export const EXISTING_NETWORK_ROWS: RowsOf<ExistingNetwork> = {
  vpcId: { value: "vpc-2", shows: ["Network"] },
  subnetIds: { value: ["subnet-2"], shows: ["Launcher", "Sweeper"] },
  securityGroupIds: { value: ["sg-2"], shows: ["Launcher", "Network", "Sweeper"] },
};
