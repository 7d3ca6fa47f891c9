import type { FleetSettings, GithubSettings } from "./contract";
import { GithubError, type GithubClient } from "./github";
import type { GithubAccess } from "./github-access";
import { deleteRunnerByName, generateJitConfig, type JitRunner } from "./runner-records";

/** JIT configurations, each asked for until the answer is clear. */
export interface JitRegistration {
  /**
   * @param token name of the token that has the permit
   * @throws GithubError, RotationError, NoTokenError: then no record of this name stays
   * @throws LimitedError: then what a lost answer left behind stays, until this name is registered again
   */
  register(name: string, settings: FleetSettings, token: string): Promise<JitRunner>;
}

/** What follows from a failed call. Any other failure is final. */
type Failure = "name taken" | "no clear answer";

const failureOf = (error: unknown): Failure | undefined => {
  if (!(error instanceof GithubError)) return undefined;
  if (error.status === 409) return "name taken";
  return error.unclear ? "no clear answer" : undefined;
};

export const jitRegistration = (github: GithubSettings, access: GithubAccess): JitRegistration => {
  const ask = async (octokit: GithubClient, name: string, settings: FleetSettings): Promise<JitRunner> => {
    /** Each helps once. */
    const remedies = new Map<Failure, () => Promise<unknown>>([
      // The name is this machine's alone: the record is what a lost answer of our own left behind.
      ["name taken", () => deleteRunnerByName(octokit, github, name)],
      // If GitHub did what was asked, the next call finds the name taken.
      ["no clear answer", () => Promise.resolve()],
    ]);
    for (;;) {
      try {
        return await generateJitConfig(octokit, github, name, settings);
      } catch (error) {
        const failure = failureOf(error);
        const remedy = failure && remedies.get(failure);
        if (!remedy) throw error;
        remedies.delete(failure);
        await remedy();
      }
    }
  };

  return {
    register: (name, settings, token) =>
      access.call(async (octokit) => {
        try {
          return await ask(octokit, name, settings);
        } catch (error) {
          // What cannot be deleted now goes by itself: an ephemeral runner that was never online, after a day.
          if (failureOf(error)) await deleteRunnerByName(octokit, github, name).catch(() => undefined);
          throw error;
        }
      }, token),
  };
};
