import { invokeAspects } from "cdktf/lib/synthesize/synthesizer";
import { TerraformStack, Testing } from "cdktf";
import type { Construct } from "constructs";
import type { Attributes } from "../../support/synth";

/** One resource, data source or output of a stack. */
export interface Element {
  /** `aws_sqs_queue`, `data.aws_region`, `output` */
  readonly type: string;
  /** Ids of the constructs down to it, the stack's left out. */
  readonly path: readonly string[];
  readonly attributes: Attributes;
}

interface Synthesized {
  readonly resource?: Blocks;
  readonly data?: Blocks;
  readonly output?: Record<string, Attributes>;
}

type Blocks = Record<string, Record<string, Attributes & { "//": { metadata: { path: string } } }>>;

const elementsIn = (blocks: Blocks = {}, before = ""): readonly Element[] =>
  Object.entries(blocks).flatMap(([type, byId]) =>
    Object.values(byId).map(({ "//": { metadata }, ...attributes }) => ({
      type: `${before}${type}`,
      path: metadata.path.split("/").slice(1),
      attributes,
    })),
  );

/** What a stack comes to, and what its constructs find wrong. */
export interface Outcome {
  readonly elements: readonly Element[];
  readonly mistakes: readonly string[];
}

/** "It" is the construct that is looked at; what it puts at the root of the stack, its outputs, is its, too. */
export const outcomeOf = (build: (stack: TerraformStack) => Construct): Outcome => {
  const stack = new TerraformStack(Testing.app(), "test");
  build(stack);
  invokeAspects(stack);
  const { resource, data, output = {} } = stack.toTerraform() as Synthesized;
  const outputs = Object.entries(output).map(([name, attributes]) => ({
    type: "output",
    path: ["It", "outputs", name],
    attributes,
  }));
  const elements = [...elementsIn(resource), ...elementsIn(data, "data."), ...outputs];
  const constructs = stack.node.findAll().filter((construct) => construct !== stack);
  return {
    elements: elements.filter(({ path: [first] }) => first === "It"),
    mistakes: constructs.flatMap(({ node }) => node.validate()),
  };
};

const keyed = (elements: readonly Element[]): ReadonlyMap<string, string> =>
  new Map(
    elements.map(({ type, path, attributes }) => [[type, ...path].join("/"), JSON.stringify(attributes)]),
  );

/** The parts of "It" in which something is different, by their ids, sorted. */
export const changedParts = (before: readonly Element[], after: readonly Element[]): readonly string[] => {
  const [old, now] = [keyed(before), keyed(after)];
  const changed = [...before, ...after].filter(({ type, path }) => {
    const key = [type, ...path].join("/");
    return old.get(key) !== now.get(key);
  });
  return [...new Set(changed.map(({ path: [, part = ""] }) => part))].sort();
};
