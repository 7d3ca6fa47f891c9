import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundleFunctions, type Bundle } from "../bundle";

/** Programs that are bundled as our functions are, and load no more than their name says. */
const sources = {
  "empty handler": "",
  "clients of webhook": `
    import { SQSClient } from "@aws-sdk/client-sqs";
    import { SSMClient } from "@aws-sdk/client-ssm";
    export const clients = [new SQSClient(), new SSMClient()];`,
  "clients of launch and sweep": `
    import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
    import { EC2Client } from "@aws-sdk/client-ec2";
    import { LambdaClient } from "@aws-sdk/client-lambda";
    import { SQSClient } from "@aws-sdk/client-sqs";
    import { SSMClient } from "@aws-sdk/client-ssm";
    import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
    const documents = DynamoDBDocumentClient.from(new DynamoDBClient());
    export const clients = [documents, new EC2Client(), new LambdaClient(), new SQSClient(), new SSMClient()];`,
  "clients of rotate-tokens": `
    import { SSMClient } from "@aws-sdk/client-ssm";
    export const clients = [new SSMClient()];`,
  "clients of interruption": `
    import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
    import { SQSClient } from "@aws-sdk/client-sqs";
    import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
    export const clients = [DynamoDBDocumentClient.from(new DynamoDBClient()), new SQSClient()];`,
} as const;

/** What a webhook function loads that takes its dependencies as they come. */
export const UNBUNDLED = "client-sqs, client-ssm and a logger, unbundled";
const unbundled = `
  const { Logger } = require("@aws-lambda-powertools/logger");
  const { SQSClient } = require("@aws-sdk/client-sqs");
  const { SSMClient } = require("@aws-sdk/client-ssm");
  exports.parts = [new Logger(), new SQSClient(), new SSMClient()];
`;

export type YardstickName = keyof typeof sources;

export interface Yardsticks {
  readonly bundles: ReadonlyMap<YardstickName, Bundle>;
  /** Path of the program that is not bundled. */
  readonly unbundled: string;
}

/**
 * @param work an empty folder
 * @param home the repository, whose dependencies they load
 */
export const makeYardsticks = async (work: string, home: string): Promise<Yardsticks> => {
  mkdirSync(join(work, "functions"));
  for (const part of ["node_modules", "functions/shared"]) symlinkSync(join(home, part), join(work, part));
  const names = Object.keys(sources) as YardstickName[];
  for (const name of names) {
    const folder = join(work, "functions", folderOf(name));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "handler.ts"), `${sources[name]}\nexport const handler = async () => ({});\n`);
  }
  const made = await bundleFunctions({ root: work, outDir: join(work, "bundles") });
  const plain = join(work, "unbundled.js");
  writeFileSync(plain, unbundled);
  const bundles = names.map((name) => [name, made.find((one) => one.name === folderOf(name))!] as const);
  return { bundles: new Map(bundles), unbundled: plain };
};

const folderOf = (name: string): string => name.replaceAll(" ", "-");
