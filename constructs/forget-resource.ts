import { TerraformStack } from "cdktf";
import { Construct } from "constructs";

interface Removed {
  readonly from: string;
  readonly lifecycle: { readonly destroy: false };
}

const removedOf = new WeakMap<TerraformStack, Removed[]>();

/**
 * Has Terraform forget a resource that an older release made at this place, where it is in the state: it stays at AWS, and
 * nobody destroys it. https://developer.hashicorp.com/terraform/language/block/removed
 */
export const forgetResource = (scope: Construct, type: string, id: string): void => {
  const stack = TerraformStack.of(scope);
  // Only to have its name in the state, which depends on its place in the tree.
  const name = stack.getLogicalId(new Construct(scope, id).node);
  scope.node.tryRemoveChild(id);
  const removed = [
    ...(removedOf.get(stack) ?? []),
    { from: `${type}.${name}`, lifecycle: { destroy: false } as const },
  ];
  removedOf.set(stack, removed);
  stack.addOverride("removed", removed);
};
