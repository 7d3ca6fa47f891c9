import { block, textOf, withoutIndex } from "../audit/model";
import type { Attributes } from "../audit/model";
import type { Plan } from "./plan";

/**
 * How CDKTF ends the name of a resource that stands below another construct: 8 digits of the MD5 of its path.
 * https://github.com/hashicorp/terraform-cdk/blob/main/packages/cdktf/lib/private/unique.ts
 */
const HASH = /_[0-9A-F]{8}$/;

/** Depth of the construct that a change is told under: `Runners/Launcher`. */
const GROUP_DEPTH = 2;

/** By address: `Runners/Launcher/Launch/Role`, without the stack. */
export const pathsIn = (stack: Attributes): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(block(stack.resource)).flatMap(([type, byName]) =>
      Object.entries(block(byName)).flatMap(([name, content]) => {
        const path = textOf(block(block(block(content)["//"]).metadata).path);
        return path === undefined ? [] : [[`${type}.${name}`, path.split("/").slice(1).join("/")] as const];
      }),
    ),
  );

/** What tells one instance of a resource from the others. */
const INSTANCE = /(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?(?: \(deposed \w+\))?$/;

export interface Place {
  /** The construct that it is grouped under; empty for what stands in the stack itself. */
  readonly group: string;
  /** The rest of the path, and the index of the instance. */
  readonly name: string;
}

/**
 * The path as the stack tells it. A plan alone tells the name, in which CDKTF joined the path by underscores: without
 * its hash it is the path, unless an id holds an underscore itself.
 */
export const placeOf = (address: string, paths: Plan["paths"]): Place => {
  const [index = ""] = INSTANCE.exec(address) ?? [];
  const plain = address.slice(0, address.length - index.length);
  const path = paths.get(withoutIndex(plain)) ?? guessed(plain);
  const ids = path.split("/");
  const depth = Math.min(GROUP_DEPTH, ids.length - 1);
  return { group: ids.slice(0, depth).join("/"), name: `${ids.slice(depth).join("/")}${index}` };
};

const guessed = (address: string): string => {
  if (address.startsWith("module.")) return address.replace(/\.([^.]+)\.([^.]+)$/, "/$1.$2");
  const name = address.slice(address.indexOf(".") + 1);
  return HASH.test(name) ? name.replace(HASH, "").replaceAll("_", "/") : name;
};

export const pathOf = (address: string, paths: Plan["paths"]): string => {
  const { group, name } = placeOf(address, paths);
  return group === "" ? name : `${group}/${name}`;
};

/** `aws_sqs_queue.Runners_Queue_63592750.arn`: `Runners/Queue.arn` */
export const readableReference = (reference: string, paths: Plan["paths"]): string => {
  const [type, name, ...attributes] = reference.split(".");
  if (type === undefined || name === undefined || type === "data" || type === "var") return reference;
  return [pathOf(`${type}.${name}`, paths), ...attributes].join(".");
};

const REFERENCE = /\$\{(\w+\.[\w-]+\.\w+)\}/g;

/** A text in which references name constructs. */
export const readable = (text: string, paths: Plan["paths"]): string =>
  text.replace(REFERENCE, (_, reference: string) => `\${${readableReference(reference, paths)}}`);
