import type { ExistingLaunchTemplate, FleetProps, MachineProps, UserDataProps } from "../../../constructs";
import { seenIn } from "./rows";
import type { RowsOf } from "./rows";

const sha256 = "0".repeat(64);

export const MACHINE_ROWS: RowsOf<MachineProps> = {
  architecture: { value: "arm64", shows: ["Launcher", "Sweeper"] },
  imageId: { value: "ami-0123456789abcdef0", shows: ["Launcher", "Sweeper"] },
  imageParameter: { value: "/acme/image", shows: ["Launcher", "Sweeper"] },
  rootDeviceName: { value: "/dev/sda1", shows: ["Launcher"] },
  rootVolumeGb: { value: 50, shows: ["Launcher"] },
  rootVolumeThroughput: { value: 250, shows: ["Launcher"] },
  setupCommands: { value: ["dnf install -y jq"], shows: ["Launcher"] },
  allowSudo: { value: true, shows: ["Launcher"] },
  allowDocker: { value: true, shows: ["Launcher"] },
  hardLimitMinutes: { value: 100, shows: ["Launcher"] },
  idleBackstopMinutes: { value: 20, shows: ["Launcher"] },
  runnerVersion: { value: "2.300.0", beside: { runnerSha256: sha256 }, shows: ["Launcher", "Sweeper"] },
  runnerSha256: { value: sha256, shows: ["Launcher", "Sweeper"] },
  runnerUrl: { value: "https://artifacts.example.com/runner.tar.gz", shows: ["Launcher", "Sweeper"] },
};

const template = {
  id: "lt-0123456789abcdef0",
  roleArn: "arn:aws:iam::111122223333:role/a",
  roleId: "AROA0A",
};

export const FLEET_ROWS: RowsOf<FleetProps> = {
  ...MACHINE_ROWS,
  name: { value: "other", shows: ["Interruption", "Launcher", "Sweeper", "Webhook"] },
  labels: { value: ["other"], shows: ["Launcher", "Webhook"] },
  labelMatch: { value: "subset", shows: ["Launcher", "Webhook"] },
  instanceTypes: { value: ["m7i.xlarge"], shows: ["Launcher", "Sweeper"] },
  markets: { value: ["on-demand"], shows: ["Launcher"] },
  maximumMachines: { value: 7, shows: ["Launcher", "Sweeper"] },
  existingLaunchTemplate: { value: template, shows: ["Launcher", "Sweeper"] },
};

export const EXISTING_LAUNCH_TEMPLATE_ROWS: RowsOf<ExistingLaunchTemplate> = {
  id: { value: "lt-0123456789abcdef1", shows: ["Launcher", "Sweeper"] },
  version: { value: "7", shows: ["Launcher"] },
  roleArn: { value: "arn:aws:iam::111122223333:role/b", shows: ["Launcher", "Sweeper"] },
  roleId: { value: "AROA0B", shows: ["Launcher"] },
  imageParameter: { value: "/acme/image", shows: ["Launcher", "Sweeper"] },
};

/** What of a machine is told to it. */
const OF_BOOT = {
  architecture: MACHINE_ROWS.architecture,
  runnerVersion: MACHINE_ROWS.runnerVersion,
  runnerSha256: MACHINE_ROWS.runnerSha256,
  runnerUrl: MACHINE_ROWS.runnerUrl,
  setupCommands: MACHINE_ROWS.setupCommands,
  allowSudo: MACHINE_ROWS.allowSudo,
  allowDocker: MACHINE_ROWS.allowDocker,
  hardLimitMinutes: MACHINE_ROWS.hardLimitMinutes,
  idleBackstopMinutes: MACHINE_ROWS.idleBackstopMinutes,
};

export const USER_DATA_ROWS: RowsOf<UserDataProps> = {
  ...seenIn(OF_BOOT, ["outputs"]),
  roleId: { value: "AROA0B", shows: ["outputs"] },
  handoffTable: { value: "other", shows: ["outputs"] },
  logGroup: { value: "other", shows: ["outputs"] },
  graceSeconds: { value: 30, shows: ["outputs"] },
  idleRecheckSeconds: { value: 30, shows: ["outputs"] },
  registrationWaitSeconds: { value: 200, shows: ["outputs"] },
  endpointUrl: { value: "https://proxy.example.com", shows: ["outputs"] },
};
