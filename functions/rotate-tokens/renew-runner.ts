import type { RotateTokensSettings, RunnerRelease } from "../shared/contract";
import { GithubError } from "../shared/github";
import { logger } from "../shared/logger";
import { offeredRelease } from "../shared/runner-offer";
import { compareVersions, parseRelease } from "../shared/runner-release";
import { readRunners } from "./permissions";
import { restClient } from "./rest-client";
import type { Rotation } from "./rotate-tokens";
import { SetupError } from "./setup-error";
import { writeParameter } from "./write-parameter";

type Renewal = NonNullable<RotateTokensSettings["runner"]>;

/**
 * Sees that the parameter holds the version of the runner that GitHub offers for download, with the checksums that GitHub
 * publishes: never without them, and never an older one than comes with the package. A version that GitHub takes back, or
 * that somebody else wrote, goes the same way.
 *
 * A GitHub that does not answer, or offers none, is told in the log only: the version that is there stays good for weeks.
 *
 * @returns the version that machines take from now on
 * @throws SetupError when the checksums of a known version are others than before
 */
export const renewRunner = async (rotation: Rotation, { parameter, floor }: Renewal): Promise<string> => {
  const stored = parseRelease(rotation.values[parameter]);
  const chosen = choose(floor, stored, await ask(rotation));
  const value = JSON.stringify(chosen);
  if (stored && JSON.stringify(stored) === value) return chosen.version;
  await writeParameter(rotation, parameter, value, { type: "String" });
  logger.info("runner renewed", { from: stored?.version, version: chosen.version });
  if (stored?.version !== chosen.version) return chosen.version;
  throw new SetupError(
    `${parameter} held other checksums of runner ${chosen.version} than GitHub publishes, and was set right: see in ` +
      `CloudTrail who called PutParameter for it.`,
  );
};

const choose = (
  floor: RunnerRelease,
  stored: RunnerRelease | undefined,
  offered: RunnerRelease | undefined,
): RunnerRelease => {
  const candidate = offered ?? stored ?? floor;
  const age = compareVersions(candidate.version, floor.version);
  if (age > 0) return candidate;
  if (age === 0 && offered && !isSame(offered, floor)) {
    throw new SetupError(
      `GitHub offers runner ${floor.version} with other checksums than this package knows: compare both with the notes ` +
        `of its release.`,
    );
  }
  return floor;
};

const isSame = (one: RunnerRelease, other: RunnerRelease): boolean =>
  one.sha256.x64 === other.sha256.x64 && one.sha256.arm64 === other.sha256.arm64;

/** Undefined: GitHub says nothing that is of use. */
const ask = async ({ access, settings, fetch }: Rotation): Promise<RunnerRelease | undefined> => {
  const { github } = settings;
  try {
    const token = await access.token(readRunners(github));
    const offered = await offeredRelease(restClient({ apiUrl: github.apiUrl, token, fetch }), github);
    if (!offered) logger.warn("runner not renewed", { reason: "GitHub offers no version with checksums" });
    return offered;
  } catch (error) {
    if (!(error instanceof GithubError) && !(error instanceof SetupError)) throw error;
    logger.warn("runner not renewed", { error });
    return undefined;
  }
};
