import type { ScheduledHandler } from "aws-lambda";
import type { SweepSettings } from "../shared/contract";
import { createClients } from "../shared/parts";
import { readSettings } from "../shared/settings";
import { createSweepParts } from "./parts";
import { sweep } from "./sweep";

const settings = readSettings<SweepSettings>();
const parts = createSweepParts(settings, createClients(settings));

export const handler: ScheduledHandler = (_event, context) =>
  sweep(parts, settings, Date.now() + context.getRemainingTimeInMillis());
