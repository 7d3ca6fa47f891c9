/** The recipes of the documentation, as props of a fleet. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface Recipe {
  readonly setupCommands: readonly string[];
  readonly allowDocker?: boolean;
}

const page = readFileSync(join(__dirname, "../../docs/configuration.md"), "utf8");

/** @param title of the section whose first snippet it is */
export const recipe = (title: string): Recipe => {
  const section = page.split(`\n### ${title}\n`)[1] ?? "";
  const snippet = /```json\n([^]*?)```/.exec(section)?.[1];
  if (snippet === undefined) throw new Error(`docs/configuration.md has no recipe "${title}".`);
  const { context } = JSON.parse(snippet) as { context: { runners: { fleets: [Recipe] } } };
  const [{ setupCommands, allowDocker }] = context.runners.fleets;
  return { setupCommands, ...(allowDocker !== undefined && { allowDocker }) };
};
