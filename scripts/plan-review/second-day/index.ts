import { events } from "./events";
import { fleets } from "./fleets";
import { moved } from "./moved";
import { ground } from "./network";
import { readers } from "./readers";
import { served } from "./served";
import type { Matter } from "../matters";
import type { Plan } from "../plan";

/** What a change means for an installation that stands: for jobs that wait, machines that run, and what is left behind. */
export const secondDay = (plan: Plan): readonly Matter[] => [
  ...moved(plan),
  ...served(plan),
  ...readers(plan),
  ...events(plan),
  ...ground(plan),
  ...fleets(plan),
];
