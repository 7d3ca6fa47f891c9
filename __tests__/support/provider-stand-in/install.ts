import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { compile } from "../compile";
import { readProviderSchema } from "./schema";

export interface StandIn {
  /** Last part of the provider's address, e.g. `github`. */
  readonly provider: string;
  /** The provider's full address, host included. */
  readonly address: string;
  /** The npm package with its CDKTF binding. */
  readonly binding: string;
  /** The resource types that are used. */
  readonly types: readonly string[];
}

/** Lays a stand-in into a filesystem mirror, as Terraform expects it there. */
export function installStandIn(mirror: string, { provider, address, binding, types }: StandIn): void {
  const home = dirname(require.resolve(`${binding}/package.json`));
  const version = versionOf(home);
  const folder = join(mirror, address, version, platform());
  mkdirSync(folder, { recursive: true });
  compile(join(__dirname, "provider.ts"), join(folder, "provider.js"));
  for (const file of ["plugin.proto", "controller.proto"])
    copyFileSync(join(__dirname, file), join(folder, file));
  writeFileSync(join(folder, "schema.json"), JSON.stringify(readProviderSchema(home, provider, types)));
  const wrapper = `#!/bin/sh\nexec '${process.execPath}' "$(dirname "$0")/provider.js"\n`;
  writeFileSync(join(folder, `terraform-provider-${provider}_v${version}`), wrapper, { mode: 0o755 });
}

/** The version of the real provider that the binding was made for. */
function versionOf(home: string): string {
  const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as {
    cdktf: { provider: { version: string } };
  };
  return manifest.cdktf.provider.version;
}

/** As Terraform calls it, e.g. `linux_amd64`. */
function platform(): string {
  const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };
  return `${process.platform}_${architectures[process.arch] ?? process.arch}`;
}
