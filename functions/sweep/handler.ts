import type { ScheduledHandler } from "aws-lambda";
import type { LaunchSettings } from "../shared/contract";
import { createParts } from "../shared/parts";
import { readSettings } from "../shared/settings";
import { sweep } from "./sweep";

const settings = readSettings<LaunchSettings>();
const parts = createParts(settings);

export const handler: ScheduledHandler = (_event, context) =>
  sweep(parts, settings.fleets, Date.now() + context.getRemainingTimeInMillis());
