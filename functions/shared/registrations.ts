import pLimit from "p-limit";
import { runnerName, type FleetSettings, type GithubSettings, type RegistrationMode } from "./contract";
import { GithubError, githubClient } from "./github";
import { handoffOf, jitEnvironment, tokenEnvironment } from "./handoff";
import type { RegisteredMachine } from "./ledger";
import type { LaunchedMachine } from "./ledger-items";
import { deleteRunnerByName, generateJitConfig, type JitRunner } from "./runner-records";
import type { TokenSource } from "./token";

/** Far below the 100 that GitHub allows at once, for all that uses the same App. */
const CALLS_AT_ONCE = 20;

export interface RegistrarOptions {
  readonly installation: string;
  readonly github: GithubSettings;
  readonly mode: RegistrationMode;
  readonly token: TokenSource;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
}

export interface FailedRegistration {
  readonly machine: LaunchedMachine;
  readonly error: unknown;
}

export interface Registrations {
  readonly registered: readonly RegisteredMachine[];
  readonly failed: readonly FailedRegistration[];
}

export interface Registrar {
  /**
   * Resolves when there is what registrations are made with. Without it nothing should be launched.
   *
   * @throws RotationError, NoTokenError
   */
  ready(): Promise<void>;
  /** A registration for each machine, asked for concurrently. Of a machine that gets none, no record stays. */
  register(
    fleet: string,
    settings: FleetSettings,
    machines: readonly LaunchedMachine[],
  ): Promise<Registrations>;
}

type Client = ReturnType<typeof githubClient>;

export const createRegistrar = (options: RegistrarOptions): Registrar => {
  const { installation, github, mode, token, now = Date.now } = options;
  const atOnce = pLimit(CALLS_AT_ONCE);
  const clientOf = (value: string): Client => githubClient({ apiUrl: github.apiUrl, token: value });

  const jit = async (settings: FleetSettings, name: string): Promise<JitRunner> => {
    let value = await token.get();
    const remedies: Record<string, () => Promise<unknown>> = {
      "401": async () => (value = await token.refused(value)),
      // The name is this machine's alone: the record is what a lost answer of our own left behind.
      "409": () => deleteRunnerByName(clientOf(value), github, name),
      // If GitHub did it nevertheless, the second call is answered with 409.
      "0": () => Promise.resolve(),
      "5xx": () => Promise.resolve(),
    };
    for (;;) {
      try {
        return await generateJitConfig(clientOf(value), github, name, settings);
      } catch (error) {
        const kind = kindOf(error);
        const remedy = remedies[kind];
        if (!remedy) throw error;
        delete remedies[kind];
        await remedy();
      }
    }
  };

  const removeRecord = async (name: string, error: unknown): Promise<void> => {
    if (mode !== "jit" || !mayHaveTakenEffect(error)) return;
    // An ephemeral runner that never came online goes by itself after a day.
    await deleteRunnerByName(clientOf(await token.get()), github, name).catch(() => undefined);
  };

  const ways: Record<RegistrationMode, (settings: FleetSettings, name: string) => Promise<Registration>> = {
    jit: async (settings, name) => {
      const { runnerId, encodedJitConfig } = await jit(settings, name);
      return { runnerId, environment: jitEnvironment(encodedJitConfig) };
    },
    token: async (settings, name) => ({
      environment: tokenEnvironment(github, settings, name, await token.get()),
    }),
  };

  const registerOne = async (
    fleet: string,
    settings: FleetSettings,
    machine: LaunchedMachine,
  ): Promise<RegisteredMachine | FailedRegistration> => {
    const name = runnerName(installation, fleet, machine.instanceId);
    try {
      const { runnerId, environment } = await ways[mode](settings, name);
      return {
        machine,
        runnerId,
        handoff: handoffOf(settings.roleId, machine.instanceId, environment, now()),
      };
    } catch (error) {
      await removeRecord(name, error).catch(() => undefined);
      return { machine, error };
    }
  };

  return {
    ready: async () => void (await token.get()),
    register: async (fleet, settings, machines) => {
      const all = await Promise.all(machines.map((one) => atOnce(() => registerOne(fleet, settings, one))));
      return {
        registered: all.filter((one) => "handoff" in one),
        failed: all.filter((one) => "error" in one),
      };
    },
  };
};

interface Registration {
  readonly runnerId?: number;
  readonly environment: string;
}

const kindOf = (error: unknown): string => {
  if (!(error instanceof GithubError)) return "other";
  return error.status >= 500 ? "5xx" : String(error.status);
};

const mayHaveTakenEffect = (error: unknown): boolean => ["0", "5xx", "409"].includes(kindOf(error));
