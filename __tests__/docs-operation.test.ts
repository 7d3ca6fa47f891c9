import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./support/markdown";

/** Whoever is woken by an alarm, or meets a reason in a log, finds it in the documentation by its name. */

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const operation = read("docs/operation.md");
const troubleshooting = read("docs/troubleshooting.md");

const sources = execFileSync("git", ["ls-files", "functions/*.ts"], { cwd: ROOT, encoding: "utf8" })
  .split("\n")
  .filter((path) => path !== "")
  .map(read)
  .join("\n");

const found = (pattern: RegExp, text: string): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].flatMap(([, ...groups]) => groups.find(Boolean) ?? [])),
];

describe("docs/operation.md", () => {
  const names = found(
    /"alarm_name": "runners(-[\w-]+)"/g,
    read("__tests__/golden/reference-app.golden.json"),
  );
  const messages = found(/(?:ringAlarm\([\w.]+|tell\([\w.]*installation), "([^"]+)"/g, sources);

  it("is held against alarms and messages", () => {
    expect(names.length).toBeGreaterThan(8);
    expect(messages.length).toBeGreaterThan(6);
  });

  it.each(names)("says what the alarm %s means", (name) => {
    expect(operation).toContain(`\`${name}\``);
  });

  it.each(messages)('says what to do about "%s"', (message) => {
    expect(operation).toContain(`\`${message}\``);
  });
});

describe("docs/troubleshooting.md", () => {
  const reasons = found(/reason: "([^"]+)"/g, read("functions/webhook/route-job.ts"));

  it.each(reasons.filter((reason) => reason !== "this action changes nothing here"))(
    'knows the answer "left alone: %s"',
    (reason) => {
      expect(troubleshooting).toContain(`left alone: ${reason}`);
    },
  );
});
