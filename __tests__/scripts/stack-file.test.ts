import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { synthesizeApp } from "./audit/document";
import { run } from "./run-program";

const stack = synthesizeApp().text();

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "cdktf.out-"));
});
afterEach(() => rmSync(out, { recursive: true }));

/** What CDKTF leaves behind for these stacks. */
const synthesize = (...names: readonly string[]): void => {
  const stacks = names.map((name) => {
    const folder = join("stacks", name);
    mkdirSync(join(out, folder), { recursive: true });
    writeFileSync(join(out, folder, "cdk.tf.json"), stack);
    return [name, { name, workingDirectory: folder, synthesizedStackPath: join(folder, "cdk.tf.json") }];
  });
  writeFileSync(join(out, "manifest.json"), JSON.stringify({ stacks: Object.fromEntries(stacks) as object }));
};

describe.each([
  ["audit", /^audit of (.+)\n|(\S+cdk\.tf\.json)/],
  ["cost", /^cost of (.+)\n/],
])("%s of a folder", (command) => {
  it("is that of the one stack in it", async () => {
    synthesize("runners");
    const file = join(out, "stacks", "runners", "cdk.tf.json");

    expect(await run([command, out])).toEqual(await run([command, file]));
    expect(await run([command, join(out, "stacks", "runners")])).toEqual(await run([command, file]));
  });

  it("names the stacks where there are several", async () => {
    synthesize("one", "two");

    const { code, error } = await run([command, out]);

    expect(code).toBe(2);
    expect(error).toBe(
      `${out} is a folder with several stacks. Give one of them: ` +
        `${join(out, "stacks/one/cdk.tf.json")}, ${join(out, "stacks/two/cdk.tf.json")}.\n`,
    );
  });

  it("says that nothing was synthesized where there is none", async () => {
    const { code, error } = await run([command, out]);

    expect(code).toBe(2);
    expect(error).toContain(`${out} is a folder, and no stack was synthesized into it.`);
  });
});
