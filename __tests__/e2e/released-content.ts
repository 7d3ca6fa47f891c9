/** What the functions of 0.1.0 leave in AWS: the very items that its code wrote in a run, with other times. */
import type { TokenValue } from "../../functions/shared/contract";

export const RELEASED_FLEET = "linux-x64";
export const RELEASED_PREFIX = "runners";
export const SECRET = "of-0.1.0";

/** Jobs by what becomes of them. */
export const JOBS = { running: 1, waiting: 2, gated: 3, onTheQueue: 4 } as const;
const REPOSITORY = "acme/app";
const MINUTE = 60_000;

export interface ReleasedContent {
  readonly ledger: readonly Readonly<Record<string, unknown>>[];
  readonly handoff: readonly Readonly<Record<string, unknown>>[];
  /** Bodies of messages. */
  readonly queue: readonly string[];
  /** By name. */
  readonly parameters: Readonly<Record<string, string>>;
}

interface Made {
  readonly now: number;
  readonly instanceId: string;
  /** Of the machines' role. */
  readonly roleId: string;
  readonly token: TokenValue;
}

export const releasedContent = ({ now, instanceId, roleId, token }: Made): ReleasedContent => {
  const at = (minutes: number): string => new Date(now - minutes * MINUTE).toISOString();
  const seconds = (days: number): number => Math.floor(now / 1000) + days * 24 * 60 * 60;
  const fleet = RELEASED_FLEET;
  const job = (jobId: number) => ({
    jobId,
    runId: 1,
    runAttempt: 1,
    repository: REPOSITORY,
    createdAt: at(20),
  });
  const row = (jobId: number, state: string, rank: number, changed: number) => ({
    ...job(jobId),
    ...{ fleet, item: `job#${jobId}`, state, rank, changedAt: at(changed), delivery: `delivery-${jobId}` },
  });
  const { running, waiting, gated, onTheQueue } = JOBS;
  return {
    ledger: [
      {
        ...row(running, "running", 1, 15),
        ...{ runnerName: `${RELEASED_PREFIX}_${fleet}_${instanceId}`, expiresAt: seconds(35) },
      },
      { ...row(waiting, "waiting", 0, 10), open: `job.waiting#${at(20)}#${waiting}`, expiresAt: seconds(2) },
      { ...row(gated, "withdrawn", 0, 10), open: `job.withdrawn#${at(20)}#${gated}`, expiresAt: seconds(35) },
      {
        ...{ fleet, item: "fleet", open: "fleet", launches: [], turn: 2 },
        ...{ recent: [instanceId], recentAt: now - 16 * MINUTE },
      },
      { fleet: "#permits", item: "123456", used: [[now - 16 * MINUTE, 1]], version: 1 },
      {
        ...{ fleet, item: `machine#${instanceId}`, instanceId, state: "busy", rank: 3, changedAt: at(15) },
        ...{ launchId: "89caea58-27cc-47a4-8229-427e34e02ae3", market: "spot", launchedAt: at(16) },
        ...{ type: "m7i.large", zone: "eu-central-1a", runnerId: 7, open: `machine.busy#${instanceId}` },
        ...{ jobId: running, runId: 1, runAttempt: 1, repository: REPOSITORY },
      },
      {
        ...{ fleet, item: "task#remove-runner#i-00000000000000009", kind: "remove-runner" },
        ...{ instanceId: "i-00000000000000009", createdAt: at(5), expiresAt: seconds(35) },
        open: "task#remove-runner#i-00000000000000009",
      },
    ],
    handoff: [
      {
        instance: `${roleId}:i-00000000000000008`,
        environment: "ACTIONS_RUNNER_INPUT_JITCONFIG=e30=",
        expiresAt: seconds(1),
      },
    ],
    queue: [
      JSON.stringify({
        ...{ action: "queued", fleet, ...job(onTheQueue), receivedAt: at(1), delivery: "delivery-4" },
      }),
    ],
    parameters: {
      [`/${RELEASED_PREFIX}/github/installation-token`]: JSON.stringify(token),
      [`/${RELEASED_PREFIX}/github/webhook-secret`]: JSON.stringify({ current: SECRET }),
    },
  };
};
