import { Fn } from "cdktf";
import { END_OF_FILE, bootScript } from "./boot-files";
import { isPinned, packagedRelease } from "./packaged-release";
import { checkPattern, isKnown, shown } from "./validation";
import { runnerArchiveUrl } from "../functions/shared/contract";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html: 16 KB, before base64. */
export const MAXIMUM_USER_DATA_BYTES = 16384;

/** What a machine is told at boot, and what it lives by. */
export interface UserDataProps {
  /** Unique id (`AROA...`) of the machine's role, which the metadata service does not tell. */
  readonly roleId: string;

  /** Name of the table in which the machine's registration is laid. */
  readonly handoffTable: string;

  /** Name of the log group that gets the machine's logs, in a stream named like the instance. */
  readonly logGroup: string;

  /** Of the machine, and so of the runner that it downloads. */
  readonly architecture: "x64" | "arm64";

  /**
   * Version of the runner to download when the image brings none. Another than the default needs its `runnerSha256`.
   * @default the version that comes with the registration, unless `runnerSha256` or `runnerUrl` is given; else the one in
   * `runner-version.json`
   */
  readonly runnerVersion?: string;

  /**
   * SHA-256 (64 hexadecimal digits) of the runner's archive, as GitHub publishes it with each release. A download that
   * differs powers the machine off.
   * @default the one that belongs to the default version and the architecture
   */
  readonly runnerSha256?: string;

  /**
   * Where the runner's archive is: a copy of your own, for machines that do not reach github.com before the job.
   * @default the release at github.com/actions/runner
   */
  readonly runnerUrl?: string;

  /**
   * Minutes after which the machine powers off, whatever runs. Fractions are allowed.
   * @default 375: a job has 6 hours unless its workflow says otherwise, and 15 minutes are left for boot and logs
   */
  readonly hardLimitMinutes?: number;

  /**
   * Seconds after the hard limit for shipping the logs. Then the kernel is told to power off, whatever systemd does.
   * @default 60
   */
  readonly graceSeconds?: number;

  /**
   * Minutes without a job after which the machine powers off, counted from the runner's start; the boot itself, your own
   * commands included, may take as long. A backstop: it is later than the idle limit that is decided at GitHub.
   * @default 15
   */
  readonly idleBackstopMinutes?: number;

  /**
   * Seconds between the two looks that the idle backstop takes before it powers off. GitHub gives a runner 60 seconds to
   * start a job that it was assigned.
   * @default 60
   */
  readonly idleRecheckSeconds?: number;

  /**
   * Seconds that the machine waits for its registration: registrations come at the pace that GitHub allows.
   * @default 300
   */
  readonly registrationWaitSeconds?: number;

  /**
   * Commands of your own, run by bash as root before the runner starts, when its user `runner`, its packages and its
   * folder `/opt/actions-runner` exist. The first that fails powers the machine off. They stand in user data, which
   * anyone with `ec2:DescribeInstanceAttribute` can read, and what they print goes to the logs: no secrets in them.
   * @default none
   */
  readonly setupCommands?: readonly string[];

  /**
   * Whether jobs may use `sudo`, and so are root. What is given up: see `MachineProps`.
   * @default false
   */
  readonly allowSudo?: boolean;

  /**
   * Whether jobs may use Docker, and so are root. What is given up: see `MachineProps`.
   * @default false
   */
  readonly allowDocker?: boolean;

  /**
   * One address for the AWS calls of the machine, as `AWS_ENDPOINT_URL` of the SDKs: an emulator or a proxy.
   * @default the service's own addresses in the machine's region
   */
  readonly endpointUrl?: string;
}

export const DEFAULT_IDLE_BACKSTOP_MINUTES = 15;

const defaults = {
  hardLimitMinutes: 375,
  graceSeconds: 60,
  idleBackstopMinutes: DEFAULT_IDLE_BACKSTOP_MINUTES,
  idleRecheckSeconds: 60,
  registrationWaitSeconds: 300,
} as const;

const settingsOf = (props: UserDataProps): Record<string, string | number> => {
  const limits = { ...defaults, ...definedOf(props) };
  const version = props.runnerVersion ?? packagedRelease.version;
  return {
    ROLE_ID: props.roleId,
    HANDOFF_TABLE: props.handoffTable,
    LOG_GROUP: props.logGroup,
    RUNNER_URL: props.runnerUrl ?? runnerArchiveUrl(version, props.architecture),
    RUNNER_SHA256: props.runnerSha256 ?? packagedRelease.sha256[props.architecture],
    ...(isPinned(props) && { RUNNER_PINNED: 1 }),
    HARD_LIMIT_SECONDS: Math.round(limits.hardLimitMinutes * 60),
    GRACE_SECONDS: Math.round(limits.graceSeconds),
    IDLE_BACKSTOP_SECONDS: Math.round(limits.idleBackstopMinutes * 60),
    IDLE_RECHECK_SECONDS: limits.idleRecheckSeconds,
    REGISTRATION_WAIT_SECONDS: limits.registrationWaitSeconds,
    ...(props.endpointUrl === undefined ? {} : { AWS_ENDPOINT_URL: props.endpointUrl }),
  };
};

const definedOf = (props: UserDataProps): Partial<UserDataProps> =>
  Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined));
/** The script as it will run; CDKTF tokens stand in it as they are. */
export const userDataScript = (props: UserDataProps): string =>
  bootScript(settingsOf(props), allowancesOf(props), props.setupCommands ?? []);

/** Scripts of functions/boot that run before the team's own commands. */
const allowancesOf = ({ allowSudo, allowDocker }: UserDataProps): readonly string[] => [
  ...(allowSudo === true ? ["allow-sudo.sh"] : []),
  ...(allowDocker === true ? ["allow-docker.sh"] : []),
];

const token = /(\$\{TfToken\[[^\]]*\]\})/;

/**
 * A Terraform string. `Fn.rawString` escapes line breaks, quotes and `${`, and leaves backslashes and `%{` to the caller.
 */
const literal = (text: string): string => Fn.rawString(text.replaceAll("\\", "\\\\").replaceAll("%{", "%%{"));

/**
 * The value of a launch template's `user_data`: an expression, because some settings are known to Terraform only. It
 * stands in the synthesized JSON as readable text, and reaches EC2 in base64. {@link checkUserData} tells the mistakes.
 */
export const renderUserData = (props: UserDataProps): string => {
  const parts = userDataScript(props)
    .split(token)
    .filter((part) => part !== "");
  return Fn.base64encode(
    Fn.join(
      "",
      parts.map((part) => (token.test(part) ? part : literal(part))),
    ),
  );
};

/** Role ids have 21 characters; names of tables up to 255 and of log groups up to 512, but hardly any has over 128. */
export const TOKEN_BYTES = 128;

/** Bytes of the user data as EC2 counts them; each value that Terraform fills in counts as 128. */
export const userDataBytes = (props: UserDataProps): number =>
  userDataScript(props)
    .split(token)
    .reduce((sum, part) => sum + (token.test(part) ? TOKEN_BYTES : Buffer.byteLength(part)), 0);

const limitProps = Object.keys(defaults) as (keyof typeof defaults)[];

const checkPositive = (prop: string, value: number | undefined): readonly string[] =>
  value === undefined || (isKnown(value) && Number.isFinite(value) && value > 0)
    ? []
    : [`${prop} must be a number above 0 that is known at synth, and is ${shown(value)}.`];

const checkLength = (props: UserDataProps, at: string): readonly string[] => {
  const bytes = userDataBytes(props);
  return bytes <= MAXIMUM_USER_DATA_BYTES
    ? []
    : [
        `${at}setupCommands make the user data ${bytes} bytes long, and EC2 takes ${MAXIMUM_USER_DATA_BYTES}: put what they do into the image, or into a script that they download.`,
      ];
};

const checkRunner = ({ runnerVersion, runnerSha256 }: UserDataProps, at: string): readonly string[] =>
  runnerVersion !== undefined && runnerVersion !== packagedRelease.version && runnerSha256 === undefined
    ? [
        `${at}runnerVersion ${runnerVersion} needs ${at}runnerSha256, the checksum in the notes of its release.`,
      ]
    : [];

const checkOrder = (props: UserDataProps, at: string): readonly string[] => {
  const limits = { ...defaults, ...definedOf(props) };
  return [
    ...(limits.idleBackstopMinutes * 60 < limits.registrationWaitSeconds
      ? [
          `${at}idleBackstopMinutes (${limits.idleBackstopMinutes}) bounds the boot as well, and must not be shorter than registrationWaitSeconds (${limits.registrationWaitSeconds}).`,
        ]
      : []),
    ...(limits.hardLimitMinutes < limits.idleBackstopMinutes
      ? [
          `${at}hardLimitMinutes (${limits.hardLimitMinutes}) must not be shorter than ${at}idleBackstopMinutes (${limits.idleBackstopMinutes}).`,
        ]
      : []),
  ];
};

const checkSetup = (commands: readonly string[] = [], at: string): readonly string[] => {
  const text = commands.join("\n");
  return [
    ...(text.split("\n").includes(END_OF_FILE)
      ? [`${at}setupCommands must not hold a line that is only ${END_OF_FILE}.`]
      : []),
    ...(text.includes("\r")
      ? [`${at}setupCommands must not hold carriage returns: end lines with \\n only.`]
      : []),
  ];
};

const address = /^https?:\/\/[^\s'"\\]+$/;

/** The mistakes in the props, each in one sentence that names the prop; `at` stands before its name. */
export const checkUserData = (props: UserDataProps, at = ""): readonly string[] => [
  ...checkPattern(
    `${at}runnerVersion`,
    props.runnerVersion,
    /^\d+\.\d+\.\d+$/,
    'a version such as "2.338.0"',
  ),
  ...checkPattern(
    `${at}runnerSha256`,
    props.runnerSha256,
    /^[0-9a-f]{64}$/,
    "64 hexadecimal digits, in lower case",
  ),
  ...checkPattern(`${at}runnerUrl`, props.runnerUrl, address, "an address such as https://host/file.tar.gz"),
  ...checkPattern(`${at}endpointUrl`, props.endpointUrl, address, "an address such as https://host"),
  ...checkRunner(props, at),
  ...limitProps.flatMap((prop) => checkPositive(`${at}${prop}`, props[prop])),
  ...checkOrder(props, at),
  ...checkSetup(props.setupCommands, at),
  ...checkLength(props, at),
];
