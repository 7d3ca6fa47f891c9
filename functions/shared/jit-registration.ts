import type { FleetSettings, GithubSettings } from "./contract";
import { GithubError, githubClient } from "./github";
import { deleteRunnerByName, generateJitConfig, type JitRunner } from "./runner-records";
import type { TokenSource } from "./token";

/** JIT configurations, each asked for until the answer is clear. */
export interface JitRegistration {
  /** @throws GithubError, RotationError, NoTokenError; then no record of this name stays */
  register(name: string, settings: FleetSettings): Promise<JitRunner>;
}

/** Two tries and the removal of what a lost answer left, well within the life of the function and the wait of the machine. */
const TIMEOUT_MS = 5000;

/** What follows from a failed call. Any other failure is final. */
type Failure = "refused token" | "name taken" | "no clear answer";

const failureOf = (error: unknown): Failure | undefined => {
  if (!(error instanceof GithubError)) return undefined;
  if (error.status === 401) return "refused token";
  if (error.status === 409) return "name taken";
  return error.status === 0 || error.status >= 500 ? "no clear answer" : undefined;
};

export const jitRegistration = (github: GithubSettings, token: TokenSource): JitRegistration => {
  const clientOf = (value: string) =>
    githubClient({ apiUrl: github.apiUrl, token: value, timeout: TIMEOUT_MS });

  const ask = async (name: string, settings: FleetSettings): Promise<JitRunner> => {
    let value = await token.get();
    /** Each helps once. */
    const remedies = new Map<Failure, () => Promise<unknown>>([
      ["refused token", async () => (value = await token.refused(value))],
      // The name is this machine's alone: the record is what a lost answer of our own left behind.
      ["name taken", () => deleteRunnerByName(clientOf(value), github, name)],
      // If GitHub did what was asked, the next call finds the name taken.
      ["no clear answer", () => Promise.resolve()],
    ]);
    for (;;) {
      try {
        return await generateJitConfig(clientOf(value), github, name, settings);
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
    register: async (name, settings) => {
      try {
        return await ask(name, settings);
      } catch (error) {
        const unclear = failureOf(error) === "no clear answer" || failureOf(error) === "name taken";
        // What cannot be deleted now goes by itself: an ephemeral runner that was never online, after a day.
        if (unclear)
          await deleteRunnerByName(clientOf(await token.get()), github, name).catch(() => undefined);
        throw error;
      }
    },
  };
};
