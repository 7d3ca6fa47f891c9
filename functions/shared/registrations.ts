import pLimit from "p-limit";
import { runnerName, type FleetSettings, type GithubSettings, type RegistrationMode } from "./contract";
import { handoffOf, jitEnvironment, tokenEnvironment } from "./handoff";
import { jitRegistration } from "./jit-registration";
import type { LaunchedMachine } from "./ledger-items";
import type { RegisteredMachine } from "./ledger-writes";
import type { TokenSource } from "./token";

/**
 * Far below the 100 that GitHub allows at once, for all that uses the same App.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
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

/** What makes a machine a runner. */
interface Registration {
  readonly environment: string;
  readonly runnerId?: number;
}

export const createRegistrar = (options: RegistrarOptions): Registrar => {
  const { installation, github, mode, token, now = Date.now } = options;
  const atOnce = pLimit(CALLS_AT_ONCE);
  const jit = jitRegistration(github, token);

  const ways: Record<RegistrationMode, (name: string, settings: FleetSettings) => Promise<Registration>> = {
    jit: async (name, settings) => {
      const { runnerId, encodedJitConfig } = await jit.register(name, settings);
      return { runnerId, environment: jitEnvironment(encodedJitConfig) };
    },
    token: async (name, settings) => ({
      environment: tokenEnvironment(github, settings, name, await token.get()),
    }),
  };

  const registerOne = async (
    fleet: string,
    settings: FleetSettings,
    machine: LaunchedMachine,
  ): Promise<RegisteredMachine | FailedRegistration> => {
    const { instanceId } = machine;
    try {
      const name = runnerName(installation, fleet, instanceId);
      const { runnerId, environment } = await ways[mode](name, settings);
      return { machine, runnerId, handoff: handoffOf(settings.roleId, instanceId, environment, now()) };
    } catch (error) {
      return { machine, error };
    }
  };

  return {
    ready: async () => void (await token.get()),
    register: async (fleet, settings, machines) => {
      const all = await Promise.all(
        machines.map((machine) => atOnce(() => registerOne(fleet, settings, machine))),
      );
      return {
        registered: all.filter((one) => "handoff" in one),
        failed: all.filter((one) => "error" in one),
      };
    },
  };
};
