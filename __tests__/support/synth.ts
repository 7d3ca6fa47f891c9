import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { TerraformStack, Testing } from "cdktf";

export type Attributes = Record<string, unknown>;

/** What a stack comes to, as plain objects with Terraform's own names. */
export interface Synthesized {
  readonly json: Record<string, unknown>;
  /** All resources of a type, by logical id, in the order of these. */
  resources(type: string): Record<string, Attributes>;
  /** The one resource of a type; fails when there are none, or several. */
  resource<T = Attributes>(type: string): T;
  /** Types of resources, each with how many there are. */
  counts(): Record<string, number>;
}

type Build = (stack: TerraformStack) => void;

const inStack = (build: Build): TerraformStack => {
  const stack = new TerraformStack(Testing.app(), "test");
  build(stack);
  return stack;
};

/** Synthesizes what `build` puts into a stack, without validating it. */
export const synthesize = (build: Build): Synthesized => {
  const json = JSON.parse(Testing.synth(inStack(build))) as Record<string, unknown>;
  const all = (json.resource ?? {}) as Record<string, Record<string, Attributes>>;
  const resources = (type: string): Record<string, Attributes> => all[type] ?? {};
  return {
    json,
    resources,
    resource: <T>(type: string): T => {
      const found = Object.values(resources(type));
      if (found.length !== 1)
        throw new Error(`There are ${found.length} resources of type ${type}, not one.`);
      return found[0] as T;
    },
    counts: () =>
      Object.fromEntries(Object.entries(all).map(([type, byId]) => [type, Object.keys(byId).length])),
  };
};

/** Synthesizes as an app does, validations and assets included, and gives the folder of the stack. */
export const synthesizeToFolder = (build: Build): string =>
  Testing.fullSynth(
    inStack((stack) => {
      new AwsProvider(stack, "aws", { region: "eu-west-1" });
      build(stack);
    }),
  );

/** All mistakes that constructs tell, in their order, without the paths. */
export const mistakes = (build: Build): string[] => {
  const stack = inStack(build);
  // The stack's own are about providers, which the library leaves to the team.
  const constructs = stack.node.findAll().filter((construct) => construct !== stack);
  return constructs.flatMap((construct) => construct.node.validate());
};

export interface Statement {
  readonly Sid: string;
  readonly Effect: string;
  readonly Action: string[];
  readonly Resource: string[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

/** The statements of a policy document, by their `Sid`; fails when two have the same. */
export const statements = (policy: unknown): Record<string, Statement> => {
  const { Statement: all } = JSON.parse(String(policy)) as { Statement: Statement[] };
  const bySid = Object.fromEntries(all.map((statement) => [statement.Sid, statement]));
  if (Object.keys(bySid).length !== all.length) throw new Error("Two statements have the same Sid.");
  return bySid;
};

/** Matches what names a service in a trust policy or a permission: the data source of the stack's partition. */
export const principalOf = (service: string): unknown =>
  expect.stringMatching(
    new RegExp(`^\\$\\{data\\.aws_service_principal\\.[\\w-]*Principal-${service}_\\w{8}\\.name\\}$`),
  );
