import { RUNNER_LIFE_METRIC } from "../shared/contract";
import { GithubError, type GithubClient } from "../shared/github";
import { logger } from "../shared/logger";
import { amountOf } from "../shared/metrics";
import { acceptedUntil } from "../shared/runner-deprecation";
import { offeredRelease } from "../shared/runner-offer";
import { compareVersions, isVersion } from "../shared/runner-release";
import { each } from "./attempt";
import type { Sight } from "./look";
import type { Sweep } from "./parts";

const DAY_MS = 24 * 60 * 60_000;

/**
 * CloudWatch takes money for each hour in which a metric has a value, and the alarm looks at a whole day.
 * https://aws.amazon.com/cloudwatch/pricing/
 */
const PAUSE_MS = DAY_MS / 2;

/**
 * GitHub gives no jobs to a runner 30 days after the release that follows its version, and that release may be as old as
 * the version is, less a moment. So for 30 days from its own release all is well for certain.
 * https://docs.github.com/en/actions/reference/runners/self-hosted-runners
 */
const CERTAIN_DAYS = 30;

/** What runners say of themselves, a job can say as well: of so many versions GitHub is asked in that time, and no more. */
const MOST_VERSIONS = 20;

/** Until when a version is accepted, and who says so. */
interface Outlook {
  readonly version: string;
  /** ISO 8601. Null: no day is named. Absent: nobody knows. */
  readonly until?: string | null;
  readonly by: "GitHub" | "the server offers it itself" | "its age" | "nobody";
}

/** What this sandbox was told, by version. */
export type Outlooks = Map<string, { readonly outlook: Outlook; readonly askedAt: number }>;

/**
 * Asks GitHub how long it accepts the versions of the runner that are in use: those that machines take, and those that
 * runners of ours have, from whatever image or launch template; a version that was not there before at once. The first day
 * of all becomes the metric.
 */
export const tellRunnerVersions = async (sweep: Sweep, sights: readonly Sight[]): Promise<void> => {
  const { parts } = sweep;
  const known = parts.outlooks;
  for (const [version, { askedAt }] of known) if (parts.now() - askedAt >= PAUSE_MS) known.delete(version);
  const taken = takenBy(sweep);
  const seen = seenIn(sights).slice(0, Math.max(MOST_VERSIONS - known.size, 0));
  const due = [...new Set([...taken, ...seen])].filter((version) => !known.has(version));
  if (due.length === 0 || parts.access.isShort() || !sweep.hasTime()) return;
  await each(sweep, { part: "ask for runner versions" }, due, async (version) => {
    const outlook = await parts.access.call((octokit) => outlookOf(sweep, octokit, version));
    known.set(version, { outlook, askedAt: parts.now() });
  });
  tell(sweep);
};

const tell = ({ parts }: Sweep): void => {
  const versions = [...parts.outlooks.values()].map(({ outlook }) => outlook);
  const ends = versions.flatMap(({ until }) => (until ? [Date.parse(until)] : []));
  const days = (Math.min(...ends) - parts.now()) / DAY_MS;
  logger.info("runner versions", {
    versions,
    ...(ends.length > 0 && amountOf(parts.installation, RUNNER_LIFE_METRIC, days)),
  });
};

const takenBy = ({ parts, settings }: Sweep): string[] => {
  const { pinned, packaged } = settings.runnerVersions;
  const taken = packaged && (parts.release.current()?.version ?? packaged.version);
  return [...(taken === undefined ? [] : [taken]), ...pinned];
};

const seenIn = (sights: readonly Sight[]): string[] => {
  const all = sights.flatMap(({ records }) => [...records.values()]);
  return [...new Set(all.flatMap(({ version = "" }) => (isVersion(version) ? [version] : [])))];
};

/** Not every Enterprise Server can be asked: what it offers for download itself is good, and else the calendar says. */
const outlookOf = async (
  { settings: { github, runnerVersions } }: Sweep,
  octokit: GithubClient,
  version: string,
): Promise<Outlook> => {
  const until = await acceptedUntil(octokit, github, version);
  if (until !== undefined) return { version, until, by: "GitHub" };
  const offered = await offeredRelease(octokit, github).catch(unlessAbsent);
  if (offered && compareVersions(version, offered.version) >= 0)
    return { version, until: null, by: "the server offers it itself" };
  const { packaged } = runnerVersions;
  if (packaged?.version !== version) return { version, by: "nobody" };
  const last = Date.parse(packaged.releasedAt) + CERTAIN_DAYS * DAY_MS;
  return { version, until: new Date(last).toISOString(), by: "its age" };
};

const unlessAbsent = (error: unknown): undefined => {
  if (error instanceof GithubError && error.status === 404) return undefined;
  throw error;
};
