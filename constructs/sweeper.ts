import { Construct } from "constructs";
import { machineLogGroup } from "../functions/shared/contract";
import { checkCommon, commonOf, nameOf } from "./common";
import { eventTrigger, everyMinutes } from "./event-trigger";
import { fleetRoutes } from "./fleet";
import { BundledFunction } from "./functions/bundled-function";
import { watchedVersions } from "./packaged-release";
import { reconcileStatements } from "./reconcile-policy";
import { machineHoursAlarm, runnerAgeAlarm } from "./sweeper-alarms";
import { DEFAULT_IDLE_LIMIT_MINUTES, fullNames, sweeperMistakes } from "./sweeper-checks";
import { MEMORY_MB } from "./tuning";
import { addCheck } from "./validation";
import { SWEEPER } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { FunctionProps } from "./common";
import type { EventTrigger } from "./event-trigger";
import type { PolicyStatement } from "./policy";
import type { RunnerLauncher } from "./runner-launcher";
import type { SweepSettings } from "../functions/shared/contract";
import type { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";

export interface SweeperProps extends FunctionProps {
  /** The launcher whose fleets are looked after. */
  readonly launcher: RunnerLauncher;

  /**
   * Minutes between two sweeps, 1 to 5: what no event told costs that long, of machines as of waiting.
   * @default 2
   */
  readonly sweepMinutes?: number;

  /**
   * Minutes, 1 to 60, after which a machine that runs no job is ended, once GitHub has let go of its runner. Less than any
   * fleet's `idleBackstopMinutes`, after which the machine ends itself.
   * @default 5
   */
  readonly idleLimitMinutes?: number;

  /**
   * Minutes, 1 to 60, that a job may wait although a machine was free for it, before it is looked up at GitHub. Only if
   * it still waits there, another machine is launched.
   * @default 3
   */
  readonly checkAfterMinutes?: number;

  /**
   * Whether a job whose spot machine was taken away runs again, once, when its run has ended. GitHub asks for "Actions:
   * Read and write" for it, of the App or of the personal access token.
   *
   * False: "Actions: Read-only" is enough, and a job whose machine was taken away stays failed until somebody runs it
   * again.
   * @default true
   */
  readonly rerunInterruptedJobs?: boolean;

  /**
   * Whether a job that has lost its spot machine for the second time gets an on-demand machine: of the machines that its
   * fleet launches next, one is on-demand. A fleet whose `markets` lacks `on-demand` takes spot again, and without
   * `rerunInterruptedJobs` there is no second time.
   * @default true
   */
  readonly onDemandAfterInterruptions?: boolean;

  /**
   * Repositories, by name or `owner/name`, whose queued jobs are looked up at GitHub in case their events were never sent:
   * failed deliveries are sent again without it, this is for those that GitHub never tried. Name private repositories
   * only: whoever can open a pull request in a public one would get machines.
   *
   * Every 6 minutes it takes two calls for a repository, and one for each of its runs that has not ended: ten
   * repositories at rest take 200 calls an hour of the 5,000 that GitHub gives an App.
   * @default none
   */
  readonly backlogRepositories?: readonly string[];

  /**
   * Hours that machines may run, all together, within a day before an alarm rings. Each sweep counts the machines that it
   * finds, so the sum is an estimate. Nothing is stopped: what bounds the bill are the fleets' `maximumMachines`.
   * @default 12 hours for each machine that the fleets may have at a time: 240 for one fleet with the default of 20
   */
  readonly maximumMachineHoursPerDay?: number;

  /**
   * Whether the rotation function manages the webhook, and so can have GitHub send failed deliveries again.
   * @default false
   */
  readonly redeliver?: boolean;
}

export const DEFAULT_SWEEP_MINUTES = 2;
const DEFAULT_CHECK_AFTER_MINUTES = 3;
/** Less than the shortest schedule, so that two sweeps do not run beside each other; a sweep that dies holds a lease for as long. */
const TIMEOUT_SECONDS = 55;

/** Looks, whether or not events come, at what is and what should be. */
export class Sweeper extends Construct {
  /** The sweep function. */
  public readonly sweep: BundledFunction;
  /** Runs it every `sweepMinutes`. */
  public readonly schedule: EventTrigger;
  /** Rings when machines run for longer than is expected of a day. */
  public readonly machineHoursAlarm: CloudwatchMetricAlarm;
  /** Rings when GitHub soon refuses a version of the runner that is in use. */
  public readonly runnerAgeAlarm: CloudwatchMetricAlarm;

  public constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    checkProps(this, props, SWEEPER);
    checkCommon(this, props);
    addCheck(this, () => sweeperMistakes(props));
    const { launcher } = props;
    this.sweep = new BundledFunction(this, "Sweep", {
      ...commonOf(props),
      bundle: "sweep",
      description: "Repairs what events cannot: compares the ledger with EC2 and GitHub",
      settings: settingsOf(props),
      movable: ["backlog"],
      environment: { FLEETS_REVISION: launcher.fleetsRevision },
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB.sweep,
      statements: [
        ...reconcileStatements(launcher.scope, launcher.tokens, REGISTRATIONS),
        readMachineLogs(launcher),
      ],
    });
    this.schedule = eventTrigger(this, "", {
      ...commonOf(props),
      invokes: this.sweep,
      name: nameOf(props, "sweep"),
      description: "Runs the sweep function",
      when: everyMinutes(props.sweepMinutes ?? DEFAULT_SWEEP_MINUTES),
    });
    this.machineHoursAlarm = machineHoursAlarm(this, props);
    this.runnerAgeAlarm = runnerAgeAlarm(this, props);
  }
}

/** Given to machines; and dropped, of machines that are gone, or end, and have not taken theirs. */
const REGISTRATIONS = ["dynamodb:PutItem", "dynamodb:DeleteItem"];

/**
 * How a machine booted, of which an alarm says the step that failed. A filter on the log group would count such lines, and
 * tell neither the step nor the machine; and what it made of them, whoever is root on a machine could write.
 */
const readMachineLogs = ({ scope: { aws, installation } }: RunnerLauncher): PolicyStatement => ({
  sid: "ReadMachineLogs",
  actions: ["logs:GetLogEvents"],
  // Of all fleets: group by group, ten would not find room in the policy. Streams are named like their machine.
  resources: [aws.arn("logs", `log-group:${machineLogGroup(installation, "*")}:log-stream:i-*`)],
});

const settingsOf = (props: SweeperProps): SweepSettings => {
  const { launcher, backlogRepositories } = props;
  const { idleLimitMinutes = DEFAULT_IDLE_LIMIT_MINUTES, checkAfterMinutes = DEFAULT_CHECK_AFTER_MINUTES } =
    props;
  return {
    ...launcher.settings,
    ...launcher.tokens,
    sweepSeconds: 60 * (props.sweepMinutes ?? DEFAULT_SWEEP_MINUTES),
    runnerVersions: watchedVersions(launcher.fleets),
    idleLimitSeconds: 60 * idleLimitMinutes,
    checkAfterSeconds: 60 * checkAfterMinutes,
    rerunInterrupted: props.rerunInterruptedJobs ?? true,
    onDemandAfterInterruptions: props.onDemandAfterInterruptions ?? true,
    redeliver: props.redeliver ?? false,
    ...(backlogRepositories !== undefined && {
      backlog: {
        repositories: fullNames(backlogRepositories, launcher.github),
        routes: fleetRoutes(launcher.fleets),
      },
    }),
  };
};
