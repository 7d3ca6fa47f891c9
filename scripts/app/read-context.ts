import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CONTEXT_ENV } from "cdktf";
import { ConfigurationError } from "../../constructs";
import { isObject } from "../../constructs/schema/kinds";
import { shown } from "../../constructs/validation";
import { STACK } from "./context";
import { mergePatch } from "./merge-patch";
import type { Json } from "../../constructs/schema/node";

/** Path of a JSON file, or JSON itself: laid over the context of cdktf.json, as its `stacks` are. */
export const CONFIG_VARIABLE = "EPHEMERAL_RUNNERS_CONFIG";

export interface ReadContext {
  readonly context: Json;
  /** Where it was read, for messages. */
  readonly source: string;
}

/**
 * The context of the cdktf.json in `folder` or above it, which the CDKTF CLI hands over by itself, with the changes that
 * the environment names.
 * @throws ConfigurationError in one line that names the file or the variable
 */
export const readContext = (folder: string, environment: NodeJS.ProcessEnv): ReadContext => {
  const handedOver = environment[CONTEXT_ENV];
  const context = handedOver === undefined ? readCdktfJson(folder) : parseObject(handedOver, CONTEXT_ENV);
  const changes = environment[CONFIG_VARIABLE];
  if (changes === undefined || changes.trim() === "") return { context, source: "cdktf.json" };
  return {
    context: mergePatch(context, readChanges(changes)) as Json,
    source: `cdktf.json with ${CONFIG_VARIABLE}`,
  };
};

const readCdktfJson = (folder: string): Json => {
  const path = join(folder, "cdktf.json");
  if (existsSync(path)) return parseContext(readFileSync(path, "utf8"), path);
  if (dirname(folder) === folder)
    throw new ConfigurationError("There is no cdktf.json: run this in the project.");
  return readCdktfJson(dirname(folder));
};

const readChanges = (changes: string): Json => {
  if (changes.trimStart().startsWith("{")) return parseObject(changes, CONFIG_VARIABLE);
  if (!existsSync(changes))
    throw new ConfigurationError(
      `${CONFIG_VARIABLE} names the file ${changes}, which is not there: give its path, seen from the working directory, or JSON that begins with "{".`,
    );
  const content = parseObject(readFileSync(changes, "utf8"), `${CONFIG_VARIABLE}, ${changes},`);
  // What tells an editor how to check the file.
  return mergePatch(content, { $schema: null }) as Json;
};

/** The `context` in the text of a cdktf.json; `path` is for the messages. */
export const parseContext = (text: string, path: string): Json => {
  const { context = {}, ...beside } = parseObject(text, path);
  const misplaced = [...Object.keys(STACK.keys), "stacks"].filter((key) => key in beside);
  if (misplaced.length > 0)
    throw new ConfigurationError(
      `${path}: what stands beside context belongs into it: ${misplaced.join(", ")}.`,
    );
  if (!isObject(context))
    throw new ConfigurationError(`${path}: context must be an object, and is ${shown(context)}.`);
  return context;
};

/** "position 43" as line and column, which editors show. */
const placed = (message: string, text: string): string =>
  message.replace(/ in JSON at position (\d+).*$/s, (_, position: string) => {
    const lines = text.slice(0, Number(position)).split("\n");
    return ` (line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1})`;
  });

const parseObject = (text: string, name: string): Json => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new ConfigurationError(
      `${name} is not JSON: ${placed((error as Error).message, text)}. It takes no comments, and no comma behind the last element.`,
    );
  }
  if (!isObject(parsed)) throw new ConfigurationError(`${name} must hold an object.`);
  return parsed;
};

/** A failed validation without CDKTF's heading and its advice to skip validations: the mistakes, one a line. */
export const messageOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const mistakes = error.message.split("\n").filter((line) => /^\s*\[[^\]]+\] /.test(line));
  return mistakes.length === 0 ? error.message : mistakes.map((line) => line.trim()).join("\n");
};
