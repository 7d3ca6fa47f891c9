/**
 * A stand-in for a Terraform provider: it knows the names and types of the resources, gives them ids, and keeps what
 * it is told in Terraform's state. It proves that a configuration fits the provider's schema, never that the real
 * service would take the values.
 *
 * Terraform starts it as a plugin (https://github.com/hashicorp/go-plugin), in a process of its own.
 * `STAND_IN_NOTIFY`, a URL, is told of every resource that is made, and answers with attributes for it; and of every one
 * that is destroyed.
 */
import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Server, ServerCredentials, loadPackageDefinition, status } from "@grpc/grpc-js";
import type { sendUnaryData, ServiceClientConstructor, ServerUnaryCall } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ExtData, decode, encode } from "@msgpack/msgpack";
import type { AttributeType, Block, ProviderSchema } from "./schema";

type Values = Record<string, unknown>;
interface DynamicValue {
  readonly msgpack: Uint8Array;
}
interface Request {
  readonly type_name: string;
  readonly current_state?: DynamicValue;
  readonly prior_state: DynamicValue;
  readonly proposed_new_state: DynamicValue;
  readonly planned_state: DynamicValue;
  readonly raw_state: { readonly json: Uint8Array };
}

const LIST = 2;
const SET = 3;
const schema = JSON.parse(readFileSync(join(__dirname, "schema.json"), "utf8")) as ProviderSchema;

const read = ({ msgpack }: DynamicValue): Values | null => decode(msgpack) as Values | null;
const write = (value: unknown): object => ({ msgpack: encode(value) });
const unknown = (): ExtData => new ExtData(0, new Uint8Array([0]));

/** What Terraform calls, by name. */
const provider: Readonly<Record<string, (request: Request) => object | Promise<object>>> = {
  GetProviderSchema: () => ({
    provider: { version: 0, block: wireBlock(schema.provider) },
    resource_schemas: Object.fromEntries(
      Object.entries(schema.resources).map(([type, block]) => [
        type,
        { version: 0, block: wireBlock(block) },
      ]),
    ),
  }),
  ValidateProviderConfig: () => ({}),
  ValidateResourceConfig: () => ({}),
  ConfigureProvider: () => ({}),
  StopProvider: () => ({}),
  UpgradeResourceState: ({ raw_state }) => ({ upgraded_state: { json: raw_state.json } }),
  ReadResource: ({ current_state }) => ({ new_state: current_state }),
  PlanResourceChange: ({ type_name, prior_state, proposed_new_state }) => {
    const proposed = read(proposed_new_state);
    if (read(prior_state) || !proposed) return { planned_state: proposed_new_state };
    const computed = attributesOf(type_name).filter(
      ({ computed, name }) => computed && proposed[name] === null,
    );
    return {
      planned_state: write({
        ...proposed,
        ...Object.fromEntries(computed.map(({ name }) => [name, unknown()])),
      }),
    };
  },
  ApplyResourceChange: async ({ type_name, prior_state, planned_state }) => {
    const planned = read(planned_state);
    if (!planned) {
      await notify("DELETE", `${type_name}/${String(read(prior_state)?.id)}`);
      return { new_state: planned_state };
    }
    const made = read(prior_state) ? {} : { id: String(randomInt(1e6, 1e9)) };
    const told = await notify("POST", type_name, { ...known(planned), ...made });
    const open = attributesOf(type_name).filter(({ name }) => planned[name] instanceof ExtData);
    const filled = open.map(({ name, type }) => [name, { ...made, ...told }[name as "id"] ?? emptyOf(type)]);
    return { new_state: write({ ...planned, ...Object.fromEntries(filled) }) };
  },
};

const attributesOf = (type: string): Block["attributes"] => schema.resources[type]?.attributes ?? [];

const known = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => !(value instanceof ExtData)));

const emptyOf = (type: AttributeType): unknown => {
  if (typeof type !== "string") return type[0] === "map" ? {} : [];
  return { string: "", number: 0, bool: false }[type];
};

async function notify(method: "POST" | "DELETE", path: string, values?: Values): Promise<Values> {
  const url = process.env.STAND_IN_NOTIFY;
  if (!url) return {};
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${process.env.STAND_IN_TOKEN ?? ""}`,
  };
  const response = await fetch(`${url}/${path}`, { method, headers, body: values && JSON.stringify(values) });
  if (!response.ok) throw new Error(`${url} answered ${response.status} to ${method} of ${path}.`);
  return (await response.json()) as Values;
}

function wireBlock({ attributes, blocks }: Block): object {
  return {
    attributes: attributes.map(({ type, ...rest }) => ({ ...rest, type: Buffer.from(JSON.stringify(type)) })),
    block_types: blocks.map(({ name, block, nesting, required, maxItems }) => ({
      type_name: name,
      block: wireBlock(block),
      nesting: nesting === "set" ? SET : LIST,
      min_items: required ? 1 : 0,
      max_items: maxItems,
    })),
  };
}

function serve(): void {
  const server = new Server();
  const service = (file: string, name: string): ServiceClientConstructor["service"] => {
    const [namespace = "", member = ""] = name.split(".");
    const loaded = loadPackageDefinition(loadSync(join(__dirname, file), { keepCase: true, defaults: true }));
    return (loaded[namespace] as Record<string, ServiceClientConstructor>)[member]!.service;
  };
  const unary =
    (act: (request: Request) => object | Promise<object>) =>
    (call: ServerUnaryCall<Request, object>, answer: sendUnaryData<object>): void => {
      Promise.resolve(call.request)
        .then(act)
        .then(
          (response) => answer(null, response),
          (error: unknown) => answer({ code: status.UNKNOWN, details: String(error) }),
        );
    };
  server.addService(
    service("plugin.proto", "tfplugin6.Provider"),
    Object.fromEntries(Object.entries(provider).map(([name, act]) => [name, unary(act)])),
  );
  server.addService(service("controller.proto", "plugin.GRPCController"), {
    Shutdown: unary(() => {
      setImmediate(() => process.exit(0));
      return {};
    }),
  });
  server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    // The handshake: https://github.com/hashicorp/go-plugin/blob/main/docs/internals.md
    console.log(`1|6|tcp|127.0.0.1:${port}|grpc`);
  });
}

serve();
