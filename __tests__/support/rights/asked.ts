/** What a call asks for, whichever way it came: JSON, or the form fields of EC2. */
import type { Call } from "../proxy";

export interface FleetOverride {
  readonly InstanceType?: string;
  readonly SubnetId?: string;
}

export interface TagSpecification {
  readonly ResourceType: string;
  readonly Tags: readonly { readonly Key: string; readonly Value: string }[];
}

export interface Asked {
  readonly TableName?: string;
  readonly IndexName?: string;
  readonly RequestItems?: Readonly<Record<string, unknown>>;
  readonly TransactItems?: readonly Readonly<Record<string, { readonly TableName: string }>>[];
  readonly Key?: Readonly<Record<string, unknown>>;
  readonly QueueUrl?: string;
  readonly Name?: string;
  readonly Names?: readonly string[];
  readonly ResourceId?: string;
  readonly FunctionName?: string;
  readonly logGroupName?: string;
  readonly logStreamName?: string;
  readonly InstanceIds?: readonly string[];
  readonly LaunchTemplateConfigs?: readonly {
    readonly LaunchTemplateSpecification: { readonly LaunchTemplateId: string };
    readonly Overrides: readonly FleetOverride[];
  }[];
  readonly TagSpecifications?: readonly TagSpecification[];
  readonly TargetCapacitySpecification?: { readonly DefaultTargetCapacityType: string };
}

export const askedBy = ({ name, body }: Call): Asked =>
  name.startsWith("ec2:") && !body.startsWith("{") ? fromForm(body) : (JSON.parse(body) as Asked);

/** EC2's names on the wire are those of one element: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-query-api.html */
const LISTS: Readonly<Record<string, string>> = {
  InstanceId: "InstanceIds",
  Tag: "Tags",
  TagSpecification: "TagSpecifications",
};

type Node = { [name: string]: Node | string };

/** `A.1.B=x` is `{ A: [{ B: "x" }] }`. */
const fromForm = (body: string): Asked => {
  const root: Node = {};
  for (const [path, value] of new URLSearchParams(body)) {
    const names = path.split(".");
    let at = root;
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as Node;
    at[names.at(-1)!] = value;
  }
  return asLists(root) as Asked;
};

const asLists = (node: Node | string): unknown => {
  if (typeof node === "string") return node;
  if (Object.keys(node).every((name) => /^\d+$/.test(name))) return Object.values(node).map(asLists);
  return Object.fromEntries(
    Object.entries(node).map(([name, one]) => [
      typeof one === "object" && "1" in one ? (LISTS[name] ?? name) : name,
      asLists(one),
    ]),
  );
};
