import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { JSONParse } from "json-with-bigint";
import { bundleFunctions } from "../scripts/bundle";
import type { Bundle } from "../scripts/bundle";
import packageJson from "../package.json";

const root = resolve(__dirname, "..");
const page = readFileSync(join(root, "docs/dependencies.md"), "utf8");

/** A bundler on a machine with other work to do takes longer than jest's 5 s. */
const PATIENCE_MS = 60_000;

/** The rows of the tables below a heading, as far as the next one of its level; without their heads. */
const rowsBelow = (heading: string): readonly (readonly string[])[] => {
  const section = page.split(/^## /m).find((text) => text.startsWith(heading)) ?? "";
  return [...section.matchAll(/^\| (.+) \|$/gm)]
    .map(([, row = ""]) => row.split(" | ").map((cell) => cell.replaceAll(/[`\\]/g, "").trim()))
    .filter(([first = ""]) => !/^(package|advisory|-+)$/.test(first));
};

const inFunctions = rowsBelow("In the functions");

describe("docs/dependencies.md", () => {
  let bundles: readonly Bundle[];
  beforeAll(async () => {
    const outDir = mkdtempSync(join(tmpdir(), "dependencies-"));
    bundles = await bundleFunctions({ root, outDir });
    rmSync(outDir, { recursive: true });
  }, PATIENCE_MS);

  it("names each package whose code stands in a bundle, with version, licence and bundles, and no other", () => {
    const bundled = new Map<string, string[]>();
    for (const { name: bundle, packages } of bundles)
      for (const { name, version, license } of packages) {
        const key = [name, version, license].join(" ");
        bundled.set(key, [...(bundled.get(key) ?? []), bundle]);
      }
    const expected = [...bundled].map(
      ([key, names]) => `${key} ${names.length === bundles.length ? "all" : names.join(", ")}`,
    );

    expect(inFunctions.map((cells) => cells.slice(0, 4).join(" ")).sort()).toEqual(expected.sort());
  });

  it("says of each package why it is there", () => {
    expect(inFunctions.filter(([, , , , why = ""]) => why.length < 5)).toEqual([]);
  });

  it("names what the package installs, and its peers", () => {
    const named = rowsBelow("In a project").map(([name, version]) => [name, version]);

    const { dependencies, peerDependencies } = packageJson;
    expect(named.sort()).toEqual(Object.entries({ ...dependencies, ...peerDependencies }).sort());
  });

  it("names no advisory that is not mended in the version at hand", () => {
    const advisories = rowsBelow("Known advisories");
    const numbersOf = (version: string): number =>
      version.split(".").reduce((sum, part) => sum * 10_000 + Number(part), 0);

    expect(advisories).toHaveLength(4);
    for (const [, name, fixedIn = ""] of advisories) {
      const [, version = ""] = inFunctions.find(([bundled]) => bundled === name) ?? [];
      expect(numbersOf(version)).toBeGreaterThanOrEqual(numbersOf(fixedIn));
    }
  });
});

describe("GitHub's answers are read", () => {
  it("in no time where there is an unterminated text with many escapes, on which it hung", () => {
    const started = Date.now();

    expect((): unknown => JSONParse(`{"name":"${"\\!".repeat(40)}`)).toThrow();
    expect(Date.now() - started).toBeLessThan(1000);
  });
});
