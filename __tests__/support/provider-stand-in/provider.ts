/**
 * A stand-in for a Terraform provider: it knows the names and types of the resources, gives them ids, and keeps what
 * it is told in Terraform's state. It proves that a configuration fits the provider's schema, never that the real
 * service would take the values.
 *
 * Terraform starts it as a plugin (https://github.com/hashicorp/go-plugin), in a process of its own.
 * `STAND_IN_NOTIFY`, a URL, is told of every resource that is created, updated or deleted, whole each time, as the real
 * provider tells GitHub; it is asked what has become of one at each refresh; and it answers with attributes for it.
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/resource_github_organization_webhook.go
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
  /** Of an import. */
  readonly id: string;
  readonly current_state?: DynamicValue;
  readonly prior_state: DynamicValue;
  readonly proposed_new_state: DynamicValue;
  readonly planned_state: DynamicValue;
  /** Of the provider. */
  readonly config: DynamicValue;
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
  ConfigureProvider: ({ config }) => {
    owner = read(config)?.owner as string | null | undefined;
    return {};
  },
  StopProvider: () => ({}),
  UpgradeResourceState: ({ raw_state }) => ({ upgraded_state: { json: raw_state.json } }),
  ReadResource: async ({ type_name, current_state }) => {
    const current = current_state && read(current_state);
    if (!current) return { new_state: current_state };
    const told = await notify(type_name, "read", current);
    return { new_state: write(told && { ...current, ...told }) };
  },
  ImportResourceState: ({ type_name, id }) => {
    const { attributes, blocks } = schema.resources[type_name] ?? { attributes: [], blocks: [] };
    const empty = [...attributes.map(({ name }) => [name, null]), ...blocks.map(({ name }) => [name, []])];
    const state = { ...(Object.fromEntries(empty) as Values), id };
    return { imported_resources: [{ type_name, state: write(state) }] };
  },
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
    const prior = read(prior_state);
    if (!planned) {
      await notify(type_name, "delete", prior ?? {});
      return { new_state: planned_state };
    }
    const made = prior ? {} : { id: String(randomInt(1e6, 1e9)) };
    const told = await notify(type_name, prior ? "update" : "create", { ...known(planned), ...made });
    const open = attributesOf(type_name).filter(({ name }) => planned[name] instanceof ExtData);
    const filled = open.map(({ name, type }) => [name, { ...made, ...told }[name as "id"] ?? emptyOf(type)]);
    return { new_state: write({ ...planned, ...Object.fromEntries(filled) }) };
  },
};

/** Of the provider's configuration. */
let owner: string | null | undefined;

/** What needs an organization: the real provider then asks GitHub whether its `owner` is one. */
const OF_ORGANIZATIONS = ["github_organization_webhook", "github_actions_runner_group"];

/**
 * A provider without configuration, as it is started for a resource that stands in the state only, has no `owner`:
 * https://github.com/integrations/terraform-provider-github/blob/v6.9.0/github/util.go, `checkOrganization`
 */
const checkOwner = (type: string): void => {
  if (OF_ORGANIZATIONS.includes(type) && !owner)
    throw new Error('this resource can only be used in the context of an organization, "octocat" is a user');
};

const attributesOf = (type: string): Block["attributes"] => schema.resources[type]?.attributes ?? [];

const known = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => !(value instanceof ExtData)));

const emptyOf = (type: AttributeType): unknown => {
  if (typeof type !== "string") return type[0] === "map" ? {} : [];
  return { string: "", number: 0, bool: false }[type];
};

/** Null: there is no such thing any more. */
async function notify(
  type: string,
  verb: "create" | "read" | "update" | "delete",
  values: Values,
): Promise<Values | null> {
  checkOwner(type);
  const url = process.env.STAND_IN_NOTIFY;
  if (!url) return {};
  const headers = {
    "content-type": "application/json",
    authorization: `Bearer ${process.env.STAND_IN_TOKEN ?? ""}`,
  };
  const whose = owner ? `?owner=${encodeURIComponent(owner)}` : "";
  const response = await fetch(`${url}/${type}/${verb}${whose}`, {
    method: "POST",
    headers,
    body: JSON.stringify(values),
  });
  if (!response.ok)
    throw new Error(`${url} answered ${response.status} when told of a ${type}: ${await response.text()}`);
  return (await response.json()) as Values | null;
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
