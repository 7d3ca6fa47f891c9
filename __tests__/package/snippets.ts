/** The snippets of the documentation, as programs that can be run. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The fenced blocks of a page in one language, in their order. */
export const snippetsOf = (page: string, language: string): readonly string[] => {
  const markdown = readFileSync(resolve(__dirname, "../..", page), "utf8");
  const fenced = new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^\\1\`\`\`$`, "gm");
  return [...markdown.matchAll(fenced)].map(([, , snippet = ""]) => snippet);
};

const isProgram = (snippet: string): boolean => snippet.includes("app.synth()");

const IMPORT = /^import [^;]+;$/gm;

const PROVIDERS = `new AwsProvider(this, "Aws", { region: "eu-central-1" });
new GithubProvider(this, "Github", { owner: "acme" });`;

const IMPORTS = `import { AwsProvider } from "@cdktf/provider-aws/lib/provider";
import { GithubProvider } from "@cdktf/provider-github/lib/provider";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";`;

/**
 * A program as it stands. What says `this` is put where `cdktf init` has "define resources here", with the providers that
 * every stack has.
 */
export const asProgram = (snippet: string): string => {
  if (isProgram(snippet)) return snippet;
  const imports = snippet.match(IMPORT) ?? [];
  // Its reader goes on with what it declares; `cdktf init` has the compiler refuse what nobody uses.
  const uses = [...snippet.matchAll(/^const (\w+) =/gm)].map(([, name]) => `void ${name};`);
  return `${[IMPORTS, ...imports].join("\n")}

class MyStack extends TerraformStack {
  public constructor(scope: Construct, id: string) {
    super(scope, id);
${PROVIDERS}
${snippet.replace(IMPORT, "")}
${uses.join("\n")}
  }
}

const app = new App();
new MyStack(app, "runners");
app.synth();
`;
};
