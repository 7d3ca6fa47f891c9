/** Another region was applied, and the old installation stands in no state: docs/changing.md finds it and ends it. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { EC2Client, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { createApp } from "../../main";
import { codeBlocksOf, commandsIn, ROOT } from "../support/markdown";
import { emulatorCredentials, emulatorRegion, installMoto, startMoto, type Moto } from "../support/moto";
import { Terraform } from "../support/terraform";

/** As in the page. */
const OLD_REGION = "us-east-1";
const PREFIX = "runners";

const page = readFileSync(join(ROOT, "docs/changing.md"), "utf8");
const section = page.slice(page.indexOf("### If it is applied already"), page.indexOf("## Every key"));
const commands = codeBlocksOf("docs/changing.md", section).flatMap(commandsIn);
const commandsOf = (start: string): readonly string[] => {
  const found = commands.filter((command) => command.startsWith(start));
  if (found.length === 0) throw new Error(`The page has no command "${start}".`);
  return found;
};

const work = mkdtempSync(join(tmpdir(), "left-behind-"));
let moto: Moto;

/** The command as it stands in the page. */
const runAws = async (command: string): Promise<unknown> => {
  const words = (command.match(/"[^"]*"|\S+/g) ?? []).slice(1);
  const program = join(ROOT, "__tests__/support/aws-run.py");
  const { stdout } = await promisify(execFile)(await installMoto(), [program, moto.endpoint, ...words]);
  return JSON.parse(stdout);
};

const synthesize = (region: string): string => {
  const { context } = JSON.parse(readFileSync(join(ROOT, "cdktf.json"), "utf8")) as { context: object };
  const outdir = join(work, region);
  createApp({ ...context, region }, outdir).synth();
  return join(outdir, "stacks", "ephemeral-runners");
};

/** A folder whose provider looks in the region. */
const prepare = async (region: string): Promise<Terraform> => {
  const terraform = await Terraform.prepare({
    stack: synthesize(region),
    work: join(work, `terraform-${region}`),
    endpoint: moto.endpoint,
  });
  const override = join(terraform.work, "cdk_override.tf.json");
  writeFileSync(override, readFileSync(override, "utf8").replace(emulatorRegion, region));
  return terraform;
};

const launch = async (): Promise<string> => {
  const ec2 = new EC2Client({
    endpoint: moto.endpoint,
    region: OLD_REGION,
    credentials: emulatorCredentials,
  });
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: "ami-12c6146b",
      MinCount: 1,
      MaxCount: 1,
      TagSpecifications: [
        {
          ResourceType: "instance",
          Tags: [{ Key: "ephemeral-runners:installation", Value: PREFIX }],
        },
      ],
    }),
  );
  return Instances[0]?.InstanceId ?? "";
};

beforeAll(async () => {
  moto = await startMoto();
});

afterAll(async () => {
  await moto.stop();
  rmSync(work, { recursive: true, force: true });
});

it("leaves nothing of the old region standing, and the new one as it is", async () => {
  const old = await prepare(OLD_REGION);
  await old.apply();
  const before = readFileSync(join(old.work, "terraform.tfstate"), "utf8");
  const machine = await launch();

  // The same state, with another region.
  const now = await prepare(emulatorRegion);
  cpSync(join(old.work, "terraform.tfstate"), join(now.work, "terraform.tfstate"));
  await now.apply();
  await now.apply();
  const [list = ""] = commandsOf("aws resourcegroupstaggingapi");
  expect((await runAws(list)) as string[]).toContainEqual(expect.stringContaining("function:runners-sweep"));

  for (const command of commandsOf("aws events disable-rule")) await runAws(command);
  const [machines = ""] = commandsOf("aws ec2 describe-instances");
  expect(((await runAws(machines)) as string[]).flat()).toEqual([machine]);
  const [terminate = ""] = commandsOf("aws ec2 terminate-instances");
  await runAws(terminate.replace(/i-[0-9a-f]+/, machine));
  expect(await runAws(machines)).toEqual([]);

  expect(readFileSync(join(old.work, "terraform.tfstate"), "utf8")).toBe(before);
  const [grep = ""] = commandsOf("grep");
  const prefixes = [...grep.matchAll(/-e \^(\S+)/g)].map(([, prefix = ""]) => prefix);
  const kept = old
    .resources()
    .map(({ address }) => address)
    .filter((address) => prefixes.some((prefix) => address.startsWith(prefix)));
  expect(kept.length).toBeGreaterThan(10);
  await old.forget(...kept);
  await old.destroy();

  const left = (await runAws(list)) as string[];
  // EC2 lists a machine for an hour after its end.
  expect(left.filter((arn) => !arn.includes(machine))).toEqual([]);
  expect(await now.plan()).toEqual([]);
}, 900_000);
