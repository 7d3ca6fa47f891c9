import { blocks } from "./model";
import type { Attributes, Resource, Stack } from "./model";

/** What CDKTF writes beside the attributes: paths of constructs, for people. */
const COMMENT = "//";

const NOTHING_UNKNOWN: ReadonlySet<string> = new Set();

const attributesOf = (content: Attributes): Attributes =>
  Object.fromEntries(Object.entries(content).filter(([name]) => name !== COMMENT));

/** @param json a synthesized stack: `cdk.tf.json`, or any configuration in Terraform's JSON form */
export const readStack = (json: Attributes): Stack => ({
  form: "stack",
  resources: blocks(json.resource).flatMap((types) =>
    Object.entries(types)
      .filter(([type]) => type !== COMMENT)
      .flatMap(([type, byName]) => blocks(byName).flatMap((all) => resourcesOf(type, all))),
  ),
});

const resourcesOf = (type: string, byName: Attributes): readonly Resource[] =>
  Object.entries(byName)
    .filter(([name]) => name !== COMMENT)
    .flatMap(([name, content]) => blocks(content).map((one) => [name, one] as const))
    .map(([name, content]) => ({
      address: `${type}.${name}`,
      type,
      attributes: attributesOf(content),
      unknown: NOTHING_UNKNOWN,
    }));
