import type { SQSHandler } from "aws-lambda";
import { readSettings } from "../shared/settings";
import type { LaunchSettings } from "../shared/contract";
import { createParts } from "../shared/parts";
import { takeMessages } from "./take-messages";

const parts = createParts(readSettings<LaunchSettings>());

export const handler: SQSHandler = (event, context) =>
  takeMessages(parts, event.Records, Date.now() + context.getRemainingTimeInMillis());
