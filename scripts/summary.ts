import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { readManifest } from "./manifest";
import { stylesFor } from "./terminal";
import type { Manifest, StackManifest } from "./manifest";
import type { Styles } from "./terminal";

/** What a synth made, in words for a person: which resources, where the JSON is, which command comes next. */

type Blocks = Readonly<Record<string, Readonly<Record<string, { readonly "//"?: BlockComment }>>>>;

interface BlockComment {
  readonly metadata?: { readonly path?: string };
}

interface StackJson {
  readonly resource?: Blocks;
  readonly data?: Blocks;
}

export interface SummaryOptions {
  /** Folder that holds `manifest.json`. */
  readonly outDir: string;
  /** What the paths in the text are relative to. @default - the working directory */
  readonly from?: string;
  /** @default false */
  readonly color?: boolean;
}

/** @throws Error with one line for the user when there is nothing to tell about */
export const summarize = ({ outDir, from = process.cwd(), color = false }: SummaryOptions): string => {
  const manifest = readManifest(outDir);
  const stacks = Object.values(manifest?.stacks ?? {});
  if (manifest === undefined || stacks.length === 0) throw nothingIn(outDir);
  const place = { outDir, from, cli: cliFor(manifest, from) };
  return stacks.map((stack) => describeStack(stack, place, stylesFor(color))).join("\n");
};

interface Place extends Required<Pick<SummaryOptions, "outDir" | "from">> {
  /** Absent where none would work. */
  readonly cli?: Cli;
}

interface Cli {
  readonly title: string;
  readonly program: string;
}

const CDKTF: Cli = { title: "the CDKTF CLI", program: "cdktf" };
const CDK_TERRAIN: Cli = { title: "the CLI of CDK Terrain", program: "cdktn" };

/** Up to 0.21, the last version of CDKTF; the versions of its fork, CDK Terrain, go on from there. */
const CDKTF_VERSION = /^0\.(?:\d|1\d|2[01])\./;

/** Either reads `cdktf.json` where it is started, and does nothing without it. */
const cliFor = ({ version = "" }: Manifest, from: string): Cli | undefined => {
  if (!existsSync(join(from, "cdktf.json"))) return undefined;
  return CDKTF_VERSION.test(version) ? CDKTF : CDK_TERRAIN;
};

const nothingIn = (outDir: string): Error =>
  new Error(
    `Nothing was synthesized: there is no stack in ${outDir}. Synthesize first ("npm run synth", or your own program), or name the folder that it wrote to.`,
  );

const describeStack = (
  stack: StackManifest,
  { outDir, from, cli }: Place,
  { bold, dim, yellow }: Styles,
): string => {
  const json = join(outDir, stack.synthesizedStackPath);
  if (!existsSync(json)) throw nothingIn(outDir);
  const { resource = {}, data = {} } = readJson(json) as StackJson;
  const folder = quote(relative(from, join(outDir, stack.workingDirectory)) || ".");
  return [
    `${bold(stack.name)}  ${count(resource)} resources, ${count(data)} data sources`,
    ...groupLines(resource).map(([group, kinds]) => `  ${group}  ${dim(kinds)}`),
    ...(stack.annotations ?? []).map(
      ({ level, message }) => `  ${yellow(`${level.replace(/^@cdktf\//, "")}:`)} ${message}`,
    ),
    "",
    `  JSON  ${relative(from, json)}`,
    "  next  " + bold(`terraform -chdir=${folder} init`),
    ...["plan", "apply"].map((verb) => "        " + bold(`terraform -chdir=${folder} ${verb}`)),
    ...(cli === undefined
      ? []
      : [`        or, with ${cli.title}: ${bold(`${cli.program} deploy ${quote(stack.name)}`)}`]),
    "",
  ].join("\n");
};

/** Two columns before a group's name, and two behind its number. */
const GAPS = 4;

/** One line for each part of the construct tree: how many resources it has, and of which types. */
const groupLines = (blocks: Blocks): (readonly [group: string, kinds: string])[] => {
  const groups = new Map<string, string[]>();
  for (const [type, byName] of Object.entries(blocks)) {
    for (const block of Object.values(byName)) {
      const group = groupOf(block["//"]?.metadata?.path);
      groups.set(group, [...(groups.get(group) ?? []), kindOf(type)]);
    }
  }
  const width = Math.max(...[...groups.keys()].map((group) => group.length));
  return [...groups].map(([group, kinds]) => {
    const left = `${group.padEnd(width)}  ${String(kinds.length).padStart(3)}`;
    return [left, tally(kinds, LINE - left.length - GAPS)];
  });
};

/** `stack/Runners/Webhook/Function/Role` belongs to `Runners/Webhook`: deeper than that it would be no summary. */
const groupOf = (path = ""): string => path.split("/").slice(1, -1).slice(0, 2).join("/") || "(stack)";

/** `aws_dynamodb_table`: dynamodb table */
export const kindOf = (type: string): string => type.split("_").slice(1).join(" ");

/** Columns of a terminal that nobody has widened. */
const LINE = 80;

/** The most numerous first, then those with short names: as many as the room takes, and how many more resources there are. */
const tally = (kinds: readonly string[], room: number): string => {
  const times = new Map<string, number>();
  for (const kind of kinds) times.set(kind, (times.get(kind) ?? 0) + 1);
  const all = [...times].sort(([a, few], [b, many]) => many - few || a.length - b.length);
  const shortened = (shown: number): string => {
    const rest = all.slice(shown).reduce((sum, [, number]) => sum + number, 0);
    const named = all.slice(0, shown).map(([kind, number]) => (number > 1 ? `${number} × ${kind}` : kind));
    return [...named, ...(rest > 0 ? [`${rest} more`] : [])].join(", ");
  };
  const fitting = all.map((_, index) => shortened(all.length - index)).find(({ length }) => length <= room);
  return fitting ?? shortened(1);
};

const count = (blocks: Blocks): number =>
  Object.values(blocks).reduce((sum, byName) => sum + Object.keys(byName).length, 0);

const quote = (word: string): string => (/^[\w./:@-]+$/.test(word) ? word : `'${word}'`);

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, "utf8"));
