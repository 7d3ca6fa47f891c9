import type * as Library from "../../constructs";
import type * as Support from "../support/synth";

const PROVIDER = "@cdktf/provider-github";
const MODULES = ["actions-runner-group", "organization-webhook", "repository-webhook"].map(
  (name) => `${PROVIDER}/lib/${name}`,
);

/** As Node has it: `code` tells, and the message names the module. */
const missing = (name: string): Error =>
  Object.assign(new Error(`Cannot find module '${name}'`), { code: "MODULE_NOT_FOUND" });

interface Loaded {
  readonly library: typeof Library;
  readonly support: typeof Support;
}

/** The library with a GitHub provider whose modules do as they are told, and the names of those that were loaded. */
const load = (onLoad: (name: string) => unknown): Loaded & { readonly loaded: readonly string[] } => {
  const loaded: string[] = [];
  let modules: Loaded | undefined;
  jest.isolateModules(() => {
    for (const name of MODULES)
      jest.doMock(name, () => {
        loaded.push(name);
        return onLoad(name);
      });
    modules = {
      library: jest.requireActual<typeof Library>("../../constructs"),
      support: jest.requireActual<typeof Support>("../support/synth"),
    };
  });
  return { ...modules!, loaded };
};

const fail = (name: string): never => {
  throw missing(name);
};

describe("without the GitHub provider", () => {
  const { library, support, loaded } = load(fail);
  const { EphemeralRunners, GithubConnection, GithubOrgWebhook, GithubRepositoryWebhook, RunnerGroup } =
    library;
  const props = {
    github: GithubConnection.app({ org: "acme", appId: "1", privateKeyParameter: "/acme/key" }),
    fleets: [{ name: "linux", labels: ["linux"] }],
  };

  it("an installation that makes nothing at GitHub is synthesized", () => {
    const runnerGroup = RunnerGroup.fromId("7");
    const { counts } = support.synthesize(
      (stack) => void new EphemeralRunners(stack, "A", { ...props, runnerGroup, webhook: "app" }),
    );

    expect(Object.keys(counts()).filter((type) => type.startsWith("github_"))).toEqual([]);
    expect(loaded).toEqual([]);
  });

  it.each<[string, (stack: Parameters<Parameters<typeof support.synthesize>[0]>[0]) => unknown]>([
    ["test/A/GithubWebhook", (stack) => new EphemeralRunners(stack, "A", props)],
    ["test/A/RunnerGroup", (stack) => new EphemeralRunners(stack, "A", { ...props, webhook: "app" })],
    ["test/B", (stack) => new RunnerGroup(stack, "B", { name: "group" })],
    ["test/B", (stack) => new GithubOrgWebhook(stack, "B", { url: "https://example.com" })],
    [
      "test/B",
      (stack) => new GithubRepositoryWebhook(stack, "B", { url: "https://example.com", repository: "w" }),
    ],
  ])("what is made at GitHub says what to install, or to do without: %s", (path, build) => {
    expect(() => support.synthesize(build)).toThrow(
      `[${path}] This is made with the GitHub provider, which is not installed: npm install @cdktf/provider-github@15.`,
    );
  });
});

it("a failure of the provider itself is not hidden", () => {
  const { library, support } = load(() => {
    throw missing("something of its own");
  });

  expect(() =>
    support.synthesize((stack) => void new library.RunnerGroup(stack, "B", { name: "group" })),
  ).toThrow("Cannot find module 'something of its own'");
});
