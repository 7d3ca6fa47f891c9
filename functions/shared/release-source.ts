import type { RunnerRelease } from "./contract";
import { compareVersions, parseRelease } from "./runner-release";

/** The version of the runner that machines take, as far as this sandbox has read it. */
export interface ReleaseSource {
  /** Undefined: machines take the one in their user data. */
  current(): RunnerRelease | undefined;
  /** Takes the parameter's value from a read that the caller made anyway. */
  prime(value: string | undefined): void;
}

/**
 * Make one for each sandbox of a function, outside the handler.
 *
 * @param floor the version that comes with the package: after an update, the parameter can hold an older one for a while
 */
export const createReleaseSource = (floor = ""): ReleaseSource => {
  let kept: RunnerRelease | undefined;
  return {
    current: () => kept,
    prime: (value) => {
      const release = parseRelease(value);
      if (release && compareVersions(release.version, floor) >= 0) kept = release;
    },
  };
};
