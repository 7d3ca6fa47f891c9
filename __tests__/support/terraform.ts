/**
 * The real `terraform` on a synthesized stack: its AWS provider is the real one, pointed at the emulator, and the
 * providers that no emulator serves are stand-ins.
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emulatorCredentials, emulatorRegion } from "./moto";
import { installStandIn } from "./provider-stand-in/install";
import { serveProvider, type ServedProvider } from "./served-provider";
import { plannedIn, refusalsIn, type Planned } from "./terraform-lines";

/** Where Terraform looks for a provider whose address names no host. */
const REGISTRY = "registry.terraform.io";
const STATE = "terraform.tfstate";

export interface Resource {
  /** E.g. `aws_sqs_queue.Runners_JobQueue_1234ABCD` */
  readonly address: string;
  readonly type: string;
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Change {
  readonly address: string;
  readonly type: string;
  /** E.g. `["update"]`, `["delete", "create"]`. */
  readonly actions: readonly string[];
  /** Names of the arguments that would change. */
  readonly arguments: readonly string[];
}

export interface TerraformOptions {
  /** Folder that holds `cdk.tf.json` and its assets; it is copied and stays as it is. */
  readonly stack: string;
  /** Folder to work in; made when missing. */
  readonly work: string;
  /** Base URL of everything AWS. */
  readonly endpoint: string;
  /** Further resource types of the GitHub provider, of stacks that will be laid out later. */
  readonly githubTypes?: readonly string[];
  /** Where the stand-ins tell what was made, and the token they show there. */
  readonly notify?: { readonly url: string; readonly token: string };
  /** The AWS provider is started once and serves every command, until {@link Terraform.stop}. */
  readonly served?: boolean;
}

interface Configuration {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly provider?: { readonly aws?: readonly { readonly alias?: string; readonly region?: string }[] };
}

interface State {
  readonly outputs: Readonly<Record<string, { readonly value: unknown }>>;
  readonly resources: readonly {
    readonly mode: string;
    readonly type: string;
    readonly name: string;
    readonly instances: readonly { readonly attributes: Readonly<Record<string, unknown>> }[];
  }[];
}

export class Terraform {
  private constructor(
    readonly work: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** A work folder with the stack, the override and the mirror in it, initialized. */
  static async prepare({
    stack,
    work,
    endpoint,
    notify,
    githubTypes = [],
    served = false,
  }: TerraformOptions): Promise<Terraform> {
    mkdirSync(work, { recursive: true });
    const mirror = join(work, "mirror");
    const types = [...githubTypes, ...layOut(stack, work)];
    const address = `${REGISTRY}/integrations/github`;
    installStandIn(mirror, { provider: "github", address, binding: "@cdktf/provider-github", types });
    writeFileSync(
      join(work, "terraform.rc"),
      cliConfiguration(mirror, process.env.TERRAFORM_PROVIDER_MIRROR),
    );
    const terraform = new Terraform(work, {
      PATH: process.env.PATH,
      HOME: work,
      TF_CLI_CONFIG_FILE: join(work, "terraform.rc"),
      TF_DISABLE_PLUGIN_TLS: "1",
      TF_IN_AUTOMATION: "1",
      CHECKPOINT_DISABLE: "1",
      AWS_ENDPOINT_URL: endpoint,
      AWS_EC2_METADATA_DISABLED: "true",
      STAND_IN_NOTIFY: notify?.url,
      STAND_IN_TOKEN: notify?.token,
    });
    await terraform.run("init", "-no-color", "-input=false");
    if (served) await terraform.serve();
    return terraform;
  }

  private served?: ServedProvider;

  private async serve(): Promise<void> {
    this.served = await serveProvider(this.work, { ...this.environment });
    this.environment.TF_REATTACH_PROVIDERS = this.served.reattach;
  }

  /** Ends what serves. */
  stop(): void {
    this.served?.stop();
  }

  /** Another stack in place of the one that is there, with the same providers and with no state. */
  replace(stack: string): void {
    for (const name of ["assets", STATE, `${STATE}.backup`])
      rmSync(join(this.work, name), { recursive: true, force: true });
    layOut(stack, this.work);
  }

  /**
   * Another version of the stack that is there: what was applied stands.
   * @param options `ownRegion`: its own region in place of the emulator's
   */
  update(stack: string, { ownRegion = false }: { readonly ownRegion?: boolean } = {}): void {
    layOut(stack, this.work, ownRegion);
  }

  async validate(): Promise<void> {
    await this.run("validate", "-no-color");
  }

  /** The changes of a plan, refreshed from the emulator; the plan itself is kept in `plan.bin`. */
  async plan(): Promise<Change[]> {
    await this.run("plan", "-no-color", "-input=false", "-out=plan.bin");
    return changesOf(JSON.parse(await this.showPlan()) as Plan);
  }

  /** The kept plan as JSON, with every value in it. */
  async showPlan(): Promise<string> {
    return this.run("show", "-json", "plan.bin");
  }

  /** The schemas of all providers, as JSON. */
  async schemas(): Promise<string> {
    return this.run("providers", "schema", "-json");
  }

  /** @param replace addresses of what is to be made anew */
  async apply({ replace = [] }: { readonly replace?: readonly string[] } = {}): Promise<void> {
    const anew = replace.map((address) => `-replace=${address}`);
    await this.run("apply", "-no-color", "-input=false", "-auto-approve", ...anew);
  }

  /**
   * Applies, and answers with what was planned for it.
   * @param within milliseconds, after which Terraform is asked to stop
   */
  async change(within: number): Promise<Planned[]> {
    return plannedIn(await this.lines(["apply", "-json", "-input=false", "-auto-approve"], within));
  }

  /** What a plan would change, refreshed from the emulator. */
  async left(within: number): Promise<Planned[]> {
    return plannedIn(await this.lines(["plan", "-json", "-input=false"], within));
  }

  private lines(words: readonly string[], within: number): Promise<string> {
    return new Promise((done, failed) => {
      const options = { cwd: this.work, env: this.environment, maxBuffer: 256 * 1024 * 1024 };
      const command = execFile("terraform", words, options, (error, stdout) => {
        clearTimeout(timer);
        if (error) failed(new Error(`terraform ${words[0]} failed: ${refusalsIn(stdout).join("\n")}`));
        else done(stdout);
      });
      // It ends what is under way in order, and keeps its state.
      const timer = setTimeout(() => command.kill("SIGINT"), within);
    });
  }

  async import(address: string, id: string): Promise<void> {
    await this.run("import", "-no-color", "-input=false", address, id);
  }

  /** Terraform knows of them no more; they go on standing. */
  async forget(...addresses: readonly string[]): Promise<void> {
    await this.run("state", "rm", ...addresses);
  }

  async refresh(): Promise<void> {
    await this.run("apply", "-no-color", "-input=false", "-auto-approve", "-refresh-only");
  }

  async destroy(): Promise<void> {
    await this.run("destroy", "-no-color", "-input=false", "-auto-approve");
  }

  /** What the state holds. */
  resources(): Resource[] {
    const { resources } = this.state();
    return resources
      .filter(({ mode }) => mode === "managed")
      .flatMap(({ type, name, instances }) =>
        instances.map(({ attributes }) => ({ address: `${type}.${name}`, type, values: attributes })),
      );
  }

  outputs(): Record<string, unknown> {
    return Object.fromEntries(Object.entries(this.state().outputs).map(([name, { value }]) => [name, value]));
  }

  /** The state file and its backup, as they lie on the disk. */
  stateFiles(): string {
    const files = [STATE, `${STATE}.backup`].map((name) => join(this.work, name));
    return files.map((file) => (existsSync(file) ? readFileSync(file, "utf8") : "")).join("\n");
  }

  private state(): State {
    return JSON.parse(readFileSync(join(this.work, STATE), "utf8")) as State;
  }

  private run(...words: string[]): Promise<string> {
    const options = { cwd: this.work, env: this.environment, maxBuffer: 256 * 1024 * 1024 };
    return new Promise((done, failed) =>
      execFile("terraform", words, options, (error, stdout, stderr) => {
        if (error) failed(new Error(`terraform ${words[0]} failed:\n${stdout.slice(-4000)}\n${stderr}`));
        else done(stdout);
      }),
    );
  }
}

/** The state beside the stack, and every AWS provider, if there is any, pointed at the emulator; one with an alias keeps its region. */
const overrideOf = ({ provider, resource = {}, data = {} }: Configuration, ownRegion: boolean): object => {
  const backend = { local: { path: STATE } };
  const usesAws = Object.keys({ ...resource, ...data }).some((type) => type.startsWith("aws_"));
  return usesAws ? awsOverride(provider, backend, ownRegion) : { terraform: { backend } };
};

const awsOverride = (provider: Configuration["provider"], backend: object, ownRegion: boolean): object => ({
  terraform: {
    backend,
    // CDKTF pins the version that its binding was made from; the library is for all of these.
    required_providers: { aws: { source: "aws", version: ">= 5.100, < 7" } },
  },
  provider: {
    aws: (provider?.aws ?? [{}]).map(({ alias, region }) => ({
      ...(alias !== undefined && { alias }),
      region: alias === undefined && !ownRegion ? emulatorRegion : region,
      access_key: emulatorCredentials.accessKeyId,
      secret_key: emulatorCredentials.secretAccessKey,
      skip_credentials_validation: true,
      skip_metadata_api_check: true,
      skip_region_validation: true,
    })),
  },
});

/** @returns the types of the GitHub provider's resources */
const layOut = (stack: string, work: string, ownRegion = false): readonly string[] => {
  cpSync(stack, work, { recursive: true });
  const configuration = JSON.parse(readFileSync(join(stack, "cdk.tf.json"), "utf8")) as Configuration;
  writeFileSync(
    join(work, "cdk_override.tf.json"),
    JSON.stringify(overrideOf(configuration, ownRegion), null, 2),
  );
  return Object.keys(configuration.resource ?? {}).filter((type) => type.startsWith("github_"));
};

/** With a mirror for the AWS provider nothing is downloaded; without, it comes from Terraform's own registry. */
function cliConfiguration(mirror: string, awsMirror: string | undefined): string {
  const source = (kind: string, lines: readonly string[]): string =>
    `  ${kind} {\n    ${lines.join("\n    ")}\n  }\n`;
  const aws = awsMirror
    ? source("filesystem_mirror", [`path = ${JSON.stringify(awsMirror)}`, `include = ["hashicorp/*"]`])
    : source("direct", [`include = ["hashicorp/*"]`]);
  const standIns = source("filesystem_mirror", [
    `path = ${JSON.stringify(mirror)}`,
    `include = ["integrations/*"]`,
  ]);
  return `provider_installation {\n${standIns}${aws}}\n`;
}

interface Plan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly type: string;
    readonly change: {
      readonly actions: readonly string[];
      readonly before: Readonly<Record<string, unknown>> | null;
      readonly after: Readonly<Record<string, unknown>> | null;
      readonly after_unknown: Readonly<Record<string, unknown>>;
    };
  }[];
}

function changesOf({ resource_changes = [] }: Plan): Change[] {
  return resource_changes
    .filter(({ change }) => change.actions.join() !== "no-op" && change.actions.join() !== "read")
    .map(({ address, type, change: { actions, before, after, after_unknown } }) => {
      const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
      const differs = (name: string): boolean =>
        after_unknown[name] === true || JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]);
      return { address, type, actions, arguments: [...names].filter(differs).sort() };
    });
}
