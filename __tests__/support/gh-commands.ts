import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./markdown";

/** What GitHub's REST API knows, by its own description: https://github.com/octokit/openapi-types.ts */
const DESCRIPTION = join(ROOT, "node_modules/@octokit/openapi-types/types.d.ts");

/** Verbs by path, such as `/orgs/{org}/hooks/{hook_id}`. */
const verbsByPath = (): ReadonlyMap<string, readonly string[]> => {
  const [, paths = ""] =
    /^export interface paths \{\n([^]*?)^\}$/m.exec(readFileSync(DESCRIPTION, "utf8")) ?? [];
  return new Map(
    [...paths.matchAll(/^ {2}"(\/[^"]*)": \{\n([^]*?)^ {2}\};?$/gm)].map(([, path = "", body = ""]) => [
      path,
      [...body.matchAll(/^ {4}(\w+): operations\[/gm)].map(([, verb = ""]) => verb.toUpperCase()),
    ]),
  );
};

const matches = (path: string, template: string): boolean => {
  const [own, known] = [path, template].map((one) => one.split("/"));
  return (
    own!.length === known!.length &&
    known!.every((part, index) => part.startsWith("{") || part === own![index])
  );
};

/** What is wrong with the words behind `gh`. */
export const ghMistake = (words: readonly string[]): string | undefined => {
  if (words[0] !== "api") return `no command ${words[0]}`;
  const at = words.indexOf("--method");
  const verb = at < 0 ? "GET" : (words[at + 1] ?? "");
  const names = words.filter(
    (word, index) => index > 0 && !word.startsWith("-") && (at < 0 || index !== at + 1),
  );
  const path = `/${names[0] ?? ""}`;
  const known = [...verbsByPath()].filter(([template]) => matches(path, template));
  return known.some(([, verbs]) => verbs.includes(verb)) ? undefined : `GitHub has no ${verb} ${path}`;
};
