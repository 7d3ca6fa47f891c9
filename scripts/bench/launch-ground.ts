import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LaunchSettings, RegistrationMode } from "../../functions/shared/contract";
import { awsRefusal, withFaults } from "../../__tests__/support/fault-proxy";
import { FLEET, fleetSettings, HANDOFF_TABLE, newDatabase } from "../../__tests__/support/fleet-world";
import { GithubLimits } from "../../__tests__/support/github-limits";
import { GithubServer } from "../../__tests__/support/github-server";
import { FLEET_PREFIX, launchSettings, TOKEN_PARAMETER } from "../../__tests__/support/launch-settings";
import { startLocalAws } from "../../__tests__/support/local-aws";
import { describeAwsCall, describeGithubCall, startProxy, type Proxy } from "../../__tests__/support/proxy";
import { storedToken } from "../../__tests__/support/stored-token";
import { AwsThrottle, type Limit } from "../../__tests__/support/token-buckets";

export interface GroundOptions {
  readonly mode: RegistrationMode;
  /** GitHub Apps that share the load, in JIT mode. */
  readonly apps: number;
  /** Milliseconds that every call takes longer. */
  readonly latency: number;
  /** Of AWS. Default: those that it publishes */
  readonly limits?: readonly Limit[];
}

/** Whoever wants to know what happens sets these. */
export interface Stage {
  launched: (machines: number) => void;
  registered: () => void;
  /** Takes what the function puts on its queue. */
  send: (body: string, delaySeconds: number) => void;
}

/** What stands around the function. */
export interface Ground {
  /** Folder of this run. */
  readonly work: string;
  readonly aws: Proxy;
  readonly github: Proxy;
  readonly settings: LaunchSettings;
  readonly stage: Stage;
  clear(): Promise<void>;
}

/** No job waits for a place under the cap. */
const MAXIMUM_MACHINES = 10_000;

export const layGround = async ({ mode, apps, latency, limits }: GroundOptions): Promise<Ground> => {
  const work = mkdtempSync(join(tmpdir(), "bench-launch-"));
  const nothing = (): void => undefined;
  const stage: Stage = { launched: nothing, registered: nothing, send: nothing };
  const database = newDatabase();
  database.wrote = (table) => {
    if (table === HANDOFF_TABLE) stage.registered();
  };
  const parameters = new Map<string, string>();
  const service = await startLocalAws({
    database,
    parameters,
    send: (body, delaySeconds) => stage.send(body, delaySeconds),
    launched: (ids) => stage.launched(ids.length),
  });
  const site = await GithubServer.start({ limits: new GithubLimits(Date.now) });
  const aws = await startProxy(service.url, describeAwsCall);
  const github = await startProxy(site.url, describeGithubCall);
  withFaults(aws, { throttle: new AwsThrottle(Date.now, limits), refusal: awsRefusal });
  for (const proxy of [aws, github]) proxy.latency = latency;

  const tokens = Array.from({ length: apps }, (_, index) => ({
    name: `app-${index + 1}`,
    parameter: index === 0 ? TOKEN_PARAMETER : `${TOKEN_PARAMETER}-${index + 1}`,
  }));
  const settings = launchSettings({ mode, fleets: [FLEET], apiUrl: github.url, tokens });
  tokens.forEach(({ name, parameter }, index) => {
    const minted = site.state.mintInstallationToken(undefined, index + 1);
    parameters.set(parameter, storedToken(minted, settings.github, name));
  });
  const fleet = fleetSettings({ maximumMachines: MAXIMUM_MACHINES });
  parameters.set(`${FLEET_PREFIX}${FLEET}`, JSON.stringify(fleet));
  return {
    work,
    aws,
    github,
    settings,
    stage,
    clear: async () => {
      for (const one of [aws, github, service, site]) await one.stop();
      rmSync(work, { recursive: true, force: true });
    },
  };
};
