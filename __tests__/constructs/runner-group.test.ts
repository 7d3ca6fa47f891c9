import { RunnerGroup } from "../../constructs/runner-group";
import { mistakes, synthesize } from "../support/synth";

describe("RunnerGroup", () => {
  it("is for all private repositories and for no public one", () => {
    const stack = synthesize((scope) => new RunnerGroup(scope, "Group", { name: "ephemeral" }));

    const group = stack.resource("github_actions_runner_group");
    expect(group).toMatchObject({ name: "ephemeral", visibility: "all", allows_public_repositories: false });
    expect(group).not.toHaveProperty("selected_repository_ids");
  });

  it("can be for some repositories only", () => {
    const stack = synthesize(
      (scope) => new RunnerGroup(scope, "Group", { name: "ephemeral", repositoryIds: [4, 5] }),
    );

    expect(stack.resource("github_actions_runner_group")).toMatchObject({
      visibility: "selected",
      selected_repository_ids: [4, 5],
      allows_public_repositories: false,
    });
  });

  it("stands, when it is removed, until all that refers to it has been updated", () => {
    const stack = synthesize((scope) => new RunnerGroup(scope, "Group", { name: "ephemeral" }));

    expect(stack.resource("github_actions_runner_group")).toMatchObject({
      lifecycle: { create_before_destroy: true },
    });
  });

  it("tells of an empty name and of no repositories", () => {
    const told = mistakes((scope) => new RunnerGroup(scope, "Group", { name: " ", repositoryIds: [] }));

    expect(told).toEqual([
      expect.stringMatching(/^name must be the name of a group/),
      expect.stringMatching(/^repositoryIds must name at least one/),
    ]);
  });

  it("takes a group that stands already", () => {
    expect(RunnerGroup.fromId("3", "builders")).toEqual({ id: "3", name: "builders", mistakes: [] });
  });

  it("refuses GitHub's default group by its id, and gives it where it is forced", () => {
    expect(RunnerGroup.fromId("1").mistakes).toEqual([expect.stringContaining("RunnerGroup.defaultGroup")]);
    expect(RunnerGroup.defaultGroup({ acceptSharedGroup: true })).toMatchObject({ id: "1", mistakes: [] });
    expect(RunnerGroup.defaultGroup({ acceptSharedGroup: false as true }).mistakes).toHaveLength(1);
  });

  it("refuses an id that is a name", () => {
    expect(RunnerGroup.fromId("builders").mistakes).toEqual([expect.stringContaining("must be digits")]);
  });
});
