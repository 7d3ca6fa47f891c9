import { CloudwatchEventRule } from "@cdktf/provider-aws/lib/cloudwatch-event-rule";
import { CloudwatchEventTarget } from "@cdktf/provider-aws/lib/cloudwatch-event-target";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import { checkCommon, commonOf, nameOf, tagsOf } from "./common";
import { BundledFunction } from "./functions/bundled-function";
import type { FunctionProps } from "./common";
import type { RunnerLauncher } from "./runner-launcher";

export interface SweeperProps extends FunctionProps {
  /** The launcher whose fleets are looked after. */
  readonly launcher: RunnerLauncher;
}

/** Repairs within minutes what no event told; 5 minutes are the most that an orphan should cost. */
const SCHEDULE = "rate(2 minutes)";
/** Less than the schedule, so that two sweeps do not run beside each other; a sweep that dies holds a lease for as long. */
const TIMEOUT_SECONDS = 60;
const MEMORY_MB = 512;

/** Looks, whether or not events come, at what is and what should be. */
export class Sweeper extends Construct {
  public readonly sweep: BundledFunction;
  public readonly rule: CloudwatchEventRule;
  public readonly target: CloudwatchEventTarget;
  public readonly permission: LambdaPermission;

  public constructor(scope: Construct, id: string, props: SweeperProps) {
    super(scope, id);
    checkCommon(this, props);
    const { launcher } = props;
    this.sweep = new BundledFunction(this, "Sweep", {
      ...commonOf(props),
      bundle: "sweep",
      description: "Repairs what events cannot: compares the ledger with EC2, and launches what is missing",
      settings: launcher.settings,
      environment: { FLEETS_REVISION: launcher.fleetsRevision },
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB,
      statements: launcher.statements,
    });
    this.rule = new CloudwatchEventRule(this, "Rule", {
      name: nameOf(props, "sweep"),
      description: "Runs the sweep function",
      scheduleExpression: SCHEDULE,
      tags: tagsOf(props),
    });
    this.target = new CloudwatchEventTarget(this, "Target", {
      rule: this.rule.name,
      arn: this.sweep.function.arn,
    });
    this.permission = new LambdaPermission(this, "Permission", {
      action: "lambda:InvokeFunction",
      functionName: this.sweep.function.functionName,
      principal: "events.amazonaws.com",
      sourceArn: this.rule.arn,
    });
  }
}
