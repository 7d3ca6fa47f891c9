import { ALARM_METRIC, TAG } from "../../functions/shared/contract";
import { linksOf } from "./links";
import { blocks, block, isObject } from "./model";
import { readSettings } from "./settings";
import type { Resource, Stack } from "./model";

/** One installation of the library in the stack: what it is made of, and why each part was taken for it. */
export interface Installation {
  readonly name: string;
  readonly members: readonly Member[];
}

export interface Member {
  readonly resource: Resource;
  readonly why: string;
}

const tagOf = (tags: unknown): string | undefined => {
  const value = isObject(tags) ? tags[TAG.installation] : undefined;
  return typeof value === "string" ? value : undefined;
};

/** What says by itself which installation it is of; an override may have taken one of these signs away. */
const seedOf = ({ type, attributes }: Resource): readonly [name: string, why: string] | undefined => {
  const tag = tagOf(attributes.tags) ?? tagOf(attributes.tags_all);
  if (tag !== undefined) return [tag, `tagged ${TAG.installation}`];
  if (type === "aws_launch_template") {
    const given = blocks(attributes.tag_specifications).map(({ tags }) => tagOf(tags));
    const first = given.find((one) => one !== undefined);
    if (first !== undefined) return [first, `tags its machines ${TAG.installation}`];
  }
  if (type === "aws_lambda_function") {
    const { installation } = block(readSettings(attributes));
    if (typeof installation === "string") return [installation, "named in its settings"];
  }
  if (type === "aws_cloudwatch_metric_alarm" && attributes.namespace === ALARM_METRIC.namespace) {
    const watched = block(attributes.dimensions)[ALARM_METRIC.dimension];
    if (typeof watched === "string") return [watched, `watches ${ALARM_METRIC.namespace} of it`];
  }
  return undefined;
};

/** The seeds, all that is attached to them and all that they use, in the order of the stack. */
const membersOf = (name: string, { resources }: Stack): readonly Member[] => {
  const found = new Map<Resource, string>();
  for (const resource of resources) {
    const seed = seedOf(resource);
    if (seed?.[0] === name) found.set(resource, seed[1]);
  }
  const belongsElsewhere = (resource: Resource): boolean => {
    const seed = seedOf(resource);
    return seed !== undefined && seed[0] !== name;
  };
  const links = linksOf(resources);
  for (let before = -1; before !== found.size;) {
    before = found.size;
    for (const { from, to, attribute, direction } of links) {
      if (direction === "attached" && found.has(to) && !found.has(from) && !belongsElsewhere(from))
        found.set(from, `attached to ${to.address}`);
      if (direction === "used" && found.has(from) && !found.has(to))
        found.set(to, `used by ${from.address}, ${attribute}`);
    }
  }
  return resources.flatMap((resource) => {
    const why = found.get(resource);
    return why === undefined ? [] : [{ resource, why }];
  });
};

export const findInstallations = (stack: Stack): readonly Installation[] => {
  const names = new Set(stack.resources.flatMap((resource) => seedOf(resource)?.[0] ?? []));
  return [...names].sort().map((name) => ({ name, members: membersOf(name, stack) }));
};
