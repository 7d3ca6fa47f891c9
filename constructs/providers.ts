import { Aspects, TerraformDataSource, TerraformProvider, TerraformResource } from "cdktf";
import type { Construct, IConstruct } from "constructs";

const placed = new WeakSet<IConstruct>();

const placedWith =
  (providers: readonly TerraformProvider[]) =>
  (node: IConstruct): void => {
    if (!TerraformResource.isTerraformResource(node) && !TerraformDataSource.isTerraformDataSource(node))
      return;
    const kind = node.terraformGeneratorMetadata?.providerName;
    node.provider ??= providers.find(({ terraformResourceType }) => terraformResourceType === kind);
  };

/**
 * Has everything in `scope` made with these providers, each for its own kind; first of all, before anything is in it.
 * What is in it later by this construct's own doing is placed by {@link placeInProviders}; the aspect is for what others add.
 */
export const useProviders = (scope: Construct, providers: readonly TerraformProvider[] = []): void => {
  if (providers.length === 0) return;
  placed.add(scope);
  Aspects.of(scope).add({ visit: placedWith(providers) });
};

/**
 * The same for what is in `scope` by now. An aspect is kept under a symbol of the copy of CDKTF that added it, and an App of
 * another copy (CDK Terrain beside its alias, say) visits none of ours.
 */
export const placeInProviders = (scope: Construct, providers: readonly TerraformProvider[] = []): void =>
  scope.node.findAll().forEach(placedWith(providers));

/** The constructs around `scope`, itself included, up to the one from which on other providers are used. */
export const scopesOfProvider = (scope: Construct): readonly IConstruct[] => {
  const { scopes } = scope.node;
  const outermost = scopes.map((one) => placed.has(one)).lastIndexOf(true);
  return scopes.slice(Math.max(outermost, 0));
};

const isProvider = (value: unknown): value is TerraformProvider =>
  TerraformProvider.isTerraformProvider(value);

/** What is wrong with the list, for who writes JavaScript as well. */
export const providersMistakes = (providers: unknown): readonly string[] => {
  if (providers === undefined) return [];
  // A copy, since a hole in the list itself is passed over.
  const all: readonly unknown[] = Array.isArray(providers) ? Array.from<unknown>(providers) : [undefined];
  if (!all.every(isProvider))
    return ["providers must be a list of providers, such as [new AwsProvider(...)]."];
  const kinds = all.map(({ terraformResourceType }) => terraformResourceType);
  const doubled = kinds.find((kind, index) => kinds.indexOf(kind) !== index);
  return doubled === undefined
    ? []
    : [`providers names two providers of ${doubled}: everything here is made with one of them.`];
};
