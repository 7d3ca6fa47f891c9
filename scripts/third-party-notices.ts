import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the innermost package that a file belongs to: `node_modules/@aws-sdk/core`. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

const LICENSE_FILE = /^(?:licen[cs]e|notice)(?:\.(?:md|txt))?$/i;

/**
 * Names, versions and licenses of the packages whose code stands in the bundles; their licenses ask for it.
 *
 * @param files paths of the bundled files, from `root`
 */
export const thirdPartyNotices = (root: string, files: readonly string[]): string => {
  const folders = new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? []));
  return [...folders]
    .map((folder) => noticeOf(join(root, folder)))
    .sort()
    .filter((notice, index, all) => notice !== all[index - 1])
    .join("\n");
};

const noticeOf = (folder: string): string => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  const texts = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts, ""].join("\n\n");
};
