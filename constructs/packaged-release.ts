import runner from "./runner-version.json";
import { isKnown } from "./validation";
import type { FleetProps, MachineProps } from "./fleet";
import type { RunnerRelease, SweepSettings } from "../functions/shared/contract";

/** The version of GitHub's runner that this package was tested with. */
export const packagedRelease: RunnerRelease = {
  version: runner.version,
  sha256: { x64: runner.sha256.x64, arm64: runner.sha256.arm64 },
};

/** Whether machines keep the version that the user names, whatever GitHub offers. */
export const isPinned = ({
  runnerVersion,
  runnerSha256,
  runnerUrl,
}: Pick<MachineProps, "runnerVersion" | "runnerSha256" | "runnerUrl">): boolean =>
  runnerVersion !== undefined || runnerSha256 !== undefined || runnerUrl !== undefined;

/** The versions of which GitHub is asked how long it accepts them. */
export const watchedVersions = (fleets: readonly FleetProps[]): SweepSettings["runnerVersions"] => {
  const pinned = fleets
    .filter(isPinned)
    .map(({ runnerVersion = runner.version }) => runnerVersion)
    .filter(isKnown);
  const { version, releasedAt } = runner;
  const isUsed = pinned.includes(version) || !fleets.every(isPinned);
  return {
    pinned: [...new Set(pinned)],
    ...(isUsed && { packaged: { version, releasedAt } }),
  };
};
