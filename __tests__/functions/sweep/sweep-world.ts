import type { FleetSettings, SweepSettings } from "../../../functions/shared/contract";
import { runnerName } from "../../../functions/shared/contract";
import { createFleetList } from "../../../functions/shared/fleet-list";
import type { FleetSettingsSource } from "../../../functions/shared/fleet-settings";
import { githubClient } from "../../../functions/shared/github";
import type { GithubAccess } from "../../../functions/shared/github-access";
import { machineItem, type Machine } from "../../../functions/shared/ledger-items";
import { logger } from "../../../functions/shared/logger";
import { matchLabels } from "../../../functions/shared/match-labels";
import { reconcile } from "../../../functions/shared/reconcile";
import { createReleaseSource } from "../../../functions/shared/release-source";
import { createRegistrar } from "../../../functions/shared/registrations";
import type { Redelivery, RedeliveryRequest } from "../../../functions/shared/token";
import { createReadBootLog } from "../../../functions/sweep/boot-log";
import { createDeliveryNotes } from "../../../functions/sweep/deliveries";
import { createSweepNotes } from "../../../functions/sweep/notes";
import type { SweepParts } from "../../../functions/sweep/parts";
import { sweep } from "../../../functions/sweep/sweep";
import {
  event,
  FLEET,
  fleetSettings,
  FleetWorld,
  INSTALLATION,
  LEDGER_TABLE,
} from "../../support/fleet-world";
import type { WorkflowJob, WorkflowRun } from "../../support/github-actions";
import { GithubServer } from "../../support/github-server";
import type { Runner } from "../../support/github-state";

export const MINUTE = 60_000;
const TOKEN = "personal-access-token";

/** What is behind a sweep: a cloud and a ledger in memory, and a local GitHub. */
export class SweepWorld extends FleetWorld {
  readonly settings: SweepSettings;
  fleet: FleetSettings = fleetSettings();
  /** Fleets that have settings. */
  fleets = [FLEET];
  /** Settings by fleet. Default: {@link fleet} */
  private own: Readonly<Record<string, FleetSettings>> = {};
  readonly redeliveries: RedeliveryRequest[] = [];
  redelivery: Redelivery | Error | undefined;
  /** Replaces what the sweep works with. */
  readonly replaced: { -readonly [Name in keyof SweepParts]?: SweepParts[Name] } = {};
  /** That the jobs to come belong to, with fail-fast. */
  matrix?: string;
  private run?: WorkflowRun;

  private constructor(readonly github: GithubServer) {
    super();
    this.settings = {
      installation: INSTALLATION,
      ledgerTable: LEDGER_TABLE,
      handoffTable: "handoff",
      queueUrl: "",
      fleets: [FLEET],
      fleetParameterPrefix: "",
      github: { apiUrl: github.url, webUrl: github.url, owner: "acme" },
      registration: "jit",
      githubTokens: [],
      rotateFunction: "",
      sweepSeconds: 120,
      idleLimitSeconds: 300,
      checkAfterSeconds: 180,
      rerunInterrupted: true,
      onDemandAfterInterruptions: true,
      redeliver: false,
      runnerVersions: { pinned: [] },
    };
  }

  static async start(): Promise<SweepWorld> {
    let now = (): number => 0;
    const github = await GithubServer.start({ pats: [TOKEN], now: () => now() });
    const world = new SweepWorld(github);
    now = () => world.time + world.skew;
    return world;
  }

  /** A holder of the lease has gone, and what became of its launch is open. */
  async leaveLaunch(launchId: string): Promise<void> {
    const { ledger } = this.sweepParts();
    const { lease } = await ledger.read(FLEET);
    const launch = { launchId, market: "spot", count: 1, parameters: "{}", createdAt: this.time } as const;
    await ledger.hold(FLEET, lease, { id: "another", until: this.time - 1 }, [launch]);
  }

  /** Another apply: from now on there are these fleets and no others. */
  configure(fleets: Readonly<Record<string, FleetSettings>>): void {
    this.own = fleets;
    this.fleets = Object.keys(fleets);
    this.set({ fleets: this.fleets });
  }

  settingsOf(fleet: string): FleetSettings {
    return this.own[fleet] ?? this.fleet;
  }

  private routes() {
    return this.fleets.map((fleet) => {
      const { labels, labelMatch: match = "exact" } = this.settingsOf(fleet);
      return { fleet, labels, match };
    });
  }

  set(own: Partial<SweepSettings>): void {
    Object.assign(this.settings, own);
  }

  /** GitHub has few calls left for us. */
  isShort = false;
  /** Milliseconds by which its clock is ahead of ours. */
  skew = 0;
  /** Of the sandbox. */
  readonly backlog = { readAt: 0 };
  readonly outlooks: SweepParts["outlooks"] = new Map();
  readonly release = createReleaseSource();
  /** What machines wrote to their log, by instance; and what is said instead. */
  readonly logs = new Map<string, readonly string[]>();
  logsRefused?: Error;

  sweepParts(): SweepParts {
    const { database, github, settings } = this;
    const octokit = githubClient({ apiUrl: github.url, token: TOKEN });
    const access: GithubAccess = {
      ready: () => Promise.resolve(),
      call: (run) => run(octokit),
      isShort: () => this.isShort,
      skew: () => this.skew,
    };
    const parts = this.parts();
    const now = (): number => this.time;
    return {
      ...parts,
      access,
      // In token mode a machine is a runner once it has registered itself: `register`.
      registrar:
        settings.registration === "jit"
          ? createRegistrar({
              installation: INSTALLATION,
              github: settings.github,
              mode: "jit",
              fleets: settings.fleets.length,
              access,
              now,
            })
          : parts.registrar,
      fleetSettings: this.fleetSettings(),
      fleetList: createFleetList(database.client(), LEDGER_TABLE),
      backlog: this.backlog,
      readBootLog: createReadBootLog(INSTALLATION, (input) => this.logEvents(input)),
      outlooks: this.outlooks,
      release: this.release,
      deliveries: createDeliveryNotes(database.client(), LEDGER_TABLE),
      notes: createSweepNotes(database.client(), LEDGER_TABLE),
      redeliver: (request) => {
        this.redeliveries.push(request);
        return this.redelivery instanceof Error
          ? Promise.reject(this.redelivery)
          : Promise.resolve(this.redelivery);
      },
      ...this.replaced,
    };
  }

  /** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
  private logEvents(input: object): Promise<Record<string, unknown>> {
    const {
      logGroupName,
      logStreamName = "",
      limit = 10_000,
    } = input as Readonly<Record<string, string>> & {
      readonly limit?: number;
    };
    if (this.logsRefused) return Promise.reject(this.logsRefused);
    const lines =
      logGroupName === `/ephemeral-runners/${INSTALLATION}/${FLEET}` && this.logs.get(logStreamName);
    if (!lines) {
      const error = new Error("The specified log stream does not exist.");
      return Promise.reject(Object.assign(error, { name: "ResourceNotFoundException" }));
    }
    return Promise.resolve({
      events: lines.slice(-limit).map((message) => ({ message, timestamp: this.time })),
    });
  }

  sweep(): Promise<void> {
    return sweep(this.sweepParts(), this.settings, this.time + MINUTE);
  }

  /** So many sweeps, two minutes apart, beginning in two minutes. */
  async sweeps(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.time += 2 * MINUTE;
      await this.sweep();
    }
  }

  /** A job at GitHub. */
  job(id: number, labels: readonly string[] = this.fleet.labels): WorkflowJob {
    const { actions } = this.github.state;
    this.run ??= actions.addRun("acme/app", 1);
    return actions.addJob(this.run, labels, { id, matrix: this.matrix });
  }

  /** Jobs that wait, at GitHub and in the ledger, and a machine for each. */
  async launch(...ids: number[]): Promise<string[]> {
    const jobs = ids.map((id) => this.job(id));
    await this.tell("queued", ...jobs);
    const before = new Set(this.cloud.machines.keys());
    await reconcile(this.sweepParts(), FLEET, this.fleet, this.time + MINUTE);
    return [...this.cloud.machines.keys()].filter((id) => !before.has(id));
  }

  /** Has the ledger learn of what happened to jobs. */
  async tell(
    action: "queued" | "waiting" | "in_progress" | "completed",
    ...jobs: WorkflowJob[]
  ): Promise<void> {
    const events = jobs.map((job) =>
      event(action, job.id, 0, {
        receivedAt: new Date(this.time).toISOString(),
        createdAt: new Date(job.created_at).toISOString(),
        runnerName: job.runner_name ?? undefined,
        labels: job.labels,
        // As the webhook function has it.
        fleet: matchLabels(job.labels, this.routes())?.fleet ?? FLEET,
      }),
    );
    await this.sweepParts().ledger.record(events);
  }

  /** The machine's record at GitHub. */
  recordOf(instanceId: string): Runner | undefined {
    const name = runnerName(INSTALLATION, FLEET, instanceId);
    return this.records().find((runner) => runner.name === name);
  }

  records(): Runner[] {
    return this.github.state.runnersOf("orgs/acme");
  }

  /** A record, whoever made it. */
  register(name: string, own: Partial<Runner> = {}, scope = "orgs/acme"): Runner {
    const labels = this.fleet.labels.map((label, id) => ({ id, name: label, type: "custom" as const }));
    const id = this.github.state.nextId();
    const record = { status: "online" as const, busy: false, ephemeral: true, runner_group_id: 3, labels };
    const runner: Runner = { id, name, os: "linux", ...record, ...own };
    this.github.state.runnersOf(scope).push(runner);
    return runner;
  }

  /** The runner comes up. */
  online(instanceId: string): Runner {
    const runner = this.recordOf(instanceId);
    if (!runner) throw new Error(`${instanceId} has no record`);
    runner.status = "online";
    return runner;
  }

  /** The machine's runner gets the job; GitHub tells of it, or the event is lost. */
  async start(instanceId: string, job: WorkflowJob, told = true): Promise<void> {
    this.github.state.actions.assign(job, this.online(instanceId));
    if (told) await this.tell("in_progress", job);
  }

  item<T = Machine>(item: string): T | undefined {
    return this.database.items(LEDGER_TABLE).find((one) => one.item === item) as T | undefined;
  }

  stateOf(instanceId: string): string | undefined {
    return this.item(machineItem(instanceId))?.state;
  }

  requests(method: string, path: RegExp): number {
    return this.github.requests.filter((one) => one.method === method && path.test(one.path)).length;
  }

  private fleetSettings(): FleetSettingsSource {
    return {
      knows: (fleet) => this.fleets.includes(fleet),
      load: () => Promise.resolve(new Map(this.fleets.map((fleet) => [fleet, this.settingsOf(fleet)]))),
      get: (fleet) =>
        this.fleets.includes(fleet)
          ? Promise.resolve(this.settingsOf(fleet))
          : Promise.reject(new Error(`no ${fleet}`)),
      routes: () => Promise.resolve(this.routes()),
      forget: () => undefined,
    };
  }
}

/** A fresh world for each test, and silence in the log. */
export const eachInSweepWorld = (enter: (world: SweepWorld) => void): void => {
  let world: SweepWorld;
  beforeEach(async () => {
    for (const level of ["info", "warn", "error"] as const) jest.spyOn(logger, level).mockReturnValue();
    world = await SweepWorld.start();
    enter(world);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await world.github.stop();
  });
};
