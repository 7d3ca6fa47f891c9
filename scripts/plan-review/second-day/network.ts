import { block, blocks, strings, textOf } from "../../audit/model";
import { pathOf } from "../construct-paths";
import { listed, phrase } from "../phrase";
import { stands, stood } from "../plan";
import { fleetsIn, prefixOf, standingIn } from "./installation";
import type { Attributes } from "../../audit/model";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

/** What machines stand on, and what is true of it while some run. */

const EGRESS = "aws_vpc_security_group_egress_rule";
const HTTPS = 443;

/** How one piece of the network is called, and several, in the order in which they matter. */
const PIECES: Readonly<Record<string, readonly [one: string, many: string]>> = {
  aws_vpc: ["the VPC", "VPCs"],
  aws_subnet: ["a subnet", "subnets"],
  aws_security_group: ["the security group", "security groups"],
  aws_internet_gateway: ["the internet gateway", "internet gateways"],
  aws_route_table: ["the route table", "route tables"],
  aws_route: ["the route to the internet", "routes"],
  aws_main_route_table_association: ["the main route table", "main route tables"],
  aws_route_table_association: ["the route table of a subnet", "route tables of subnets"],
  [EGRESS]: ["a way out", "ways out"],
};

/** Whether it belongs to an installation that goes on standing. */
type IsStanding = (values: Attributes) => boolean;

/** Ids of subnets and groups that machines are launched with. */
const usedIds = (plan: Plan, isOf: IsStanding): ReadonlySet<string> =>
  new Set([
    ...fleetsIn(plan)
      .filter(({ prefix }) => standingIn(plan).has(prefix))
      .flatMap(({ before }) => strings(before?.subnetIds)),
    ...plan.changes
      .filter(({ type, before }) => type === "aws_launch_template" && isOf(before))
      .flatMap(({ before }) => strings(before.vpc_security_group_ids)),
  ]);

/** What carries no tag belongs to what it names. */
const OWNERS = ["vpc_id", "subnet_id", "route_table_id", "security_group_id"];

const groundOf = (plan: Plan): readonly Change[] => {
  const standing = standingIn(plan);
  const isOf: IsStanding = (values) => standing.has(prefixOf(values) ?? "");
  const used = usedIds(plan, isOf);
  const isOwn = (values: Attributes): boolean => isOf(values) || used.has(textOf(values.id) ?? "");
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
  Object.entries(PIECES).flatMap(([type, [one, many]]) => {
    const count = changes.filter((change) => change.type === type).length;
    return count === 0 ? [] : [count === 1 ? one : `${count} ${many}`];
  });

/** Made by the release that takes a network away in the right order, which it does from the second apply on. */
const IN_ORDER = "aws_main_route_table_association";

const READ = "(docs/changing.md)";

/** A rule beside the one that lets machines reach GitHub, which stays: port 80, as a rule. */
const isOtherPort = ({ type, action, before }: Change, plan: Plan): boolean =>
  type === EGRESS &&
  action === "delete" &&
  before.from_port !== HTTPS &&
  plan.changes.some(
    (change) =>
      change.type === EGRESS &&
      change.action === "none" &&
      change.before.from_port === HTTPS &&
      change.before.security_group_id === before.security_group_id,
  );

/** A subnet holds up what its machines need, where the state has the order; the rule of a group in another VPC goes at once. */
const fateOf = (plan: Plan, taken: readonly Change[]): Pick<Matter, "level" | "text"> => {
  const names = listed(namesOf(taken), Infinity);
  if (taken.every((change) => isOtherPort(change, plan)))
    return {
      level: "attention",
      text: phrase`${names} closes for machines that run, too, at once: jobs that use it fail`,
    };
  const hasSubnet = taken.some(({ type }) => type === "aws_subnet");
  if (!hasSubnet)
    return {
      level: "danger",
      text: phrase`machines that run lose what they stand on (${names}), their way out with it: jobs fail; empty the fleets first ${[READ]}`,
    };
  if (plan.changes.some((change) => change.type === IN_ORDER && stood(change)))
    return {
      level: "attention",
      text: phrase`goes when its last machine has ended, and machines that run keep their way out (${names}): the provider waits for up to 20 minutes, then the apply fails, and the next apply goes on ${[READ]}`,
    };
  return {
    level: "danger",
    text: phrase`machines that run lose what they stand on (${names}): jobs fail, launches can fail until the apply has ended, and AWS refuses to remove what machines are in; apply this release with the configuration as it was first, or empty the fleets ${[READ]}`,
  };
};

/** What an earlier apply left of a network whose subnets have gone by now: no machine can be there. */
const isRemainder = (taken: readonly Change[]): boolean =>
  taken.every(
    ({ address, type }) => address.includes(" (deposed ") && type !== "aws_subnet" && type !== EGRESS,
  );

const groundTaken = (plan: Plan): readonly Matter[] => {
  const taken = groundOf(plan).filter(({ action }) => action === "delete" || action === "replace");
  if (isRemainder(taken)) return [];
  const [first] = taken.filter(({ type }) => type === "aws_vpc" || type === "aws_subnet");
  return [{ kind: "ground-taken", address: (first ?? taken[0])!.address, ...fateOf(plan, taken) }];
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

/** Those that a launch will name: the installation's own, by its tag, and those that the fleets are told by their ids. */
const launchedIn = (plan: Plan): readonly Placed[] => {
  const [before, after] = (["before", "after"] as const).map(
    (side) => new Set(fleetsIn(plan).flatMap((fleet) => strings(fleet[side]?.subnetIds))),
  );
  const tagged = new Set(
    plan.changes.filter(({ after: values }) => prefixOf(values) !== undefined).map(({ address }) => address),
  );
  return subnetsIn(plan).flatMap((one): readonly Placed[] => {
    if (tagged.has(one.address)) return [one];
    if (one.id === undefined || !after!.has(one.id)) return [];
    return [{ ...one, stood: one.stood && before!.has(one.id) }];
  });
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
