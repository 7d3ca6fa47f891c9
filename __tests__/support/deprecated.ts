/** What AWS providers deprecate of what a stack sets or refers to. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** An attribute that a stack sets, or refers to. */
export interface Use {
  readonly kind: "data" | "resource";
  /** Such as `aws_sqs_queue`. */
  readonly type: string;
  /** As Terraform writes it. */
  readonly attribute: string;
}

/** Whether a provider deprecates it; undefined: the provider does not know the type. */
export type Judge = (use: Use) => boolean | undefined;

interface Configuration {
  readonly data?: Blocks;
  readonly resource?: Blocks;
}

type Blocks = Readonly<Record<string, Readonly<Record<string, object>>>>;

const REFERENCE = /(data\.)?\b(aws_\w+)\.[\w-]+\.([a-z_]+)/g;

const kinds = ["data", "resource"] as const;

/** All uses of AWS's types in a synthesized stack, each once. */
export const usesIn = (stack: Configuration): readonly Use[] => {
  const set = kinds.flatMap((kind) =>
    Object.entries(stack[kind] ?? {}).flatMap(([type, byName]) =>
      Object.values(byName).flatMap((attributes) =>
        Object.keys(attributes).map((attribute) => ({ kind, type, attribute })),
      ),
    ),
  );
  const referred = [...JSON.stringify(stack).matchAll(REFERENCE)].map(
    ([, data, type = "", attribute = ""]): Use => ({ kind: data ? "data" : "resource", type, attribute }),
  );
  const aws = [...set, ...referred].filter(({ type }) => type.startsWith("aws_"));
  return [...new Map(aws.map((use) => [`${use.kind}.${use.type}.${use.attribute}`, use])).values()];
};

interface Schemas {
  readonly provider_schemas: Readonly<
    Record<string, Readonly<Record<string, Readonly<Record<string, Schema>>>>>
  >;
}

interface Schema {
  readonly block: { readonly attributes?: Readonly<Record<string, { readonly deprecated?: boolean }>> };
}

/** @param json what `terraform providers schema -json` prints */
export const bySchema = (json: string): Judge => {
  const { provider_schemas: all } = JSON.parse(json) as Schemas;
  const aws = Object.entries(all).find(([address]) => address.endsWith("hashicorp/aws"))?.[1];
  return ({ kind, type, attribute }) => {
    const schema = aws?.[kind === "data" ? "data_source_schemas" : "resource_schemas"]?.[type];
    return schema && schema.block.attributes?.[attribute]?.deprecated === true;
  };
};

const camel = (snake: string): string =>
  snake.replace(/_(\w)/g, (_all, letter: string) => letter.toUpperCase());

/** Modules of Pulumi's package that hold types whose name does not begin with the module's. */
const MODULES_OF_NO_NAME = ["ec2", "", "vpc"];

/** Files that are not named like the type. */
const FILES: Readonly<Record<string, string>> = {
  aws_sqs_queue_redrive_allow_policy: "sqs/redriveAllowPolicy",
};

/**
 * By the typings of Pulumi's package, which are made of the schema of version 6 of the provider.
 *
 * @param folder the unpacked npm package `@pulumi/aws`
 */
export const byTypings = (folder: string): Judge => {
  const modules = new Set(readdirSync(folder));
  const fileOf = ({ kind, type }: Use): string | undefined => {
    const words = type.replace(/^aws_/, "").split("_");
    const nameOf = (from: number): string =>
      camel([...(kind === "data" ? ["get"] : []), ...words.slice(from)].join("_"));
    const named = words
      .map((_, from) => [words.slice(0, from).join(""), nameOf(from)] as const)
      .filter(([module]) => module !== "" && modules.has(module));
    const others = MODULES_OF_NO_NAME.map((module) => [module, nameOf(0)] as const);
    return [["", FILES[type] ?? ""] as const, ...named, ...others]
      .map(([module, name]) => join(folder, module, `${name}.d.ts`))
      .find((path) => existsSync(path));
  };
  return (use) => {
    const file = fileOf(use);
    if (file === undefined) return undefined;
    const marked = readFileSync(file, "utf8").matchAll(
      /@deprecated(?:[^*]|\*(?!\/))*\*\/\s*(?:readonly )?(\w+)\??:/g,
    );
    return [...marked].some(([, name]) => name === camel(use.attribute));
  };
};
