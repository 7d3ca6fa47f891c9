import pLimit, { type LimitFunction } from "p-limit";
import {
  runnerName,
  type FleetSettings,
  type GithubSettings,
  type RegistrationMode,
  type RunnerRelease,
} from "./contract";
import { GithubError } from "./github";
import { LimitedError, type GithubAccess } from "./github-access";
import { handoffOf, jitEnvironment, tokenEnvironment } from "./handoff";
import { jitRegistration } from "./jit-registration";
import type { LaunchedMachine } from "./ledger-items";
import type { RecordedMachine } from "./ledger-writes";
import type { Grant } from "./permits";
import { NoTokenError, RotationError, type TokenSource } from "./token";

/**
 * For all that uses the same App.
 * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
 */
const GITHUB_AT_ONCE = 100;
/** All that GitHub permits in a minute takes these some seconds. */
const MOST_AT_ONCE = 20;

/** Each fleet may have a function that registers for it at this moment; one share more is for all else that asks GitHub. */
const callsAtOnce = (fleets: number): number =>
  Math.min(Math.floor(GITHUB_AT_ONCE / (fleets + 1)), MOST_AT_ONCE);

/** GitHub gave no clear answer, twice, or there is no token at this moment: whoever has trouble is given time. */
const TROUBLE_MS = 15_000;

export interface RegistrarOptions {
  readonly installation: string;
  readonly github: GithubSettings;
  readonly mode: RegistrationMode;
  /** How many fleets the installation has. */
  readonly fleets: number;
  /** For JIT configurations. */
  readonly access: GithubAccess;
  /** In token mode: the registration token. */
  readonly registrationToken?: TokenSource;
  /** The version of the runner that machines are to take. Default: that in their user data */
  readonly release?: () => RunnerRelease | undefined;
  /** Epoch milliseconds. Default: the clock */
  readonly now?: () => number;
}

export interface FailedRegistration {
  readonly machine: LaunchedMachine;
  readonly error: unknown;
}

export interface PutOffRegistration {
  readonly machine: LaunchedMachine;
  /** Epoch milliseconds from which it can be asked for again. */
  readonly until: number;
  readonly error: unknown;
}

export interface Registrations {
  readonly registered: readonly RecordedMachine[];
  /** GitHub is at a limit or in trouble. */
  readonly putOff: readonly PutOffRegistration[];
  /** GitHub refused for a reason that time does not mend. */
  readonly failed: readonly FailedRegistration[];
}

export interface Registrar {
  /**
   * Resolves when there is what registrations are made with. Without it nothing should be launched.
   *
   * @throws RotationError, NoTokenError
   */
  ready(): Promise<void>;
  /**
   * A registration for each machine, asked for concurrently. Of a machine that gets none, no record stays.
   *
   * @param grants the permits of all the machines
   */
  register(
    fleet: string,
    settings: FleetSettings,
    machines: readonly LaunchedMachine[],
    grants: readonly Grant[],
  ): Promise<Registrations>;
}

/** What makes a machine a runner. */
interface Registration {
  readonly environment: string;
  readonly runnerId?: number;
}

type Way = (name: string, settings: FleetSettings, token: string) => Promise<Registration>;

export const createRegistrar = (options: RegistrarOptions): Registrar => {
  const { installation, github, mode, fleets, access, registrationToken, release, now = Date.now } = options;
  const limits = new Map<string, LimitFunction>();
  const limitOf = (token: string): LimitFunction => {
    const limit = limits.get(token) ?? pLimit(callsAtOnce(fleets));
    limits.set(token, limit);
    return limit;
  };
  const jit = jitRegistration(github, access);

  const ways: Record<RegistrationMode, Way> = {
    jit: async (name, settings, token) => {
      const { runnerId, encodedJitConfig } = await jit.register(name, settings, token);
      return { runnerId, environment: jitEnvironment(encodedJitConfig) };
    },
    token: async (name, settings) => ({
      environment: tokenEnvironment(github, settings, name, (await registrationToken?.get()) ?? ""),
    }),
  };

  const registerOne = async (
    fleet: string,
    settings: FleetSettings,
    machine: LaunchedMachine,
    token: string,
  ): Promise<RecordedMachine | PutOffRegistration | FailedRegistration> => {
    const { instanceId } = machine;
    try {
      const name = runnerName(installation, fleet, instanceId);
      const { runnerId, environment } = await ways[mode](name, settings, token);
      const content = { environment, release: release?.() };
      return { machine, runnerId, handoff: handoffOf(settings, instanceId, content, now()) };
    } catch (error) {
      const until = patience(error, now());
      return until === undefined ? { machine, error } : { machine, until, error };
    }
  };

  return {
    ready: () =>
      mode === "jit" ? access.ready() : Promise.resolve(registrationToken?.get()).then(() => undefined),
    register: async (fleet, settings, machines, grants) => {
      const tokens = grants.flatMap(({ name, count }) => Array.from({ length: count }, () => name));
      const all = await Promise.all(
        machines.map((machine, index) => {
          const token = tokens[index] ?? "";
          return limitOf(token)(() => registerOne(fleet, settings, machine, token));
        }),
      );
      return {
        registered: all.filter((one): one is RecordedMachine => "handoff" in one),
        putOff: all.filter((one): one is PutOffRegistration => "until" in one),
        failed: all.filter((one): one is FailedRegistration => "error" in one && !("until" in one)),
      };
    },
  };
};

/** Until when it is worth waiting; undefined: for ever. */
const patience = (error: unknown, now: number): number | undefined => {
  if (error instanceof LimitedError) return error.until;
  if (error instanceof RotationError || error instanceof NoTokenError) return now + TROUBLE_MS;
  // A name that is taken even after its record was deleted is the work of an answer that was lost on the way.
  const trouble = error instanceof GithubError && (error.unclear || error.status === 409);
  return trouble ? now + TROUBLE_MS : undefined;
};
