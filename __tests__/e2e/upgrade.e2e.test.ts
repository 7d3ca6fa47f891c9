/** What the last release made stands in AWS, and the present version is planned over it. */
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { releasedStack, unreleased } from "../support/golden";
import { startMoto, type Moto } from "../support/moto";
import { Terraform } from "../support/terraform";

const root = resolve(__dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "upgrade-"));
let moto: Moto;

/** The golden file leaves out the functions' code and the user data: any will do, as both change in place. */
const layReleased = (stack: string): string => {
  const json = JSON.stringify(releasedStack("reference-app.golden.json")).replaceAll(
    '"USER DATA"',
    JSON.stringify(Buffer.from("#!/bin/sh\n").toString("base64")),
  );
  for (const [, path = ""] of json.matchAll(/"filename":"([^"]+)"/g)) {
    mkdirSync(dirname(join(stack, path)), { recursive: true });
    copyFileSync(join(root, "lib", "bundles", basename(path)), join(stack, path));
  }
  writeFileSync(join(stack, "cdk.tf.json"), json);
  return stack;
};

const synthPresent = async (out: string): Promise<string> => {
  const env = { ...process.env, CDKTF_OUTDIR: out };
  await promisify(execFile)(process.execPath, [join(root, "lib/app/main.js")], { cwd: root, env });
  return join(out, "stacks", "ephemeral-runners");
};

beforeAll(async () => {
  moto = await startMoto();
});

afterAll(async () => {
  await moto.stop();
  rmSync(folder, { recursive: true, force: true });
});

it("an upgrade from the last release destroys and replaces nothing that the changelog does not name", async () => {
  const common = { work: join(folder, "terraform"), endpoint: moto.endpoint };
  const released = await Terraform.prepare({ ...common, stack: layReleased(join(folder, "released")) });
  await released.apply();
  expect(await released.plan()).toEqual([]);

  const present = await Terraform.prepare({ ...common, stack: await synthPresent(join(folder, "present")) });
  const changes = await present.plan();

  const lost = changes.filter(({ actions }) => actions.includes("delete"));
  expect(lost.filter(({ address }) => !unreleased.includes(`\`${address}\``))).toEqual([]);
  // Code and user data are others than those that were laid out above: the plan is one over what was released.
  expect(changes.map(({ type }) => type)).toEqual(
    expect.arrayContaining(["aws_lambda_function", "aws_launch_template"]),
  );
}, 600_000);
