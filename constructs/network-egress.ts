import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { tagsOf } from "./common";
import { newBeforeOld } from "./new-before-old";
import type { RunnerNetworkProps } from "./runner-network";
import type { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import type { Construct } from "constructs";

export const ANYWHERE = "0.0.0.0/0";

/** Ids by port. */
const IDS = { 443: "HttpsEgress", 80: "HttpEgress" } as const;
type Port = keyof typeof IDS;

const portsOf = ({ allowHttp }: RunnerNetworkProps): readonly Port[] => (allowHttp ? [443, 80] : [443]);

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
        description: `To anywhere, port ${port}`,
        ipProtocol: "tcp",
        fromPort: port,
        toPort: port,
        cidrIpv4: ANYWHERE,
        tags: tagsOf(props),
        lifecycle: newBeforeOld,
      }),
  );
