import { Construct } from "constructs";
import { checkCommon, commonOf, nameOf } from "./common";
import { eventTrigger, onEvents } from "./event-trigger";
import { BundledFunction } from "./functions/bundled-function";
import { QUEUE_KEY, useKeys } from "./policy";
import { sendWakes } from "./reconcile-policy";
import { MEMORY_MB } from "./tuning";
import { SPOT_INTERRUPTION } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { FunctionProps } from "./common";
import type { EventTrigger } from "./event-trigger";
import type { PolicyStatement } from "./policy";
import type { RunnerLauncher } from "./runner-launcher";
import type { InterruptionSettings } from "../functions/shared/contract";

export interface SpotInterruptionProps extends FunctionProps {
  /** The launcher whose machines may be interrupted. */
  readonly launcher: RunnerLauncher;
}

/** EC2 says each to the whole account, and tells nobody's tags: which machines are ours, the function finds out. */
const EVENTS = {
  source: ["aws.ec2"],
  "detail-type": ["EC2 Spot Instance Interruption Warning", "EC2 Instance Rebalance Recommendation"],
};
/** Five calls. A failure is repeated after one minute, of the two that EC2 gives notice. */
const TIMEOUT_SECONDS = 15;

/**
 * Hears of spot machines that EC2 is about to take away: the sweep function removes their runners and has their jobs run
 * again. That a machine may soon be taken away is counted, as `RebalanceRecommendations`, and nothing else.
 */
export class SpotInterruption extends Construct {
  /** The interruption function. */
  public readonly function: BundledFunction;
  /** EC2's notice of two minutes, and its recommendation to rebalance. */
  public readonly notice: EventTrigger;

  public constructor(scope: Construct, id: string, props: SpotInterruptionProps) {
    super(scope, id);
    checkProps(this, props, SPOT_INTERRUPTION);
    checkCommon(this, props);
    const { installation, ledgerTable, queueUrl, fleets } = props.launcher.settings;
    const settings: InterruptionSettings = { installation, ledgerTable, queueUrl, fleets };
    this.function = new BundledFunction(this, "Function", {
      ...commonOf(props),
      bundle: "interruption",
      description: "Writes down which spot machines EC2 is about to take away",
      settings,
      timeoutSeconds: TIMEOUT_SECONDS,
      memoryMb: MEMORY_MB.interruption,
      statements: statements(props.launcher),
    });
    this.notice = eventTrigger(this, "Notice", {
      ...commonOf(props),
      invokes: this.function,
      name: nameOf(props, "interruption"),
      description: "EC2 is about to take a spot machine away, or may be soon",
      when: onEvents(EVENTS),
    });
  }
}

const statements = ({ scope }: RunnerLauncher): readonly PolicyStatement[] => [
  {
    sid: "MarkMachines",
    actions: ["dynamodb:BatchGetItem", "dynamodb:UpdateItem"],
    resources: [scope.ledger.arn],
  },
  ...useKeys(scope.kmsKeyArns, {
    sid: "UseLedgerKey",
    service: "dynamodb",
    aws: scope.aws,
    actions: ["kms:Decrypt"],
    encryptionContext: { "aws:dynamodb:tableName": [scope.ledger.name] },
  }),
  sendWakes(scope),
  ...useKeys(scope.kmsKeyArns, {
    sid: "UseQueueKey",
    service: "sqs",
    aws: scope.aws,
    actions: QUEUE_KEY,
  }),
];
