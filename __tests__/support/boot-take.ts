/** Takes a registration with the machine's own program and settings, out of the user data that was applied. */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { metadataService } from "../boot/stand-ins";

interface Machine {
  readonly work: string;
  readonly aws: { readonly url: string };
}

/** @throws with what the program says when it finds no registration */
export async function takeRegistration(
  { work, aws }: Machine,
  launchTemplate: Readonly<Record<string, unknown>>,
  instanceId: string,
): Promise<string> {
  const userData = Buffer.from(String(launchTemplate.user_data), "base64").toString();
  const file = (name: string): string => {
    const found = new RegExp(`cat >(?:\\S*/)?${name} <<'([\\w-]+)'\\n([\\s\\S]*?)\\n\\1\\n`).exec(
      userData,
    )?.[2];
    if (found === undefined) throw new Error(`The user data writes no file ${name}.`);
    return found;
  };
  const settings = Object.fromEntries(
    [...file("settings").matchAll(/^(\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
  const folder = join(work, "machines");
  mkdirSync(folder, { recursive: true });
  const program = join(folder, "aws.py");
  writeFileSync(program, file("aws.py"));

  const metadata = createServer(metadataService(instanceId));
  await new Promise<void>((ready) => metadata.listen(0, "127.0.0.1", ready));
  try {
    return await run(program, {
      ...settings,
      PATH: process.env.PATH ?? "",
      REGISTRATION_WAIT_SECONDS: "0",
      AWS_ENDPOINT_URL: aws.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`,
    });
  } finally {
    metadata.close();
  }
}

function run(program: string, env: Record<string, string>): Promise<string> {
  return new Promise((done, failed) => {
    const child = spawn("python3", ["-IS", program, "take"], { env, stdio: ["ignore", "pipe", "pipe"] });
    const [out, log]: Buffer[][] = [[], []];
    child.stdout.on("data", (chunk: Buffer) => out!.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => log!.push(chunk));
    child.once("close", (code) => {
      if (code === 0) done(Buffer.concat(out!).toString());
      else failed(new Error(Buffer.concat(log!).toString()));
    });
  });
}
