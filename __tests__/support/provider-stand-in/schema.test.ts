import { dirname } from "node:path";
import { readProviderSchema } from "./schema";

const binding = dirname(require.resolve("@cdktf/provider-github/package.json"));
const types = ["github_organization_webhook", "github_actions_runner_group"];

describe("the schema read from a binding", () => {
  const { provider, resources } = readProviderSchema(binding, "github", types);
  const attribute = (type: string, name: string) =>
    resources[type]?.attributes.find((one) => one.name === name);

  it("tells what is required, optional and computed", () => {
    expect(attribute("github_organization_webhook", "events")).toMatchObject({
      required: true,
      optional: false,
      computed: false,
    });
    expect(attribute("github_organization_webhook", "etag")).toMatchObject({
      required: false,
      optional: false,
      computed: true,
    });
  });

  it("tells sets from lists, and what is in them", () => {
    expect(attribute("github_actions_runner_group", "selected_repository_ids")?.type).toEqual([
      "set",
      "number",
    ]);
    expect(attribute("github_actions_runner_group", "selected_workflows")?.type).toEqual(["list", "string"]);
  });

  it("holds nested blocks", () => {
    expect(resources.github_organization_webhook?.blocks).toMatchObject([
      { name: "configuration", nesting: "list", maxItems: 1, required: false },
    ]);
  });

  it("holds the provider's own arguments, without the alias that every provider has", () => {
    const names = provider.attributes.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["owner", "token", "base_url"]));
    expect(names).not.toContain("alias");
  });
});
