import { TerraformStack } from "cdktf";
import { ConfigurationError } from "./validation";
import type { Construct, IConstruct } from "constructs";

/** Where jsii writes the name of a class and the version of its package: as in `lib/terraform-stack.js` of `cdktf` and `cdktn`. */
const RUNTIME_TYPE = Symbol.for("jsii.rtti");

interface RuntimeType {
  /** E.g. `cdktf.TerraformStack`; of CDK Terrain `cdktn.TerraformStack`. */
  readonly fqn: string;
  readonly version: string;
}

/** A package that stacks are made with. */
interface Framework {
  readonly name: string;
  readonly version: string;
}

const STACK = /^(.+)\.TerraformStack$/;

/** The package of which `constructor` is the TerraformStack, or is made from it. */
const frameworkOf = (constructor: unknown): Framework | undefined => {
  for (let one = constructor; typeof one === "function"; one = Object.getPrototypeOf(one) as unknown) {
    const { fqn, version } = (one as { [RUNTIME_TYPE]?: RuntimeType })[RUNTIME_TYPE] ?? {};
    const [, name] = STACK.exec(fqn ?? "") ?? [];
    if (name !== undefined && version !== undefined) return { name, version };
  }
  return undefined;
};

const OWN = frameworkOf(TerraformStack);

const stackAround = (scope: Construct): IConstruct | undefined =>
  scope.node.scopes.find((one) => TerraformStack.isStack(one));

/** The versions that the tests of the package install. */
const TERRAIN_AWS = "25.7.0";

const recipe = ({ name, version }: Framework): string =>
  `This stack is made with ${name} ${version}, and cdktf-ephemeral-runners with ${OWN?.name} ${OWN?.version}: ` +
  `in package.json, add "cdktf": "npm:${name}@${version}" to the dependencies and "overrides": { "cdktf": "$cdktf" }, ` +
  `with @cdktn/provider-aws also "@cdktf/provider-aws": "npm:@cdktn/provider-aws@${TERRAIN_AWS}" and its override, ` +
  'set "targetVersions": { "terraform": ">=1.11.0" } in cdktf.json, and install again (docs/configuration.md, "CDK Terrain").';

/**
 * Refuses a stack of another framework than that which this package got, while it can be told: a synth of CDK Terrain calls
 * what the elements of CDKTF do not have.
 *
 * @throws ConfigurationError
 */
export const checkFramework = (scope: Construct): void => {
  const other = frameworkOf(stackAround(scope)?.constructor);
  if (other === undefined || other.name === OWN?.name) return;
  throw new ConfigurationError(`[${scope.node.path}] ${recipe(other)}`);
};
