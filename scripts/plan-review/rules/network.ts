import { blocks, numberOf, refersTo, strings, textOf } from "../../audit/model";
import { phrase } from "../phrase";
import { stands, stood } from "../plan";
import type { Attributes } from "../../audit/model";
import type { Matter } from "../matters";
import type { Change, Plan } from "../plan";

type Direction = "ingress" | "egress";
type Side = "before" | "after";

/** What one rule lets through: to or from one peer. */
interface Opening {
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly peer: string;
  readonly at: Change;
}

export const RULE_TYPES: Readonly<Record<string, Direction>> = {
  aws_vpc_security_group_egress_rule: "egress",
  aws_vpc_security_group_ingress_rule: "ingress",
};

export const GROUP_TYPES = new Set(["aws_security_group", "aws_default_security_group"]);

const ALL_PORTS = [0, 65_535] as const;

const PEERS = [
  "cidr_blocks",
  "ipv6_cidr_blocks",
  "prefix_list_ids",
  "security_groups",
  "source_security_group_id",
  "cidr_ipv4",
  "cidr_ipv6",
  "prefix_list_id",
  "referenced_security_group_id",
];

/** What a rule is made of. */
export const NETWORK_ATTRIBUTES = [
  ...PEERS,
  "from_port",
  "ip_protocol",
  "protocol",
  "self",
  "to_port",
  "type",
];

const peersOf = (values: Attributes): readonly string[] => {
  const peers = PEERS.flatMap((name) => strings(values[name])).filter((one) => one !== "");
  return [...peers, ...(values.self === true ? ["itself"] : [])];
};

const openingsOf = (values: Attributes, at: Change): readonly Opening[] => {
  const protocol = (textOf(values.ip_protocol ?? values.protocol) ?? "-1").toLowerCase();
  const all = protocol === "-1" || protocol === "all";
  const [from, to] = all
    ? ALL_PORTS
    : [numberOf(values.from_port) ?? ALL_PORTS[0], numberOf(values.to_port) ?? ALL_PORTS[1]];
  const peers = peersOf(values);
  return (peers.length === 0 ? ["a peer known after the apply only"] : peers).map((peer) => ({
    protocol: all ? "all" : protocol.replace(/^6$/, "tcp").replace(/^17$/, "udp"),
    from,
    to,
    peer,
    at,
  }));
};

/** Rules stand by themselves, or within the group. */
const openings = (plan: Plan, direction: Direction, side: Side): readonly Opening[] =>
  plan.changes
    .filter((change) => (side === "after" ? stands(change) : stood(change)))
    .flatMap((change) => {
      const values = change[side];
      const own =
        RULE_TYPES[change.type] === direction ||
        (change.type === "aws_security_group_rule" && values.type === direction);
      if (own) return openingsOf(values, change);
      if (!GROUP_TYPES.has(change.type)) return [];
      return blocks(values[direction]).flatMap((one) => openingsOf(one, change));
    });

const EVERYWHERE = ["0.0.0.0/0", "::/0"];

const peerWithin = (narrow: string, wide: string): boolean =>
  narrow === wide ||
  (wide === EVERYWHERE[0] && /^\d+(\.\d+){3}\/\d+$/.test(narrow)) ||
  (wide === EVERYWHERE[1] && narrow.includes(":") && narrow.includes("/"));

const within = (narrow: Opening, wide: Opening): boolean =>
  (wide.protocol === "all" || wide.protocol === narrow.protocol) &&
  wide.from <= narrow.from &&
  narrow.to <= wide.to &&
  peerWithin(narrow.peer, wide.peer);

/** The group that a rule, or the group itself, is of: only what was open in the same one was open before. */
const groupOf = ({ type, before, after, written, address }: Change): string => {
  if (GROUP_TYPES.has(type)) return address;
  const references = strings((written.security_group_id as Attributes | undefined)?.references);
  return references[0] ?? textOf(after.security_group_id ?? before.security_group_id) ?? address;
};

const sameGroup = (one: Change, other: Change, plan: Plan): boolean => {
  const ids = [one, other].map(groupOf);
  const named = ids.map(
    (id) =>
      plan.changes.find(
        (change) =>
          GROUP_TYPES.has(change.type) &&
          (id.startsWith(change.address) ||
            [change.before, change.after].some((attributes) =>
              refersTo(id, { ...change, attributes, unknown: new Set() }),
            )),
      )?.address ?? id,
  );
  return named[0] === named[1];
};

const ports = ({ protocol, from, to }: Opening): string => {
  if (from === ALL_PORTS[0] && to === ALL_PORTS[1])
    return protocol === "all" ? "everything" : `every ${protocol} port`;
  return `${protocol} ${from === to ? from : `${from} to ${to}`}`;
};

const isOfNewGroup = ({ at }: Opening, plan: Plan): boolean =>
  plan.changes.some(
    (group) => group.action === "create" && GROUP_TYPES.has(group.type) && sameGroup(at, group, plan),
  );

/** What the library opens itself, in a group that is new: an update or a download over TLS. */
const isPlain = ({ protocol, from, to }: Opening, direction: Direction): boolean =>
  direction === "egress" && protocol === "tcp" && from === to && from === 443;

const opened = (plan: Plan, direction: Direction): readonly Matter[] => {
  const before = openings(plan, direction, "before");
  return openings(plan, direction, "after")
    .filter((one) => one.at.action !== "none")
    .filter((one) => !before.some((old) => within(one, old) && sameGroup(one.at, old.at, plan)))
    .filter((one) => !(isPlain(one, direction) && isOfNewGroup(one, plan)))
    .map((one) => ({
      kind: `${direction}-opened`,
      level: direction === "egress" && isPlain(one, direction) ? "attention" : "danger",
      address: one.at.address,
      text:
        direction === "egress"
          ? phrase`lets ${ports(one)} out to ${one.peer}`
          : phrase`lets ${ports(one)} in from ${one.peer}`,
    }));
};

/** Ways in and out that were not open before. */
export const network = (plan: Plan): readonly Matter[] => [
  ...opened(plan, "egress"),
  ...opened(plan, "ingress"),
];
