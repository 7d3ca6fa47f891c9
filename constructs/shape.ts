import { Token } from "cdktf";
import { checkPlain, ConfigurationError, shown } from "./validation";
import type { EphemeralRunnersProps } from "./ephemeral-runners";
import type { FleetProps, MachineProps } from "./fleet";
import type { ExistingNetwork, RunnerNetworkProps } from "./runner-network";
import type { ExistingLaunchTemplate } from "./used-launch-template";
import type { Construct } from "constructs";

/** Kinds of values, for who writes JavaScript or JSON, where no compiler looks. */
export type Kind =
  | "a text"
  | "a number"
  | "true or false"
  | "a list of texts"
  | "a list of objects"
  | "an object"
  | "an object of texts"
  | "the name of an SSM parameter"
  | "a list of Apps";

/** Every key of an interface, each with the kind of its value. */
export type Shape<T> = Readonly<Record<keyof T, Kind>>;

type Test = (value: unknown) => boolean;

const isText: Test = (value) => typeof value === "string" || Token.isUnresolved(value);
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isListOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);

const TESTS: Readonly<Record<Kind, Test>> = {
  "a text": isText,
  "a number": (value) => typeof value === "number",
  "true or false": (value) => typeof value === "boolean",
  "a list of texts": isListOf(isText),
  "a list of objects": isListOf(isObject),
  "an object": isObject,
  "an object of texts": (value) => isObject(value) && Object.values(value).every(isText),
  "the name of an SSM parameter": (value) => typeof value === "string",
  "a list of Apps": isListOf(isObject),
};

/** What stands there is not shown: who writes the secret itself there must not find it in a log. */
export const HIDDEN: readonly Kind[] = ["the name of an SSM parameter", "a list of Apps"];

export const MACHINE: Shape<MachineProps> = {
  architecture: "a text",
  imageId: "a text",
  imageParameter: "a text",
  rootDeviceName: "a text",
  rootVolumeGb: "a number",
  rootVolumeThroughput: "a number",
  setupCommands: "a list of texts",
  allowSudo: "true or false",
  allowDocker: "true or false",
  hardLimitMinutes: "a number",
  idleBackstopMinutes: "a number",
  runnerVersion: "a text",
  runnerSha256: "a text",
  runnerUrl: "a text",
};

export const FLEET: Shape<FleetProps> = {
  name: "a text",
  labels: "a list of texts",
  labelMatch: "a text",
  instanceTypes: "a list of texts",
  markets: "a list of texts",
  maximumMachines: "a number",
  existingLaunchTemplate: "an object",
  ...MACHINE,
};

export const EXISTING_LAUNCH_TEMPLATE: Shape<ExistingLaunchTemplate> = {
  id: "a text",
  version: "a text",
  roleArn: "a text",
  roleId: "a text",
  imageParameter: "a text",
};

export const NEEDED_OF_LAUNCH_TEMPLATE = ["id", "roleArn", "roleId"] as const;

export const NETWORK: Shape<NonNullable<EphemeralRunnersProps["network"]>> = {
  existing: "an object",
  cidrBlock: "a text",
  zones: "a number",
  availabilityZones: "a list of texts",
  allowHttp: "true or false",
};

export const EXISTING_NETWORK: Shape<ExistingNetwork> = {
  vpcId: "a text",
  subnetIds: "a list of texts",
  securityGroupIds: "a list of texts",
};

/** What is the same in JSON and in code: the others are objects of the library or of CDKTF there. */
export const INSTALLATION: Shape<Omit<EphemeralRunnersProps, "github" | "runnerGroup" | "providers">> = {
  fleets: "a list of objects",
  prefix: "a text",
  network: "an object",
  webhook: "a text",
  repositories: "a list of texts",
  publicRepositories: "true or false",
  sourceAddresses: "a list of texts",
  tags: "an object of texts",
  permissionsBoundaryArn: "a text",
  kmsKeyArn: "a text",
  logRetentionDays: "a number",
  alarmActions: "a list of texts",
  runtime: "a text",
  rotationMinutes: "a number",
  webhookSecretRotationDays: "a number",
  renewRunnerVersion: "true or false",
  sweepMinutes: "a number",
  idleLimitMinutes: "a number",
  checkAfterMinutes: "a number",
  rerunInterruptedJobs: "true or false",
  onDemandAfterInterruptions: "true or false",
  backlogRepositories: "a list of texts",
  maximumMachineHoursPerDay: "a number",
  monthlyBudgetUsd: "a number",
  budgetSubscribers: "a list of texts",
  throttlingRateLimit: "a number",
  throttlingBurstLimit: "a number",
  reservedConcurrency: "a number",
  maximumConcurrency: "a number",
  createSpotServiceLinkedRole: "true or false",
  requireLaunchTemplate: "true or false",
  ledgerDeletionProtection: "true or false",
};

export const pathOf = (at: string, key: string): string => (at === "" ? key : `${at}.${key}`);

/** The slip of who writes JSON: quotes that are missing, or too many. */
const quotesHint = (value: unknown, kind: Kind): string => {
  if (kind === "a text" && typeof value === "number") return " Put quotes around it.";
  const unquoted = typeof value === "string" && /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(value);
  return unquoted && TESTS[kind](JSON.parse(value)) ? " Take the quotes off." : "";
};

export const kindMistakes = (path: string, value: unknown, kind: Kind): readonly string[] => {
  if (TESTS[kind](value)) return [];
  if (HIDDEN.includes(kind)) return [`${path} must be ${kind}.`];
  return Token.isUnresolved(value)
    ? []
    : [`${path} must be ${kind}, and is ${shown(value)}.${quotesHint(value, kind)}`];
};

/** What has the wrong kind, and what of `required` is missing; `at` is how the user wrote the object, or "". */
export const shapeMistakes = <K extends string>(
  at: string,
  value: unknown,
  shape: Readonly<Record<K, Kind>>,
  required: readonly NoInfer<K>[] = [],
): readonly string[] => {
  if (!isObject(value)) return [`${at} must be an object, and is ${shown(value)}.`];
  return [
    ...required
      .filter((key) => value[key] === undefined)
      .map((key) => `${pathOf(at, key)} is missing: it must be ${shape[key]}.`),
    ...(Object.keys(shape) as K[])
      .filter((key) => value[key] !== undefined)
      .flatMap((key) => kindMistakes(pathOf(at, key), value[key], shape[key])),
  ];
};

/** The script is rendered before anything is validated, so a reference is refused here. */
export const machineShapeMistakes = (at: string, machine: MachineProps): readonly string[] => [
  ...shapeMistakes(at, machine, MACHINE),
  ...checkPlain(pathOf(at, "setupCommands"), machine.setupCommands),
];

export const fleetsShapeMistakes = (at: string, fleets: unknown): readonly string[] => {
  if (fleets === undefined) return [`${at} is missing: it must be a list of objects.`];
  if (!Array.isArray(fleets)) return [`${at} must be a list of objects, and is ${shown(fleets)}.`];
  return fleets.flatMap((fleet: unknown, index) => [
    ...shapeMistakes(`${at}[${index}]`, fleet, FLEET, ["name", "labels"]),
    ...(isObject(fleet) ? checkPlain(`${at}[${index}].setupCommands`, fleet.setupCommands) : []),
    ...(isObject(fleet) && isObject(fleet.existingLaunchTemplate)
      ? shapeMistakes(
          `${at}[${index}].existingLaunchTemplate`,
          fleet.existingLaunchTemplate,
          EXISTING_LAUNCH_TEMPLATE,
          NEEDED_OF_LAUNCH_TEMPLATE,
        )
      : []),
  ]);
};

export const networkShapeMistakes = (
  at: string,
  network: Omit<RunnerNetworkProps, "prefix" | "tags">,
): readonly string[] => [
  ...shapeMistakes(at, network, NETWORK),
  ...(isObject(network) && isObject(network.existing)
    ? shapeMistakes(pathOf(at, "existing"), network.existing, EXISTING_NETWORK, ["subnetIds"])
    : []),
];

/** Ends the synth at once: of what is missing or of the wrong kind, nothing can be built. */
export const refuse = (mistakes: readonly string[], scope?: Construct): void => {
  if (mistakes.length === 0) return;
  const path = scope === undefined ? "" : `[${scope.node.path}] `;
  throw new ConfigurationError(mistakes.map((mistake) => `${path}${mistake}`).join("\n"));
};
