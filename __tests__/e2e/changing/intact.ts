/** What must be there after every change as it was before: ledger, handoff, secrets, the webhook, registrations. */
import { GetParameterCommand } from "@aws-sdk/client-ssm";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import {
  HANDOFF,
  LEDGER,
  type LaunchSettings,
  type TokenValue,
  type WebhookSecrets,
} from "../../../functions/shared/contract";
import type { World } from "../world";

const FAR = Math.floor(Date.now() / 1000) + 10 * 24 * 3600;
const LEDGER_MARK = { [LEDGER.partitionKey]: "mark", [LEDGER.sortKey]: "mark#1" };
const HANDOFF_MARK = { [HANDOFF.partitionKey]: "AROAMARK:i-00000000000000000" };

/** Writes what is looked for afterwards. */
export const mark = async (world: World): Promise<void> => {
  const { ledgerTable, handoffTable } = world.settings<LaunchSettings>("launch");
  const { dynamodb } = world.clients;
  await dynamodb.send(new PutCommand({ TableName: ledgerTable, Item: { ...LEDGER_MARK, mark: "kept" } }));
  const Item = { ...HANDOFF_MARK, [HANDOFF.expiry]: FAR, environment: "kept" };
  await dynamodb.send(new PutCommand({ TableName: handoffTable, Item }));
};

/** What is missing, in words; [] when all is there. */
export const missing = async (world: World): Promise<readonly string[]> => {
  const settings = world.settings<LaunchSettings>("launch");
  const { dynamodb } = world.clients;
  const [ledger, handoff] = await Promise.all([
    dynamodb.send(
      new GetCommand({ TableName: settings.ledgerTable, Key: LEDGER_MARK, ConsistentRead: true }),
    ),
    dynamodb.send(
      new GetCommand({ TableName: settings.handoffTable, Key: HANDOFF_MARK, ConsistentRead: true }),
    ),
  ]);
  return [
    ...(ledger.Item?.mark === "kept" ? [] : ["an item of the ledger"]),
    ...(handoff.Item?.environment === "kept" ? [] : ["an item of the handoff"]),
    ...(await missingSecrets(world, settings)),
  ];
};

const valueOf = async (world: World, Name: string): Promise<string> => {
  const asked = new GetParameterCommand({ Name, WithDecryption: true });
  return (await world.clients.ssm.send(asked)).Parameter?.Value ?? "";
};

/** The secret is the one that GitHub signs with, and the token one that GitHub knows. */
const missingSecrets = async (world: World, { githubTokens }: LaunchSettings): Promise<readonly string[]> => {
  const { hooks, permissionsOfToken } = {
    hooks: world.github.state.hooks,
    permissionsOfToken: (token: string) => world.github.state.permissionsOf(token),
  };
  const outputs = world.terraform.outputs();
  const Name = String(
    Object.entries(outputs).find(([name]) => name.endsWith("webhook-secret-parameter"))?.[1],
  );
  const stored = await valueOf(world, Name);
  const accepted = stored.startsWith("{") ? [(JSON.parse(stored) as WebhookSecrets).current] : [stored];
  const signing = [...hooks.values()].filter(({ url }) => url !== "").map(({ secret }) => secret);
  const tokens = await Promise.all((githubTokens ?? []).map(({ parameter }) => valueOf(world, parameter)));
  const unknown = tokens.filter((text) => {
    const token = text.startsWith("{") ? (JSON.parse(text) as TokenValue).token : text;
    return permissionsOfToken(token) === undefined;
  });
  return [
    ...(signing.some((secret) => secret !== undefined && accepted.includes(secret))
      ? []
      : ["the secret that GitHub signs with"]),
    ...unknown.map(() => "a token that GitHub knows"),
  ];
};
