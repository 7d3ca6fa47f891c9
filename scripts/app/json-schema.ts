import { CDKTF_KEY, STACK, STACKS } from "./context";
import { openKeys } from "../../constructs/schema/node";
import type { Json, ListOf, Node, ObjectOf, Variants } from "../../constructs/schema/node";
import type { Kind } from "../../constructs/schema/kinds";

/** The JSON Schema of cdktf.json, out of the tables that the checks read too: https://json-schema.org/draft-07 */

/** What is said of a place, by its path below `context`. */
export type Describe = (path: readonly string[]) => string | undefined;

const TEXT = { type: "string" };
const OBJECT = { type: "object" };

const KINDS: Readonly<Record<Kind, Json>> = {
  "a text": TEXT,
  "a plain text": TEXT,
  "a number": { type: "number" },
  "true or false": { type: "boolean" },
  "a list of texts": { type: "array", items: TEXT },
  "a list of numbers": { type: "array", items: { type: "number" } },
  "a list of objects": { type: "array", items: OBJECT },
  "an object": OBJECT,
  "an object of texts": { type: "object", additionalProperties: TEXT },
  "the name of an SSM parameter": TEXT,
  "a list of Apps": { type: "array", items: OBJECT },
};

/** `whole`: as it must be in the end. `changes`: what is laid over it, in which nothing is needed and null takes away. */
type Form = "whole" | "changes";

interface Place {
  readonly path: readonly string[];
  readonly form: Form;
  readonly describe: Describe;
}

const below = (place: Place, key: string): Place => ({ ...place, path: [...place.path, key] });

const orNull = (schema: Json): Json => ({ anyOf: [schema, { type: "null" }] });

const propertyOf = (node: Node, place: Place): Json => {
  const description = place.describe(place.path);
  const schema = schemaOf(node, place);
  return {
    ...(description !== undefined && { description }),
    ...(place.form === "changes" ? orNull(schema) : schema),
  };
};

const objectSchema = ({ keys, required = [], rules = [] }: ObjectOf, place: Place): Json => ({
  type: "object",
  properties: Object.fromEntries(
    openKeys(keys).map((key) => [key, propertyOf(keys[key] as Node, below(place, key))]),
  ),
  additionalProperties: false,
  ...(place.form === "whole" && {
    ...(required.length > 0 && { required }),
    ...(rules.length > 0 && { allOf: rules.map(({ schema }) => schema) }),
  }),
});

/** In a list every element is whole: lists are replaced, not merged. */
const listSchema = ({ items }: ListOf, place: Place): Json => ({
  type: "array",
  items: schemaOf(items, { ...place, form: "whole" }),
});

const variantsSchema = ({ by, variants }: Variants, place: Place): Json => {
  const names = Object.keys(variants);
  const all = Object.assign({}, ...Object.values(variants).map(({ keys }) => keys)) as ObjectOf["keys"];
  if (place.form === "changes") return objectSchema({ keys: { ...all, [by]: { oneOf: names } } }, place);
  return {
    type: "object",
    properties: { [by]: { enum: names, description: place.describe([...place.path, by]) } },
    required: [by],
    allOf: names.map((name) => ({
      if: { properties: { [by]: { const: name } }, required: [by] },
      then: objectSchema(variants[name] as ObjectOf, below(place, name)),
    })),
  };
};

const schemaOf = (node: Node, place: Place): Json => {
  if (typeof node === "string") return KINDS[node];
  if ("oneOf" in node) return { enum: node.oneOf };
  if ("pattern" in node) return { type: "string", pattern: node.pattern.source };
  if ("items" in node) return listSchema(node, place);
  if ("variants" in node) return variantsSchema(node, place);
  if ("keys" in node) return objectSchema(node, place);
  throw new Error(`Nothing is known of ${place.path.join(".")}.`);
};

/** The root is open: which keys there are, the context says that uses it. */
const definition = (form: Form, describe: Describe): Json => ({
  ...schemaOf(STACK, { path: [], form, describe }),
  additionalProperties: true,
});

export const cdktfJsonSchema = (describe: Describe): Json => {
  const keys = Object.keys(STACK.keys);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "cdktf.json of ephemeral GitHub Actions runners",
    type: "object",
    properties: {
      context: {
        type: "object",
        properties: {
          ...Object.fromEntries(keys.map((key) => [key, {}])),
          stacks: {
            description: describe(["stacks"]),
            type: "object",
            minProperties: 1,
            propertyNames: { pattern: STACKS.names.pattern.source },
            additionalProperties: {
              allOf: [{ $ref: "#/definitions/changes" }],
              propertyNames: { enum: keys },
            },
          },
        },
        patternProperties: { [CDKTF_KEY.source]: {} },
        additionalProperties: false,
        if: { required: ["stacks"] },
        then: { $ref: "#/definitions/changes" },
        else: { $ref: "#/definitions/whole" },
      },
    },
    definitions: {
      whole: definition("whole", describe),
      // Said once: in what is laid over it, the names are enough.
      changes: definition("changes", () => undefined),
    },
  };
};
