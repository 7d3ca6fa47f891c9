import type { ScheduledHandler } from "aws-lambda";
import type { MovedSettings, SweepSettings } from "../shared/contract";
import { createClients } from "../shared/parts";
import { readSettings } from "../shared/settings";
import { wholeSettings } from "../shared/whole-settings";
import { createSweepParts } from "./parts";
import { sweep } from "./sweep";

const settings = readSettings<SweepSettings & MovedSettings>();
const clients = createClients(settings);
const parts = createSweepParts(settings, clients);
const whole = wholeSettings<SweepSettings>(settings, clients.readParameters);

export const handler: ScheduledHandler = async (_event, context) =>
  sweep(parts, await whole(), Date.now() + context.getRemainingTimeInMillis());
