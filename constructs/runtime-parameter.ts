import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { UNSET } from "../functions/shared/contract";
import { tagsOf } from "./common";
import { newBeforeOld } from "./new-before-old";
import type { CommonProps } from "./common";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";

export interface RuntimeParameterProps extends CommonProps {
  /** Full name, beginning with "/". */
  readonly name: string;
  readonly description: string;
  /**
   * `String` for what is no secret: readers then need no key.
   * @default "SecureString"
   */
  readonly type?: "SecureString" | "String";
  /** What must stand before the parameter is made. */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * A parameter whose value only run time knows. Terraform writes "unset" once and never reads it back: the value is a
 * write-only argument (Terraform 1.11 or later) of a version that never changes. With `value` and `ignore_changes` each
 * refresh would copy the live secret into the state.
 *
 * Run time tags it too (`ExpiresAt`), so its tags are Terraform's at creation only. So are key and description: with any
 * change of either the provider (5.100, 6.x) writes the parameter anew without its write-only value, that is an empty one, which
 * AWS refuses; and a new version of the value would overwrite the secret. The rotation function writes it under another key.
 */
export const runtimeParameter = (scope: Construct, id: string, props: RuntimeParameterProps): SsmParameter =>
  new SsmParameter(scope, id, {
    name: props.name,
    description: props.description,
    type: props.type ?? "SecureString",
    keyId: props.type === "String" ? undefined : props.kmsKeyArn,
    valueWo: UNSET,
    valueWoVersion: 1,
    tags: tagsOf(props),
    dependsOn: props.dependsOn && [...props.dependsOn],
    lifecycle: { ...newBeforeOld, ignoreChanges: ["tags", "tags_all", "description", "key_id"] },
  });
