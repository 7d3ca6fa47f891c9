import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SSMClient } from "@aws-sdk/client-ssm";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { LaunchSettings } from "./contract";
import { ec2Machines } from "./ec2-machines";
import { createFleetSettings, type FleetSettingsSource } from "./fleet-settings";
import { createLedger } from "./ledger";
import type { ReconcileParts } from "./reconcile-launch";
import { createRegistrar } from "./registrations";
import { createTokenSource } from "./token";

/** What launch and sweep work with, made once for the life of a sandbox. */
export const createParts = (
  settings: LaunchSettings,
): ReconcileParts & { readonly fleetSettings: FleetSettingsSource } => {
  const { installation, github, registration, tokenParameter, rotateFunction } = settings;
  const ssm = new SSMClient();
  const lambda = new LambdaClient();
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const token = createTokenSource({ ssm, lambda, parameter: tokenParameter, rotateFunction });
  return {
    installation,
    ledger: createLedger({
      client,
      table: settings.ledgerTable,
      handoffTable: settings.handoffTable,
      installation,
    }),
    provider: ec2Machines(new EC2Client(), installation),
    registrar: createRegistrar({ installation, github, mode: registration, token }),
    fleetSettings: createFleetSettings(ssm, settings, token),
    now: Date.now,
  };
};
