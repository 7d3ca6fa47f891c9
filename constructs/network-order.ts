/**
 * In which order a network changes: the new one is made, whatever launches machines learns of it, and the old one goes last.
 *
 * - What a launch refers to stands until nothing refers to it (`create_before_destroy`). Terraform goes by the flag in its
 *   state for what the configuration has no more, so a release that sets the flag has to be applied once before that.
 * - Subnets depend on all that lets machines out. Things are destroyed before what they depend on, and EC2 deletes no subnet
 *   with a machine in it: so route, endpoints, gateway, rules and group stand until the last machine has ended. The provider
 *   waits 20 minutes for it, then the apply fails; the next one goes on there.
 * - A VPC is connected to nothing and costs nothing. What cannot change within one is a new VPC beside the old.
 */
import { newBeforeOld } from "./new-before-old";
import type { Vpc } from "@cdktf/provider-aws/lib/vpc";
import type { TerraformResource, TerraformResourceLifecycle } from "cdktf";

/** Terraform takes bare addresses here, and CDKTF writes a resource that is given to it as "${...}". */
const trigger = (resource: TerraformResource, attribute = ""): string =>
  `${resource.terraformResourceType}.${resource.friendlyUniqueId}${attribute}`;

/** Is made anew with any change of these. */
export const withChangesOf = (resources: readonly TerraformResource[]): TerraformResourceLifecycle => ({
  ...newBeforeOld,
  replaceTriggeredBy: resources.map((one) => trigger(one)),
});

/**
 * For what the provider would move from one VPC to another, as it takes `vpc_id` for no reason to make it anew: the gateway,
 * which EC2 does not detach while machines have public addresses, and the main route table.
 */
export const withVpc = (vpc: Vpc): TerraformResourceLifecycle => ({
  ...newBeforeOld,
  replaceTriggeredBy: [trigger(vpc, ".id")],
});
