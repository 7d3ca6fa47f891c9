import { TerraformDataSource, TerraformProvider, TerraformResource, TerraformStack } from "cdktf";
import { addCheckOnce } from "./validation";
import type { Construct, IConstruct } from "constructs";

/** Classes of the providers that are used here, for messages. */
const CLASSES: Readonly<Record<string, string>> = { aws: "AwsProvider", github: "GithubProvider" };

/** Kinds of providers whose default one is asked for somewhere in `scope`; aspects have been everywhere by then. */
const defaultsUsed = (scope: Construct): readonly string[] => {
  const kinds = scope.node
    .findAll()
    .filter(
      (node: IConstruct): node is TerraformResource | TerraformDataSource =>
        TerraformResource.isTerraformResource(node) || TerraformDataSource.isTerraformDataSource(node),
    )
    .filter(({ provider }) => provider === undefined)
    .map(({ terraformGeneratorMetadata }) => terraformGeneratorMetadata?.providerName ?? "");
  return [...new Set(kinds)];
};

/** Terraform would take an empty provider of that kind, without a region or an owner: CDKTF refuses only a kind that is not there. */
const mistakes = (scope: Construct, takesProviders: boolean): readonly string[] => {
  const providers = TerraformStack.of(scope)
    .node.findAll()
    .filter((node) => TerraformProvider.isTerraformProvider(node));
  return defaultsUsed(scope).flatMap((kind) => {
    const aliases = providers
      .filter(({ terraformResourceType }) => terraformResourceType === kind)
      .map(({ alias }) => alias);
    if (aliases.length === 0 || aliases.includes(undefined)) return [];
    const why = `every ${CLASSES[kind] ?? kind} of this stack has an alias (${aliases.join(", ")}), and what is made here would have no ${kind === "github" ? "owner" : "region"}`;
    return [
      takesProviders
        ? `providers is missing: ${why}. Name the one that is meant, as in providers: [provider], or take the alias of one away.`
        : `There is no provider to make this with: ${why}. Take the alias of one away, or set the provider of each resource by an aspect.`,
    ];
  });
};

/** Tells, once for `scope` and all that it is made of, that there is no provider to make it with. */
export const addProviderCheck = (scope: Construct, takesProviders: boolean): void => {
  addCheckOnce(scope, "providers", () => mistakes(scope, takesProviders));
};
