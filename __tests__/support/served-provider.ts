/**
 * The real AWS provider as a server: Terraform finds it running in place of starting it, which takes two thirds of the time of a
 * plan. It is the way in which the provider's own acceptance tests reach it.
 * https://developer.hashicorp.com/terraform/plugin/debugging#starting-a-provider-in-debug-mode
 */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

export interface ServedProvider {
  /** For Terraform's environment: TF_REATTACH_PROVIDERS. */
  readonly reattach: string;
  stop(): void;
}

const READY_WITHIN_MS = 60_000;
/** It ends with its input, and so with whoever started it, however that ends. */
const SERVE = '"$0" -debug & server=$!; cat >/dev/null; kill -9 $server';
const NAME = /^terraform-provider-aws_v/;

const binaryIn = (work: string): string => {
  const folder = join(work, ".terraform/providers/registry.terraform.io/hashicorp/aws");
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((path) => join(folder, path))
    // A version that comes out of a mirror is a link to its folder, which the listing does not follow.
    .flatMap((path) => [path, ...filesIn(path)])
    .find((path) => NAME.test(path.split("/").at(-1)!));
  if (!found) throw new Error(`There is no AWS provider in ${folder}: terraform init puts it there.`);
  return found;
};

const filesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
};

/** @param environment where the provider finds AWS, as it stands for Terraform itself */
export const serveProvider = async (
  work: string,
  environment: NodeJS.ProcessEnv,
): Promise<ServedProvider> => {
  const server = spawn("sh", ["-c", SERVE, binaryIn(work)], {
    cwd: work,
    env: environment,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const stop = (): void => void server.stdin.end();
  const reattach = await new Promise<string>((found, failed) => {
    let told = "";
    const timer = setTimeout(() => {
      stop();
      failed(new Error(`The AWS provider does not serve:\n${told}`));
    }, READY_WITHIN_MS);
    server.stdout.on("data", (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-4000);
      const address = /TF_REATTACH_PROVIDERS='([^']+)'/.exec(told)?.[1];
      if (!address) return;
      clearTimeout(timer);
      found(address);
    });
  });
  return { reattach, stop };
};
