import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { tagsOf } from "./common";
import { Forgotten } from "./forgotten";
import { NEW_FIRST } from "./network-order";
import type { RunnerNetworkProps } from "./runner-network";
import type { SecurityGroup, SecurityGroupEgress } from "@cdktf/provider-aws/lib/security-group";
import type { Construct } from "constructs";

export const ANYWHERE = "0.0.0.0/0";

/** Ids of the rules that stand by themselves, by port. */
const IDS = { 443: "HttpsEgress", 80: "HttpEgress" } as const;
type Port = keyof typeof IDS;

const portsOf = ({ allowHttp }: RunnerNetworkProps): readonly Port[] => (allowHttp ? [443, 80] : [443]);

const describe = (port: Port): string => `To anywhere, port ${port}`;

/** Rules that stand by themselves: a team can add its own beside them. */
export const createRules = (
  scope: Construct,
  group: SecurityGroup,
  props: RunnerNetworkProps,
): VpcSecurityGroupEgressRule[] =>
  portsOf(props).map(
    (port) =>
      new VpcSecurityGroupEgressRule(scope, IDS[port], {
        securityGroupId: group.id,
        description: describe(port),
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: ANYWHERE,
        tags: tagsOf(props),
        lifecycle: NEW_FIRST,
      }),
  );

/** The same within the group: they go when the group goes, and not before. */
export const rulesInGroup = (props: RunnerNetworkProps): SecurityGroupEgress[] =>
  portsOf(props).map((port) => ({
    description: describe(port),
    protocol: "tcp",
    fromPort: port,
    toPort: port,
    cidrBlocks: [ANYWHERE],
  }));

/** Older versions made rules that stand by themselves in every network. */
export const forgetRules = (scope: Construct): void => {
  for (const id of Object.values(IDS)) new Forgotten(scope, id, VpcSecurityGroupEgressRule.tfResourceType);
};
