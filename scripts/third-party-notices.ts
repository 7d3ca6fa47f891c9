import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the innermost package that a file belongs to: `node_modules/@aws-sdk/core`. */
const PACKAGE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;

/** A package whose code stands in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const LICENSE_FILE = /^(?:licen[cs]e|notice)(?:\.(?:md|txt))?$/i;

/**
 * Names, versions and licenses of the packages whose code stands in the bundles; their licenses ask for it.
 *
 * @param files paths of the bundled files, from `root`
 */
export const thirdPartyNotices = (root: string, files: readonly string[]): string =>
  foldersOf(files)
    .map((folder) => noticeOf(join(root, folder)))
    .sort()
    .filter((notice, index, all) => notice !== all[index - 1])
    .join("\n");

/** The packages that the files belong to, in the order of their names. */
export const packagesOf = (root: string, files: readonly string[]): readonly BundledPackage[] =>
  foldersOf(files)
    .map((folder) => readPackage(join(root, folder)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const foldersOf = (files: readonly string[]): readonly string[] => [
  ...new Set(files.flatMap((file) => PACKAGE.exec(file)?.[0] ?? [])),
];

const readPackage = (folder: string): BundledPackage => {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  ) as BundledPackage;
  return { name, version, license };
};

const noticeOf = (folder: string): string => {
  const { name, version, license } = readPackage(folder);
  const texts = readdirSync(folder)
    .filter((file) => LICENSE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts, ""].join("\n\n");
};
