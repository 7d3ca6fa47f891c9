/**
 * The schema of a provider's resources, read from its CDKTF binding: the TypeScript sources that the binding carries
 * in its inline source maps say of each attribute its type and whether it is computed, optional or required.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** As Terraform writes a type: `"string"`, `["set", "number"]`, ... */
export type AttributeType = string | readonly [string, AttributeType];

export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
}

export interface NestedBlock {
  readonly name: string;
  readonly block: Block;
  readonly nesting: "list" | "set";
  readonly required: boolean;
  /** 0: no limit */
  readonly maxItems: 0 | 1;
}

export interface Block {
  readonly attributes: readonly Attribute[];
  readonly blocks: readonly NestedBlock[];
}

export interface ProviderSchema {
  readonly provider: Block;
  /** By type, e.g. `github_organization_webhook`. */
  readonly resources: Readonly<Record<string, Block>>;
}

/** @param binding folder of the package, e.g. `.../node_modules/@cdktf/provider-github` */
export function readProviderSchema(
  binding: string,
  provider: string,
  types: readonly string[],
): ProviderSchema {
  const block = (folder: string): Block => readBlock(sourceOf(join(binding, "lib", folder, "index.js")));
  const folderOf = (type: string): string => type.slice(provider.length + 1).replaceAll("_", "-");
  const own = block("provider");
  return {
    // Every provider has an alias, and Terraform keeps it to itself.
    provider: { ...own, attributes: own.attributes.filter(({ name }) => name !== "alias") },
    resources: Object.fromEntries(types.map((type) => [type, block(folderOf(type))])),
  };
}

function sourceOf(file: string): string {
  const map = /sourceMappingURL=data:application\/json;base64,(\S+)/.exec(readFileSync(file, "utf8"))?.[1];
  if (!map) throw new Error(`${file} carries no source map to read the schema from.`);
  const { sourcesContent } = JSON.parse(Buffer.from(map, "base64").toString()) as {
    sourcesContent: string[];
  };
  return sourcesContent.join("\n");
}

const field = /\/\/ (\w+) - computed: (\w+), optional: (\w+), required: (\w+)\n(.*\n.*\n.*)/g;

function readBlock(
  source: string,
  className = /export class (\w+) extends cdktf\.Terraform/.exec(source)?.[1],
): Block {
  const body =
    source.split(/^export class /m).find((one) => className && one.startsWith(`${className} `)) ?? "";
  const attributes: Attribute[] = [];
  const blocks: NestedBlock[] = [];
  for (const [, name = "", computed, optional, required, code = ""] of body.matchAll(field)) {
    const nested = /new (\w+?)(List|OutputReference)\(this, "\w+"(?:, (true|false))?\)/.exec(code);
    const type = typeOf(code);
    if (nested) {
      const many = nested[2] === "List";
      blocks.push({
        name,
        block: readBlock(source, `${nested[1]}OutputReference`),
        nesting: nested[3] === "true" ? "set" : "list",
        required: required === "true",
        maxItems: many ? 0 : 1,
      });
    } else if (type) {
      const [c, o, r] = [computed, optional, required].map((flag) => flag === "true") as [
        boolean,
        boolean,
        boolean,
      ];
      attributes.push({ name, type, computed: c, optional: o, required: r });
    }
  }
  return { attributes, blocks };
}

const elementTypes: Readonly<Record<string, string>> = {
  String: "string",
  Number: "number",
  Boolean: "bool",
};
const declaredTypes: Readonly<Record<string, AttributeType>> = {
  string: "string",
  number: "number",
  boolean: "bool",
  "string[]": ["list", "string"],
  "number[]": ["list", "number"],
};

/** From the getter, or where the getter gives back what was set (a provider's own attributes) from its declaration. */
function typeOf(code: string): AttributeType | undefined {
  const [, element = "", collection] = /get(String|Number|Boolean|)(List|Map|)Attribute\(/.exec(code) ?? [];
  const type = elementTypes[element] ?? "string";
  if (collection === "List") return [code.includes("Fn.tolist") ? "set" : "list", type];
  if (collection === "Map") return ["map", type];
  if (collection === "") return type;
  return declaredTypes[/private _\w+\?: (\S+?)(?:;| \|)/.exec(code)?.[1] ?? ""];
}
