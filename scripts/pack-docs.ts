import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { packedMarkdown } from "./packed-markdown";

/**
 * Around `npm pack`, which packs the pages as they lie here: `tsx scripts/pack-docs.ts` writes them without links to what is
 * not packed, `tsx scripts/pack-docs.ts restore` puts them back as they were written.
 */

const root = resolve(__dirname, "..");
/** Nothing of git's, and not packed. */
const KEPT = join(root, "lib", "pages-as-written");

/** Of every file that npm would pack now, relative to the root. */
const packedFiles = (): ReadonlySet<string> => {
  const words = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  const [report] = JSON.parse(execFileSync("npm", words, { cwd: root, encoding: "utf8" })) as [
    { readonly files: readonly { readonly path: string }[] },
  ];
  return new Set(report.files.map(({ path }) => path));
};

const pack = (): void => {
  const files = packedFiles();
  for (const page of [...files].filter((path) => path.endsWith(".md"))) {
    const written = readFileSync(join(root, page), "utf8");
    const isPacked = (target: string): boolean => files.has(posix.join(posix.dirname(page), target));
    const packed = packedMarkdown(written, isPacked);
    if (packed === written) continue;
    mkdirSync(dirname(join(KEPT, page)), { recursive: true });
    writeFileSync(join(KEPT, page), written);
    writeFileSync(join(root, page), packed);
  }
};

/** Also what a run that was cut off left behind. */
const restore = (): void => {
  if (!existsSync(KEPT)) return;
  cpSync(KEPT, root, { recursive: true });
  rmSync(KEPT, { recursive: true });
};

restore();
if (process.argv[2] !== "restore") pack();
