import type { SQSHandler } from "aws-lambda";
import { readSettings } from "../shared/settings";
import type { LaunchSettings } from "../shared/contract";
import { createClients, createParts } from "../shared/parts";
import { takeMessages } from "./take-messages";

const settings = readSettings<LaunchSettings>();
const parts = createParts(settings, createClients(settings));

export const handler: SQSHandler = (event, context) =>
  takeMessages(parts, event.Records, Date.now() + context.getRemainingTimeInMillis());
