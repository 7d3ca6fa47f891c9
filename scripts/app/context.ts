import { ConfigurationError } from "../../constructs";
import { prefixFrom } from "../../constructs/common";
import { GITHUB_APP, GITHUB_TOKEN } from "../../constructs/github-shape";
import { isObject } from "../../constructs/schema/kinds";
import { mistakesOf, unknownKeyMistake } from "../../constructs/schema/mistakes";
import { INSTALLATION } from "../../constructs/shape";
import { BACKEND } from "./backend";
import { mergePatch } from "./merge-patch";
import { exactlyOne, oneCredential, oneGroup, oneRegion } from "./rules";
import type { EphemeralRunnersProps, GithubAppProps, GithubTokenProps } from "../../constructs";
import type { BackendContext } from "./backend";
import type { Json, MapOf, ObjectOf } from "../../constructs/schema/node";

/** The context of cdktf.json: which keys it may hold, and what each of them must be. */

export type GithubContext = GithubAppProps | GithubTokenProps;

/** Props of EphemeralRunners as JSON: `github` and `runnerGroup` are what their factories take. */
export interface RunnersContext extends Omit<EphemeralRunnersProps, "github" | "runnerGroup" | "providers"> {
  /** Whose jobs are served, and the credential for it: a GitHub App, or a personal access token. */
  readonly github: GithubContext;

  /**
   * The runner group that machines join: one that stands already, by its id (and its name, in token mode), or `default:
   * true` for GitHub's default group, which other runners share.
   * @default one of its own, named like the prefix, for all private repositories; none at the level of a repository
   */
  readonly runnerGroup?:
    | {
        /** Digits, as in the address of the group's page. */
        readonly id: string;
        /** Needed in token mode only. */
        readonly name?: string;
      }
    | {
        /** True: GitHub's default group. */
        readonly default: true;
      };
}

export interface StackContext {
  /**
   * AWS region of the stack.
   * @default "us-east-1"
   */
  readonly region?: string;

  /**
   * The AWS account that the stack belongs to, 12 digits: with credentials for another one, Terraform stops.
   * @default whichever the credentials are for
   */
  readonly account?: string;

  /**
   * Where Terraform's state is: `type`, and the keys of that backend. Secrets do not belong here.
   * @default a file beside cdktf.json, `terraform.<stack>.tfstate`
   */
  readonly backend?: BackendContext;

  /**
   * Whether the stack keeps Terraform's GitHub provider although it makes nothing at GitHub any more. True for the one apply
   * that removes the last of what it made there, a webhook or a runner group: without it Terraform knows no `owner` and
   * leaves what it should remove. Take it away again after that apply.
   * @default false: the provider, and a token for it, are needed only while something is made at GitHub
   */
  readonly keepGithubProvider?: boolean;

  /** The installation: what `new EphemeralRunners` takes. */
  readonly runners: RunnersContext;
}

export interface AppContext extends StackContext {
  /**
   * Several stacks, by name. Each holds only what is different in it, and is laid over what stands beside `stacks`:
   * objects key by key, anything else as a whole, and null takes a key away (JSON Merge Patch, RFC 7396).
   * @default one stack, "ephemeral-runners"
   */
  readonly stacks?: Readonly<Record<string, Partial<StackContext>>>;
}

export type NamedStack = StackContext & { readonly name: string };

/** That of the id that the construct has in the reference app. */
const DEFAULT_PREFIX = prefixFrom("Runners");
const DEFAULT_STACK = "ephemeral-runners";

const GITHUB: ObjectOf = {
  keys: { ...GITHUB_APP.keys, ...GITHUB_TOKEN.keys },
  rules: [exactlyOne(["org", "repository"], '"acme" or "acme/widget"'), oneCredential],
};

const RUNNERS: ObjectOf = {
  keys: {
    github: GITHUB,
    ...INSTALLATION,
    runnerGroup: { keys: { id: "a text", name: "a text", default: "true or false" }, rules: [oneGroup] },
  },
  required: ["github", "fleets"],
};

export const STACK: ObjectOf = {
  keys: {
    region: {
      pattern: /^[a-z]{2,}(?:-[a-z]+)+-\d$/,
      wanted: 'an AWS region such as "eu-central-1"',
    },
    account: { pattern: /^\d{12}$/, wanted: 'the 12 digits of an AWS account, as a text: "123456789012"' },
    backend: BACKEND,
    keepGithubProvider: "true or false",
    runners: RUNNERS,
  },
  required: ["runners"],
  rules: [oneRegion],
};

export const STACKS: MapOf = {
  names: {
    pattern: /^[A-Za-z][A-Za-z0-9-]*$/,
    wanted: 'letters, digits and "-", beginning with a letter, such as "runners-prod"',
  },
  values: "an object",
};

/** CDKTF's own, which it looks for in the context; the last two come from projects that an old `cdktf init` made. */
export const CDKTF_KEY = /^cdktf|^excludeStackIdFromLogicalIds$|^allowSepCharsInLogicalIds$/;

const unknownMistakes = (context: Json): readonly string[] => {
  const known = [...Object.keys(STACK.keys), "stacks"];
  return Object.keys(context)
    .filter((key) => !known.includes(key) && !CDKTF_KEY.test(key))
    .map((key) => unknownKeyMistake("", key, STACK.keys, known));
};

const stacksMistakes = (stacks: unknown): readonly string[] => {
  if (stacks === undefined) return [];
  return isObject(stacks) && Object.keys(stacks).length === 0
    ? ["stacks is empty: name at least one, or leave it out."]
    : mistakesOf("stacks", stacks, STACKS);
};

const isOwnState = ({ backend }: StackContext): boolean =>
  backend === undefined || (backend.type === "local" && backend.path === undefined);

const sharedStateMistakes = (stacks: readonly NamedStack[]): readonly string[] =>
  stacks.flatMap((stack, index) => {
    const state = JSON.stringify(stack.backend);
    const first = stacks.slice(0, index).find(({ backend }) => JSON.stringify(backend) === state);
    return first === undefined || isOwnState(stack)
      ? []
      : [
          `stacks.${stack.name} has the backend of stacks.${first.name}, and each would undo the other: give it a key or path of its own.`,
        ];
  });

const prefixOf = ({ runners }: NamedStack): string => runners.prefix ?? DEFAULT_PREFIX;

const ownerOf = ({ runners: { github } }: NamedStack): string =>
  (github.org ?? github.repository ?? "").toLowerCase();

/** Names of roles are unique in an account, names of runners and groups in an organization. */
const meet = (one: NamedStack, other: NamedStack): boolean =>
  ownerOf(one) === ownerOf(other) || (one.account !== undefined && one.account === other.account);

const sharedPrefixMistakes = (stacks: readonly NamedStack[]): readonly string[] =>
  stacks.flatMap((stack, index) => {
    const first = stacks
      .slice(0, index)
      .find((other) => prefixOf(other) === prefixOf(stack) && meet(other, stack));
    return first === undefined
      ? []
      : [
          `stacks.${stack.name} has the prefix of stacks.${first.name}, "${prefixOf(stack)}", and their names would meet: give it a runners.prefix of its own.`,
        ];
  });

/** Each stack as it is with what is shared, and its mistakes. */
const checkStack = (
  name: string | undefined,
  stack: Json,
): { readonly stack: NamedStack; readonly mistakes: readonly string[] } => ({
  stack: { ...stack, name: name ?? DEFAULT_STACK } as unknown as NamedStack,
  mistakes: mistakesOf("", stack, STACK).map((mistake) =>
    name === undefined ? mistake : `stacks.${name}: ${mistake}`,
  ),
});

const refuse = (source: string, mistakes: readonly string[]): void => {
  if (mistakes.length > 0)
    throw new ConfigurationError(mistakes.map((mistake) => `${source}: ${mistake}`).join("\n"));
};

/**
 * The stacks that the context describes.
 * @param source where it was read, for the messages
 * @throws ConfigurationError with all mistakes, one a line, each with its path below `context`
 */
export const checkContext = (context: Json, source = "cdktf.json"): readonly NamedStack[] => {
  const { stacks } = context;
  const wrong = [...unknownMistakes(context), ...stacksMistakes(stacks)];
  const shared = Object.fromEntries(
    Object.keys(STACK.keys).flatMap((key) => (key in context ? [[key, context[key]]] : [])),
  );
  const checked = isObject(stacks)
    ? Object.entries(stacks).map(([name, changes]) => checkStack(name, mergePatch(shared, changes) as Json))
    : [checkStack(undefined, shared)];
  refuse(source, wrong);
  refuse(
    source,
    checked.flatMap(({ mistakes }) => mistakes),
  );
  const all = checked.map(({ stack }) => stack);
  refuse(source, [...sharedStateMistakes(all), ...sharedPrefixMistakes(all)]);
  return all;
};
