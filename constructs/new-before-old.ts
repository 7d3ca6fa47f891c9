import type { TerraformResource } from "cdktf";

/**
 * For what functions refer to. Terraform destroys what has left the configuration before it updates what referred to it,
 * unless this stands in the state: then after, so that the functions forget it first. It takes effect for what is removed by
 * the apply after the one that brings it.
 * https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#create_before_destroy
 *
 * Old and new stand beside each other for a while, so whatever replaces one of these must change its name, too: a prefix or
 * the name of a fleet does, and a group's name is unique in its VPC only.
 */
export const newBeforeOld = { createBeforeDestroy: true } as const;

/** For what a function names and does not refer to: it is destroyed after the function has forgotten it. */
export const forgetFirst = (reader: TerraformResource, named: readonly TerraformResource[]): void => {
  const addresses = named.map((one) => `${one.terraformResourceType}.${one.friendlyUniqueId}`);
  reader.dependsOn = [...(reader.dependsOn ?? []), ...addresses];
};
