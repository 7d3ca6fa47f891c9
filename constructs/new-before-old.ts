/**
 * For what functions refer to. Terraform destroys what has left the configuration before it updates what referred to it,
 * unless this stands in the state: then after, so that the functions forget it first. It takes effect for what is removed by
 * the apply after the one that brings it.
 * https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#create_before_destroy
 *
 * Names of what has it must differ between the old and the new where Terraform replaces it: here only a prefix or the name of
 * a fleet does that, and both stand in every name.
 */
export const newBeforeOld = { createBeforeDestroy: true } as const;
