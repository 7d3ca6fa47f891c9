import { commonSteps, keyRow, rolesRow, tagsRow } from "./common";
import { fleetSteps } from "./fleets";
import { functionSteps } from "./functions";
import { appRow, githubSteps, groupRow, webhookRow } from "./github";
import { machineSteps } from "./machines";
import { networkSteps } from "./network";
import { moves } from "./place";
import { alone, together, type Step } from "../row";

/** Two installations are changed side by side, on two cores. */
export const LANES: Readonly<Record<"ground" | "github", readonly Step[]>> = {
  ground: [...networkSteps, ...machineSteps, ...fleetSteps],
  github: [...githubSteps, ...commonSteps, ...functionSteps],
};

const [cidrBlock, zones] = networkSteps;
const [, removed, renamed, labels] = fleetSteps;
const rows = (...steps: readonly (Step | undefined)[]) => steps.flatMap((step) => step?.rows ?? []);

/** The most dangerous ones, with every change of the code: two lanes again, and few steps, of rows that touch different things. */
export const TEN: typeof LANES = {
  ground: [
    together("cidrBlock, tags and boundary", [...rows(cidrBlock), tagsRow, rolesRow]),
    together("zones, labels and group", [...rows(zones, labels), groupRow]),
    together("one fleet removed, one renamed", rows(removed, renamed)),
  ],
  github: [...alone([webhookRow]), together("key and App", [keyRow, appRow])],
};

/** Every key that has a row. */
export const rowKeys = (): readonly string[] => [
  ...Object.values(LANES).flatMap((steps) => steps.flatMap(({ rows }) => rows.map(({ key }) => key))),
  ...moves.map(({ key }) => key),
];
