/**
 * What is applied at this moment, asked of the emulator and not of a state: a function's settings and code, what stands behind a
 * webhook's address, which queue is read for whom, which rules tell whom of what.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  GetFunctionConfigurationCommand,
  ListEventSourceMappingsCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-lambda";
import { emulatorCredentials, emulatorRegion } from "../../support/moto";
import type { LambdaFunction } from "../../support/lambda-process";
import type { World } from "../world";

export interface Mapping {
  readonly function: string;
  readonly queue: string;
  readonly batchSize: number;
  /** How many of the function may run for it at a time. */
  readonly atOnce: number;
}

export interface Rule {
  readonly schedule?: string;
  readonly pattern?: Readonly<Record<string, unknown>>;
  /** Names of functions. */
  readonly targets: readonly string[];
}

export class Applied {
  private readonly zips = new Map<string, string>();

  constructor(private readonly world: World) {}

  readonly function = async (name: string): Promise<LambdaFunction | undefined> => {
    const asked = new GetFunctionConfigurationCommand({ FunctionName: name });
    const found = await this.world.clients.lambda.send(asked).catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
    if (!found) return undefined;
    return {
      name,
      arn: found.FunctionArn ?? "",
      handler: found.Handler ?? "",
      timeout: found.Timeout ?? 3,
      memory: found.MemorySize ?? 128,
      environment: found.Environment?.Variables ?? {},
      zip: this.zipOf(found.CodeSha256 ?? ""),
    };
  };

  /** The bundle that was uploaded, by its checksum, of all that were ever laid out. */
  private zipOf(sha256: string): string {
    if (!this.zips.has(sha256)) {
      const assets = join(this.world.terraform.work, "assets");
      for (const path of readdirSync(assets, { recursive: true, encoding: "utf8" })) {
        if (!path.endsWith(".zip")) continue;
        const bytes = readFileSync(join(assets, path));
        this.zips.set(createHash("sha256").update(bytes).digest("base64"), join(assets, path));
      }
    }
    const found = this.zips.get(sha256);
    if (found === undefined) throw new Error(`No bundle has the checksum ${sha256}.`);
    return found;
  }

  /** @returns the function that a webhook's address leads to; undefined: nothing is there */
  async behind(address: string): Promise<string | undefined> {
    const { host, pathname } = new URL(address);
    const api = `/v2/apis/${host.split(".")[0]}`;
    const [routes, integrations] = await Promise.all([
      this.get<{ items: { routeKey: string }[] }>("apigateway", `${api}/routes`),
      this.get<{ items: { integrationUri: string }[] }>("apigateway", `${api}/integrations`),
    ]);
    if (!routes?.items.some(({ routeKey }) => routeKey === `POST ${pathname}`)) return undefined;
    return integrations?.items
      .map(({ integrationUri }) => /:function:([\w-]+)/.exec(integrationUri)?.[1])
      .find(Boolean);
  }

  async mappings(): Promise<readonly Mapping[]> {
    const { EventSourceMappings = [] } = await this.world.clients.lambda.send(
      new ListEventSourceMappingsCommand({}),
    );
    return EventSourceMappings.filter(({ State }) => State !== "Disabled").map((one) => ({
      function: nameIn(one.FunctionArn),
      queue: one.EventSourceArn?.split(":").at(-1) ?? "",
      batchSize: one.BatchSize ?? 10,
      atOnce: one.ScalingConfig?.MaximumConcurrency ?? 5,
    }));
  }

  async rules(): Promise<readonly Rule[]> {
    const { Rules } = await this.events<{
      Rules: { Name: string; EventPattern?: string; ScheduleExpression?: string; State: string }[];
    }>("ListRules", {});
    return Promise.all(
      Rules.filter(({ State }) => State === "ENABLED").map(async (rule) => {
        const { Targets } = await this.events<{ Targets: { Arn: string }[] }>("ListTargetsByRule", {
          Rule: rule.Name,
        });
        return {
          ...(rule.ScheduleExpression && { schedule: rule.ScheduleExpression }),
          ...(rule.EventPattern && { pattern: JSON.parse(rule.EventPattern) as Record<string, unknown> }),
          targets: Targets.map(({ Arn }) => nameIn(Arn)),
        };
      }),
    );
  }

  private async events<T>(action: string, body: object): Promise<T> {
    const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSEvents.${action}` };
    const answer = await this.send("events", "/", { method: "POST", headers, body: JSON.stringify(body) });
    return (await answer.json()) as T;
  }

  private async get<T>(service: string, path: string): Promise<T | undefined> {
    const answer = await this.send(service, path, {});
    return answer.ok ? ((await answer.json()) as T) : undefined;
  }

  private send(service: string, path: string, init: RequestInit): Promise<Response> {
    const scope = `${emulatorCredentials.accessKeyId}/20260101/${emulatorRegion}/${service}/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
    const headers = { ...(init.headers as Record<string, string>), authorization };
    return fetch(`${this.world.moto}${path}`, { ...init, headers });
  }
}

const nameIn = (arn = ""): string => arn.split(":function:")[1]?.split(":")[0] ?? "";
