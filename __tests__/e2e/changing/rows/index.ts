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

/** The most dangerous ones, for every change of the code: two lanes again. Rows of one step touch different resources. */
export const TEN: typeof LANES = {
  ground: [
    cidrBlock!,
    zones!,
    renamed!,
    together("labels, tags, boundary and group", [...labels!.rows, tagsRow, rolesRow, groupRow]),
    removed!,
  ],
  github: alone([webhookRow, keyRow, appRow]),
};

/** Every key that has a row. */
export const rowKeys = (): readonly string[] => [
  ...Object.values(LANES).flatMap((steps) => steps.flatMap(({ rows }) => rows.map(({ key }) => key))),
  ...moves.map(({ key }) => key),
];
