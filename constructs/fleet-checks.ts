import { FLEET_NAME, MAXIMUM_FLEET_NAME_LENGTH } from "../functions/shared/contract";
import { bootProps, fleetArchitecture } from "./fleet";
import { architectureOf, isInstanceType } from "./instance-types";
import { mistakesOf } from "./schema/mistakes";
import { FLEETS as FLEET_LIST } from "./shape";
import { existingTemplateMistakes } from "./used-launch-template";
import { checkUserData, TOKEN_BYTES } from "./user-data";
import { addCheckOnce, checkFilled, checkPattern, checkPlain, checkRange, isKnown } from "./validation";
import type { FleetProps, MachineProps } from "./fleet";
import type { Construct } from "constructs";

/** https://docs.github.com/en/rest/actions/self-hosted-runners#create-configuration-for-a-just-in-time-runner-for-an-organization */
const MAXIMUM_LABELS = 100;
/** https://github.com/actions/runner/blob/main/src/Runner.Listener/Configuration/Validators.cs */
const MAXIMUM_LABEL_LENGTH = 256;
/** A DescribeInstances page, and GitHub's most runners in a group: nothing beyond was ever tried. */
const MAXIMUM_MACHINES = 1000;

/**
 * The launch function's role names each fleet's template, role and parameter, and its policy has 10,240 characters:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAXIMUM_FLEETS = 10;

const labelMistakes = (prop: string, label: string): readonly string[] =>
  checkPlain(prop, label, (known) => {
    if (known.trim() === "" || known.trim() !== known)
      return [`${prop} is ${JSON.stringify(known)}: a label is neither empty nor has spaces around it.`];
    if (known.includes(","))
      return [
        `${prop} is ${JSON.stringify(known)}: GitHub takes a comma for the end of a label. Write two labels instead.`,
      ];
    if (/\{\{|%\{/.test(known))
      return [
        `${prop} is ${JSON.stringify(known)}: Parameter Store takes no "{{" and Terraform no "%{", and a label goes through both.`,
      ];
    if (known.length > MAXIMUM_LABEL_LENGTH)
      return [`${prop} has ${known.length} characters, and GitHub allows ${MAXIMUM_LABEL_LENGTH}.`];
    return [];
  });

const doubledMistakes = (prop: string, values: readonly string[], end: string): readonly string[] => {
  const doubled = values.find((value, index) => values.indexOf(value) !== index);
  return doubled === undefined ? [] : [`${prop} names "${doubled}" twice${end}`];
};

const labelsMistakes = (props: FleetProps, at: string): readonly string[] => {
  const filled = checkFilled(`${at}.labels`, props.labels);
  if (filled.length > 0) return filled;
  const known = props.labels.filter(isKnown).map((label) => label.toLowerCase());
  return [
    ...props.labels.flatMap((label, index) => labelMistakes(`${at}.labels[${index}]`, label)),
    ...(props.labels.length > MAXIMUM_LABELS
      ? [`${at}.labels has ${props.labels.length} labels, and GitHub allows ${MAXIMUM_LABELS}.`]
      : []),
    ...doubledMistakes(`${at}.labels`, known, "; GitHub does not tell cases apart."),
  ];
};

const instanceTypeMistakes = (props: FleetProps, at: string): readonly string[] => {
  const mistakes = checkFilled(`${at}.instanceTypes`, props.instanceTypes);
  if (mistakes.length > 0) return mistakes;
  const wanted = fleetArchitecture(props);
  return (props.instanceTypes ?? []).flatMap((type, index) =>
    checkPlain(`${at}.instanceTypes[${index}]`, type, (known) => {
      const architecture = architectureOf(known);
      if (!isInstanceType(known))
        return [
          `${at}.instanceTypes[${index}] is ${JSON.stringify(known)}, which is no instance type: write one such as "m7i.large".`,
        ];
      if (architecture === undefined && props.architecture === undefined)
        return [
          `The architecture of ${at}.instanceTypes[${index}], ${known}, is unknown: set ${at}.architecture to x64 or arm64.`,
        ];
      if (architecture !== undefined && architecture !== wanted)
        return [
          `${at}.instanceTypes[${index}], ${known}, is ${architecture}, and the fleet is ${wanted}: a fleet has one image, so make a second fleet.`,
        ];
      return [];
    }),
  );
};

/** What is wrong with a machine, in the user's words; `at` is how the user wrote it, such as `fleets[0]`, or "". */
export const machineMistakes = (props: MachineProps, at = ""): readonly string[] => {
  const prop = (name: keyof MachineProps): string => (at === "" ? name : `${at}.${name}`);
  return [
    ...(props.imageId !== undefined && props.imageParameter !== undefined
      ? [`${prop("imageId")} and ${prop("imageParameter")} exclude each other: leave one out.`]
      : []),
    ...(isKnown(props.imageId)
      ? checkPattern(
          prop("imageId"),
          props.imageId,
          /^ami-[0-9a-f]{8,17}$/,
          'an id such as "ami-0123456789abcdef0"',
        )
      : []),
    ...checkPattern(
      prop("imageParameter"),
      props.imageParameter,
      /^(?!ami-)\/?[\w.-]+(?:\/[\w.-]+)*$/,
      'the name of an SSM parameter such as "/acme/runner-image" (an id goes into imageId)',
    ),
    ...checkPattern(
      prop("rootDeviceName"),
      props.rootDeviceName,
      /^\/dev\/[a-z0-9]+$/,
      'a device such as "/dev/xvda"',
    ),
    ...checkRange(prop("rootVolumeGb"), props.rootVolumeGb, 8, 16384, "GB"),
    ...checkRange(prop("rootVolumeThroughput"), props.rootVolumeThroughput, 125, 1000, "MiB/s"),
  ];
};

/** What is wrong with a fleet's name; `prop` is how the user wrote it. */
export const fleetNameMistakes = (prop: string, name: string): readonly string[] =>
  checkPattern(prop, name, FLEET_NAME, `1 to ${MAXIMUM_FLEET_NAME_LENGTH} characters of a-z, 0-9 and "-"`);

/** What is wrong with one fleet, in the user's words. */
export const fleetMistakes = (props: FleetProps, at: string): readonly string[] => [
  ...fleetNameMistakes(`${at}.name`, props.name),
  ...labelsMistakes(props, at),
  ...instanceTypeMistakes(props, at),
  ...checkFilled(`${at}.markets`, props.markets),
  ...doubledMistakes(`${at}.markets`, props.markets ?? [], "."),
  ...checkRange(`${at}.maximumMachines`, props.maximumMachines, 0, MAXIMUM_MACHINES),
  ...existingTemplateMistakes(props, at),
  ...machineMistakes(props, at),
  ...userDataMistakes(props, at),
];

/** Stands for a value that Terraform fills in, in what EC2 counts. */
const FILLED_IN = "x".repeat(TOKEN_BYTES);

const userDataMistakes = (props: FleetProps, at: string): readonly string[] =>
  checkUserData(
    {
      roleId: FILLED_IN,
      handoffTable: FILLED_IN,
      logGroup: FILLED_IN,
      ...bootProps(props),
    },
    `${at}.`,
  );

/** What is wrong with the fleets of one installation: each by itself, and one with another. */
export const fleetsMistakes = (fleets: readonly FleetProps[]): readonly string[] => {
  const wrongKinds = mistakesOf("fleets", fleets, FLEET_LIST);
  if (wrongKinds.length > 0) return wrongKinds;
  if (fleets.length === 0) return ["fleets is empty: give at least one, with a name and labels."];
  const names = fleets.map(({ name }) => name);
  const labelSets = fleets.map(({ labels }) =>
    [...new Set(labels.filter(isKnown).map((label) => label.toLowerCase()))].sort().join(),
  );
  return [
    ...(fleets.length > MAXIMUM_FLEETS
      ? [
          `fleets has ${fleets.length} fleets, and one installation serves ${MAXIMUM_FLEETS}: make a second one, with a prefix of its own.`,
        ]
      : []),
    ...fleets.flatMap((fleet, index) => fleetMistakes(fleet, `fleets[${index}]`)),
    ...names.flatMap((name, index) => {
      const first = names.indexOf(name);
      return first === index
        ? []
        : [
            `fleets[${index}].name is that of fleets[${first}], "${name}": each fleet needs a name of its own.`,
          ];
    }),
    ...labelSets.flatMap((set, index) => {
      const first = labelSets.indexOf(set);
      return first === index
        ? []
        : [
            `fleets[${index}] has the same labels as fleets[${first}] (${set}): no job could tell them apart.`,
          ];
    }),
  ];
};

/** Subject of {@link addCheckOnce}: who checks all fleets checks the parts that are made for them. */
export const FLEETS = "fleets";

/** Checks the fleets of an installation, once: not again in the constructs that it is made of. */
export const checkFleets = (scope: Construct, fleets: readonly FleetProps[]): void => {
  addCheckOnce(scope, FLEETS, () => fleetsMistakes(fleets));
};

/** GitHub takes a space in a label; most who write one meant two labels, and their jobs would wait for nobody. */
export const labelWarnings = (fleets: readonly FleetProps[]): readonly string[] =>
  fleets.flatMap(({ labels }, fleet) =>
    labels.flatMap((label, index) =>
      isKnown(label) && /\s/.test(label.trim())
        ? [
            `fleets[${fleet}].labels[${index}] is ${JSON.stringify(label)}, one label with a space in it: a job has to ask for it just so. If these are several labels, write each as one of the list.`,
          ]
        : [],
    ),
  );
