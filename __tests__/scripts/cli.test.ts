import { spawn, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { createProgram } from "../../scripts/cli";
import { QUIET, run } from "./run-program";

const root = resolve(__dirname, "../..");
/** Starting a program takes its time where many tests run. */
const SLOW_MS = 60_000;

const tsx = join(root, "node_modules/.bin/tsx");
const cli = join(root, "scripts/cli.ts");

const names = createProgram(QUIET).commands.map((command) => command.name());

describe("ephemeral-runners", () => {
  it("lists its commands, its exit codes and examples", async () => {
    const { code, out } = await run(["--help"]);

    expect(code).toBe(0);
    expect(names).toEqual(["summary", "audit", "plan-review", "cost", "post-comment"]);
    for (const name of names) expect(out).toMatch(new RegExp(`^ {2}${name} `, "m"));
    expect(out).toMatch(/Exit codes:\n +0 [^]*\n +1 [^]*\n +2 [^]*\n +70 /);
    expect(out).toContain("Examples:");
  });

  it.each(names)("%s --help tells its exit codes and examples", async (name) => {
    const { code, out } = await run([name, "--help"]);

    expect(code).toBe(0);
    expect(out).toMatch(/Exit codes:\n +0 [^]*\n +2 [^]*\n +70 /);
    expect(/^ +1 {2}/m.test(out)).toBe(!["summary", "cost"].includes(name));
    expect(out).toMatch(new RegExp(`Examples:\\n[^]*ephemeral-runners ${name}`));
  });

  it("proposes a command for one that it does not know", async () => {
    expect(await run(["plan-reviev"])).toMatchObject({
      code: 2,
      error: expect.stringContaining("(Did you mean plan-review?)") as string,
    });
  });

  it("ends with 70, and tells where, when it fails itself", async () => {
    const input = () => {
      throw new TypeError("broken");
    };
    const environment = {
      get CDKTF_OUTDIR(): string {
        throw new TypeError("broken");
      },
    };

    expect(await run(["summary"], { environment })).toMatchObject({
      code: 70,
      error: expect.stringContaining("TypeError: broken\n    at") as string,
    });
    expect(await run(["audit", "-"], { input })).toMatchObject({ code: 2 });
  });

  it(
    "as a program takes a plan from a pipe, however slowly it comes",
    () => {
      const slowly = `(sleep 2; echo no plan) | "${tsx}" "${cli}" audit -`;

      const { status, stderr, stdout } = spawnSync("bash", ["-c", slowly], { encoding: "utf8" });

      expect(status).toBe(2);
      expect(stderr).toMatch(/^- is not JSON\. .*\n$/);
      expect(stdout).toBe("");
    },
    SLOW_MS,
  );

  it(
    "as a program bears that its reader has seen enough",
    async () => {
      const child = spawn(tsx, [cli, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
      let errors = "";
      child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
      child.stdout.destroy();

      const code = await new Promise((done) => child.once("close", done));

      expect({ code, errors }).toEqual({ code: 0, errors: "" });
    },
    SLOW_MS,
  );
});
