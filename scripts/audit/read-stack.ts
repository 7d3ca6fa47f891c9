import { block, blocks, isObject, MODULE, strings } from "./model";
import type { Attributes, Resource, Stack } from "./model";

/** What CDKTF writes beside the attributes: paths of constructs, for people. */
const COMMENT = "//";

const NOTHING_UNKNOWN: ReadonlySet<string> = new Set();

const attributesOf = (content: Attributes): Attributes =>
  unfolded(Object.fromEntries(Object.entries(content).filter(([name]) => name !== COMMENT))) as Attributes;

/** Blocks that are made by a loop stand as one of each, whatever the loop goes through. */
const unfolded = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(unfolded);
  if (!isObject(value)) return value;
  const { dynamic, ...rest } = value;
  const own = Object.entries(isObject(dynamic) ? rest : value).map(
    ([name, one]) => [name, unfolded(one)] as const,
  );
  const looped = blocks(dynamic)
    .flatMap(Object.entries)
    .map(([name, loop]) => {
      const contents = blocks(loop).flatMap(({ content }) => blocks(content));
      return [name, [...blocks(value[name]), ...contents].map(unfolded)] as const;
    });
  return Object.fromEntries([...own, ...looped]);
};

/** `${data.aws_service_principal.Runners_Aws_Principal-ec2_0123ABCD.name}` */
const PRINCIPAL = /\$\{data\.aws_service_principal\.([\w-]+)\.name\}/g;

/**
 * Names the services that data sources name. Partitions write some in other ways, but never another service: so its name
 * in the commercial partition stands for it.
 */
const withPrincipals = (json: Attributes): Attributes => {
  const asked = new Map(
    blocks(json.data)
      .flatMap(({ aws_service_principal }) => blocks(aws_service_principal))
      .flatMap(Object.entries)
      .flatMap(([name, content]) => blocks(content).map(({ service_name }) => [name, service_name])),
  );
  const named = (text: string): string =>
    text.replace(PRINCIPAL, (reference: string, name: string) => {
      const service = asked.get(name);
      return typeof service === "string" && /^[a-z0-9-]+$/.test(service)
        ? `${service}.amazonaws.com`
        : reference;
    });
  const resolve = (value: unknown): unknown => {
    if (typeof value === "string") return named(value);
    if (Array.isArray(value)) return value.map(resolve);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one)]));
  };
  return asked.size === 0 ? json : (resolve(json) as Attributes);
};

/** @param written a synthesized stack: `cdk.tf.json`, or any configuration in Terraform's JSON form */
export const readStack = (written: Attributes): Stack => readResources(withPrincipals(written));

const readResources = (json: Attributes): Stack => ({
  form: "stack",
  regions: strings(blocks(block(json.provider).aws).map(({ region }) => region)),
  resources: [
    ...blocks(json.resource).flatMap((types) =>
      Object.entries(types)
        .filter(([type]) => type !== COMMENT)
        .flatMap(([type, byName]) => blocks(byName).flatMap((all) => resourcesOf(type, all))),
    ),
    ...blocks(json.module).flatMap((all) => resourcesOf(MODULE, all)),
  ],
});

const resourcesOf = (type: string, byName: Attributes): readonly Resource[] =>
  Object.entries(byName)
    .filter(([name]) => name !== COMMENT)
    .flatMap(([name, content]) => blocks(content).map((one) => [name, one] as const))
    .map(([name, content]) => ({
      address: `${type}.${name}`,
      type,
      attributes: attributesOf(content),
      written: content,
      unknown: NOTHING_UNKNOWN,
    }));
