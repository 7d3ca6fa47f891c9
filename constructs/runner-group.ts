import { Construct } from "constructs";
import { fromGithubProvider } from "./github-provider";
import { addCheck, checkFilled, checkPattern, isKnown } from "./validation";
import { newBeforeOld } from "./new-before-old";
import { RUNNER_GROUP_PROPS } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { ActionsRunnerGroup } from "./github-provider";

/** The group that runners join. */
export interface IRunnerGroup {
  /** Digits. */
  readonly id: string;
  /** Name of the group, which token mode registers with. */
  readonly name: string;
  /** What is wrong with it, in the user's words; the constructs that use it tell. */
  readonly mistakes?: readonly string[];
}

/** Name of a runner group, and who may use it. */
export interface RunnerGroupProps {
  /** Name of the group: unique in the organization. */
  readonly name: string;

  /**
   * Ids of the repositories that may use the runners.
   * @default every private repository of the organization
   */
  readonly repositoryIds?: readonly number[];
}

/** GitHub's own group, which every organization has: https://docs.github.com/en/actions/concepts/runners/runner-groups */
const DEFAULT_GROUP = { id: "1", name: "Default" } as const;

const FORCE =
  "runnerGroup 1 is GitHub's default group: make one of your own, or force it with RunnerGroup.defaultGroup({ acceptSharedGroup: true }).";

/**
 * A runner group of the organization, for private repositories only: whoever can open a pull request to a public one
 * could run code on the machines. Not every plan of GitHub has groups of its own; where it refuses, use
 * `RunnerGroup.defaultGroup`.
 */
export class RunnerGroup extends Construct implements IRunnerGroup {
  /**
   * A group that stands already.
   * @param name needed where machines register with a registration token, since the runner is told the group by name
   */
  public static fromId(id: string, name = ""): IRunnerGroup {
    return { id, name, mistakes: idMistakes(id) };
  }

  /**
   * GitHub's default group. Other runners stand in it, and it may serve public repositories: look at its settings
   * first, and say so here.
   */
  public static defaultGroup(risk: { readonly acceptSharedGroup: true }): IRunnerGroup {
    // Who writes JavaScript may have left it out.
    const { acceptSharedGroup }: { readonly acceptSharedGroup?: unknown } = risk ?? {};
    return { ...DEFAULT_GROUP, mistakes: acceptSharedGroup === true ? [] : [FORCE] };
  }

  /** What runners at the level of a repository are in: there are no groups, and GitHub wants the number all the same. */
  public static ofRepository(): IRunnerGroup {
    return DEFAULT_GROUP;
  }

  /** The group at GitHub. */
  public readonly group: ActionsRunnerGroup;
  public readonly id: string;
  /** Name of the group, which token mode registers with. */
  public readonly name: string;

  public constructor(scope: Construct, id: string, props: RunnerGroupProps) {
    super(scope, id);
    checkProps(this, props, RUNNER_GROUP_PROPS);
    addCheck(this, () => [
      ...checkPattern("name", props.name, /^.*\S.*$/, "the name of a group"),
      ...checkFilled("repositoryIds", props.repositoryIds),
    ]);
    this.group = new (fromGithubProvider(this, "ActionsRunnerGroup"))(this, "Group", {
      name: props.name,
      visibility: props.repositoryIds === undefined ? "all" : "selected",
      selectedRepositoryIds: props.repositoryIds && [...props.repositoryIds],
      allowsPublicRepositories: false,
      // Where another group takes its place, the functions know of that one before this one goes. Nothing replaces a group
      // by one of the same name, which GitHub refuses: all of it is changed in place.
      lifecycle: newBeforeOld,
    });
    this.id = this.group.id;
    this.name = this.group.name;
  }
}

const idMistakes = (id: string): readonly string[] => {
  if (!isKnown(id)) return [];
  if (id === DEFAULT_GROUP.id) return [FORCE];
  return checkPattern(
    "The id in RunnerGroup.fromId",
    id,
    /^\d+$/,
    "digits, as in the address of the group's page",
  );
};
