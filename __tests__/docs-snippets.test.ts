import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { TerraformStack, Testing } from "cdktf";
import ts from "typescript";
import * as library from "../constructs";
import { createProgram } from "../scripts/cli";
import { QUIET } from "./scripts/run-program";
import { ghMistake } from "./support/gh-commands";
import { codeBlocks, commandsIn, ROOT } from "./support/markdown";
import type { CodeBlock } from "./support/markdown";

/** The documentation's programs and commands: compiled, synthesized, and looked up where nothing is run. */

const PACKAGE = "cdktf-ephemeral-runners";

/** What the reader has already. */
const TEAM = `
  const vpc = { id: "vpc-0123456789abcdef0" };
  const privateSubnetIds = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
  const boundary = { arn: "arn:aws:iam::123456789012:policy/boundary" };
  const key = { arn: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab" };
`;

const IMPORT = /^import [^]*?;$/gm;

/** A page shows a whole program, or what goes into a stack: then this is the rest, with what it leaves to be imported. */
const programOf = ({ text }: CodeBlock): string => {
  if (text.includes("new App()")) return text;
  const imports = [...text.matchAll(IMPORT)].map(([line]) => line).join("\n");
  const names = text.match(/\b[A-Z]\w+/g) ?? [];
  const left = [...new Set(names)].filter((name) => isExported(name) && !imports.includes(name));
  return `
    import { TerraformStack } from "cdktf";
    import { ${left.join(", ")} } from "${PACKAGE}";
    ${imports}
    export function build(this: TerraformStack): void {
      ${TEAM}
      ${text.replaceAll(IMPORT, "")}
    }`;
};

const publicFace = readFileSync(join(ROOT, "constructs/index.ts"), "utf8");
const isExported = (name: string): boolean => new RegExp(`[{,] ${name}[ ,]`).test(publicFace);

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.CommonJS,
  moduleResolution: ts.ModuleResolutionKind.Node10,
  ignoreDeprecations: "5.0",
  paths: { [PACKAGE]: [join(ROOT, "constructs/index.ts")] },
  types: ["node"],
  strict: true,
  skipLibCheck: true,
  esModuleInterop: true,
  resolveJsonModule: true,
  noEmit: true,
};

/** What the compiler says, by the name of the file. */
const compile = (sources: ReadonlyMap<string, string>): ReadonlyMap<string, readonly string[]> => {
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.readFile = (path) => sources.get(path) ?? readFile(path);
  const program = ts.createProgram([...sources.keys()], OPTIONS, host);
  return new Map(
    [...sources.keys()].map((path) => [
      path,
      ts
        .getPreEmitDiagnostics(program, program.getSourceFile(path))
        .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n")),
    ]),
  );
};

type Build = (this: TerraformStack) => void;

const out = mkdtempSync(join(tmpdir(), "documentation-"));
process.env.CDKTF_OUTDIR = out;
afterAll(() => rmSync(out, { recursive: true }));

/** A whole program runs, and synthesizes by itself. */
const load = (source: string): Build | undefined => {
  const { outputText } = ts.transpileModule(source, { compilerOptions: OPTIONS });
  const module = { exports: {} as { build?: Build } };
  const find = (name: string): unknown => (name === PACKAGE ? library : jest.requireActual(name));
  const run = compileFunction(outputText, ["require", "module", "exports"]) as (...given: unknown[]) => void;
  run(find, module, module.exports);
  return module.exports.build;
};

const place = ({ page, line }: CodeBlock): string => `${page}, line ${line}`;

describe("the TypeScript of the documentation", () => {
  const blocks = codeBlocks("ts");
  const sources = new Map(
    blocks.map((block, index) => [join(ROOT, `documentation-${index}.ts`), programOf(block)]),
  );
  const told = compile(sources);

  it.each(blocks.map((block, index) => [place(block), index] as const))(
    "compiles and synthesizes: %s",
    (_place, index) => {
      const path = join(ROOT, `documentation-${index}.ts`);
      expect(told.get(path)).toEqual([]);

      const stack = new TerraformStack(Testing.app(), "documentation");
      load(sources.get(path) ?? "")?.call(stack);
      const constructs = stack.node.findAll().filter((construct) => construct !== stack);
      expect(constructs.flatMap((construct) => construct.node.validate())).toEqual([]);
      expect(() => Testing.synth(stack)).not.toThrow();
    },
  );

  it("is told when it does not compile", () => {
    const path = join(ROOT, "documentation-wrong.ts");
    const block = {
      page: "",
      line: 1,
      language: "ts",
      text: 'new RunnerGroup(this, "Group", { nam: "x" });',
    };

    expect(compile(new Map([[path, programOf(block)]])).get(path)).toEqual([expect.stringContaining("nam")]);
  });
});

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

const NPM_OWN = ["ci", "install", "pack", "init", "audit"];
const TERRAFORM_VERBS = ["init", "plan", "apply", "destroy", "show", "output", "validate", "state", "import"];

const npmMistake = ([verb = "", name = ""]: readonly string[]): string | undefined => {
  const script = verb === "run" ? name : verb;
  return NPM_OWN.includes(verb) || scripts[script] !== undefined ? undefined : `no script ${script}`;
};

const terraformMistake = (words: readonly string[]): string | undefined => {
  const verb = words.find((word) => !word.startsWith("-"));
  return TERRAFORM_VERBS.includes(verb ?? "") ? undefined : `no verb ${verb}`;
};

const programMistake = ([name, command, ...words]: readonly string[]): string | undefined => {
  if (name === "tsx") return undefined;
  if (name !== "ephemeral-runners") return `no program ${name}`;
  if (command === undefined || command === "--help") return undefined;
  const found = createProgram(QUIET).commands.find((one) => one.name() === command);
  if (!found) return `no command ${command}`;
  const known = found.options.flatMap(({ long, short }) => [long, short]);
  return words
    .map((word) => word.replace(/=.*/, ""))
    .find((word) => word.startsWith("-") && !known.includes(word));
};

/** By the first word. What AWS's program is told is looked up in the end-to-end tests. */
const PROGRAMS: Readonly<Record<string, (words: readonly string[]) => string | undefined>> = {
  npm: npmMistake,
  npx: programMistake,
  terraform: terraformMistake,
  cdktf: ([verb = ""]) =>
    ["deploy", "diff", "synth", "destroy", "init"].includes(verb) ? undefined : `no verb ${verb}`,
  cat: ([file = ""]) => (existsSync(join(ROOT, file)) ? undefined : `no file ${file}`),
  aws: () => undefined,
  gh: ghMistake,
  export: () => undefined,
  grep: () => undefined,
  tr: () => undefined,
  rm: () => undefined,
  xargs: (words) => mistakeOf(words.join(" ")),
};

/** Variables for one command, such as `NAME=value npm test`. */
const VARIABLES = /^(?:[A-Z_]+=(?:'[^']*'|\S+)\s+)+/;

const mistakeOf = (command: string): string | undefined => {
  const [program = "", ...words] = command
    .replace(VARIABLES, "")
    .replace(/ [<>] .*$/, "")
    .split(/\s+/);
  return (PROGRAMS[program] ?? (() => `no program ${program}`))(words);
};

/** Commands that stand in tables and in `help`, beside those of the blocks. */
const INLINE = /`((?:npm|npx|terraform|cdktf) [^`]+)`/g;
const inlineCommands = (page: string): readonly string[] =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(INLINE)].flatMap(([, text = ""]) =>
    commandsIn({ page, line: 0, language: "sh", text }),
  );
const helpCommands = readFileSync(join(ROOT, "help"), "utf8")
  .split("\n")
  .flatMap((line) => /^ {2}((?:npm|npx|terraform) .+?)(?: {2,}|$|;)/.exec(line)?.[1] ?? []);

describe("the commands of the documentation", () => {
  const commands = [
    ...codeBlocks("sh").flatMap((block) =>
      commandsIn(block).map((command) => [place(block), command] as const),
    ),
    ...["README.md", "SECURITY.md"].flatMap((page) =>
      inlineCommands(page).map((command) => [page, command] as const),
    ),
    ...helpCommands.map((command) => ["help", command] as const),
  ];

  it.each(commands)("are there: %s: %s", (_place, command) => {
    expect(mistakeOf(command)).toBeUndefined();
  });

  it.each([
    ["npm run sinth", "no script sinth"],
    ["npx ephemeral-runners odit a.json", "no command odit"],
    ["npx ephemeral-runners audit a.json --jsn", "--jsn"],
    ["terraform -chdir=a aply", "no verb aply"],
    ["make all", "no program make"],
    ["gh api orgs/acme/hoks", "GitHub has no GET /orgs/acme/hoks"],
    ["gh api --method PUT orgs/acme/hooks/7", "GitHub has no PUT /orgs/acme/hooks/7"],
    ["gh run list", "no command run"],
    ["xargs terraform aply", "no verb aply"],
  ])("would not pass as %s", (command, mistake) => {
    expect(mistakeOf(command)).toBe(mistake);
  });
});
