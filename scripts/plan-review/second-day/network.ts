import { block, blocks, strings, textOf } from "../../audit/model";
import { pathOf } from "../construct-paths";
import { listed, phrase } from "../phrase";
import { stands } from "../plan";
import { fleetsIn, prefixOf } from "./installation";
import type { Attributes } from "../../audit/model";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

/** What machines stand on, and what is true of it while some run. */

/** How a piece of the network is called, in the order in which it matters. */
const PIECES: Readonly<Record<string, string>> = {
  aws_vpc: "the VPC",
  aws_subnet: "a subnet",
  aws_security_group: "the security group",
  aws_internet_gateway: "the internet gateway",
  aws_route_table: "the route table",
  aws_route: "the route to the internet",
  aws_route_table_association: "the route of a subnet",
  aws_vpc_security_group_egress_rule: "a way out",
};

/** Ids of subnets and groups that machines are launched with. */
const usedIds = (plan: Plan): ReadonlySet<string> =>
  new Set([
    ...fleetsIn(plan).flatMap(({ before }) => strings(before?.subnetIds)),
    ...plan.changes
      .filter(({ type, before }) => type === "aws_launch_template" && prefixOf(before) !== undefined)
      .flatMap(({ before }) => strings(before.vpc_security_group_ids)),
  ]);

/** What carries no tag belongs to what it names. */
const OWNERS = ["vpc_id", "subnet_id", "route_table_id", "security_group_id"];

const groundOf = (plan: Plan): readonly Change[] => {
  const used = usedIds(plan);
  const isOwn = (values: Attributes): boolean =>
    prefixOf(values) !== undefined || used.has(textOf(values.id) ?? "");
  const own = new Set(
    plan.changes
      .filter(({ type, before }) => type in PIECES && isOwn(before))
      .flatMap(({ before }) => strings(before.id)),
  );
  return plan.changes.filter(
    ({ type, before }) =>
      type in PIECES && (isOwn(before) || OWNERS.some((name) => own.has(textOf(before[name]) ?? ""))),
  );
};

const namesOf = (changes: readonly Change[]): readonly string[] =>
  Object.entries(PIECES).flatMap(([type, name]) => {
    const count = changes.filter((one) => one.type === type).length;
    return count === 0 ? [] : [count === 1 ? name : `${count} of ${name.replace(/^(?:a|the) /, "")}`];
  });

/** Nothing is left to run in: an installation that goes as a whole is told as that. */
const isDestroyed = ({ changes }: Plan): boolean =>
  !changes.some((change) => change.type === "aws_lambda_function" && stands(change));

const groundTaken = (plan: Plan): readonly Matter[] => {
  const taken = groundOf(plan).filter(({ action }) => action === "delete" || action === "replace");
  if (taken.length === 0 || isDestroyed(plan)) return [];
  const isNewFirst = taken.every(({ action, createsFirst }) => action === "replace" && createsFirst);
  const [first] = taken.filter(({ type }) => type === "aws_vpc" || type === "aws_subnet");
  const names = listed(namesOf(taken));
  return [
    {
      kind: "ground-taken",
      level: isNewFirst ? "attention" : "danger",
      address: (first ?? taken[0])!.address,
      text: isNewFirst
        ? phrase`is made anew before the old goes (${names}): machines that still run in the old part can lose their way out, and hold its removal up for up to 20 minutes; with long jobs, empty the fleets first (docs/changing.md)`
        : phrase`machines that run lose what they stand on (${names}): jobs fail, launches can fail until the apply has ended, and AWS refuses to remove what machines are in; empty the fleets first (docs/changing.md)`,
    },
  ];
};

interface Placed {
  readonly id?: string;
  readonly zone: string;
  readonly address: string;
  /** Whether it stood in its zone before. */
  readonly stood: boolean;
}

/** Subnets of the stack, and those that its data sources tell of. */
const subnetsIn = (plan: Plan): readonly Placed[] => {
  const own = plan.changes
    .filter((change) => change.type === "aws_subnet" && stands(change))
    .map(({ address, before, after, action }) => ({
      id: textOf(after.id),
      zone: textOf(after.availability_zone) ?? "",
      address,
      stood: action !== "create" && before.availability_zone === after.availability_zone,
    }));
  const known = blocks(block(block(block(plan.json.prior_state).values).root_module).resources)
    .filter(({ mode, type }) => mode === "data" && type === "aws_subnet")
    .map(({ address, values }) => ({
      id: textOf(block(values).id),
      zone: textOf(block(values).availability_zone) ?? "",
      address: String(address),
      stood: true,
    }));
  return [...own, ...known].filter(({ zone }) => zone !== "");
};

/** Those that a launch will name: by their ids, or, before they have one, by the tag of the installation. */
const launchedIn = (plan: Plan): readonly Placed[] => {
  const ids = new Set(fleetsIn(plan).flatMap(({ after }) => strings(after?.subnetIds)));
  const before = new Set(fleetsIn(plan).flatMap((fleet) => strings(fleet.before?.subnetIds)));
  const tagged = new Set(
    plan.changes.filter(({ after }) => prefixOf(after) !== undefined).map(({ address }) => address),
  );
  return subnetsIn(plan)
    .filter(({ id, address }) => tagged.has(address) || (id !== undefined && ids.has(id)))
    .map((one) => ({ ...one, stood: one.stood && (one.id === undefined || before.has(one.id)) }));
};

/** Told of the later one only, and not of two that stood so. */
const sharedZones = (plan: Plan): readonly Matter[] => {
  const all = launchedIn(plan);
  const inOrder = [...all.filter(({ stood }) => stood), ...all.filter(({ stood }) => !stood)];
  return inOrder.flatMap((one, index): readonly Matter[] => {
    const other = inOrder.slice(0, index).find(({ zone }) => zone === one.zone);
    if (other === undefined || one.stood) return [];
    return [
      {
        kind: "shared-zone",
        level: "attention",
        address: one.address,
        text: phrase`stands in ${one.zone}, as ${pathOf(other.address, plan.paths)} does: a launch names one subnet of a zone, so the two only take turns; give each a zone of its own`,
      },
    ];
  });
};

export const ground = (plan: Plan): readonly Matter[] => [...groundTaken(plan), ...sharedZones(plan)];
