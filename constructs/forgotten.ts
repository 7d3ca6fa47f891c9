import { TerraformElement } from "cdktf";
import type { Construct } from "constructs";

/**
 * A resource that older versions made with this id, and that stands elsewhere in the configuration now: Terraform forgets it,
 * and destroys nothing. https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
 */
export class Forgotten extends TerraformElement {
  public constructor(
    scope: Construct,
    id: string,
    private readonly type: string,
  ) {
    super(scope, id);
  }

  /** @internal */
  public toTerraform(): object {
    return { removed: [{ from: `${this.type}.${this.friendlyUniqueId}`, lifecycle: { destroy: false } }] };
  }
}
