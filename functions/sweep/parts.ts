import type { AwsCall } from "../shared/call-aws";
import type { SweepSettings } from "../shared/contract";
import { createParts, type Clients, type Parts } from "../shared/parts";
import { invokeRotation, type Redelivery, type RedeliveryRequest } from "../shared/token";
import { createReadBootLog, type ReadBootLog } from "./boot-log";
import { createDeliveryNotes, type DeliveryNotes } from "./deliveries";

/** What the sweep works with. */
export interface SweepParts extends Parts {
  readonly deliveries: DeliveryNotes;
  /** Epoch milliseconds: when this sandbox read the backlog. */
  readonly backlog: { readAt: number };
  /** Epoch milliseconds: when this sandbox told how old the runner's version is. */
  readonly runnerAge: { toldAt: number };
  /** Has the rotation function send failed deliveries again. Undefined: it has no webhook. @throws RotationError */
  readonly redeliver: (request: RedeliveryRequest) => Promise<Redelivery | undefined>;
  /** @throws what the call throws */
  readonly readBootLog: ReadBootLog;
}

/** One run of the sweep. */
export interface Sweep {
  readonly parts: SweepParts;
  readonly settings: SweepSettings;
  /** False: what is not begun yet is left to the next sweep. */
  readonly hasTime: () => boolean;
}

export interface SweepClients extends Clients {
  /** Default: `GetLogEvents` of CloudWatch Logs */
  readonly getLogEvents?: AwsCall;
}

/** Made once for the life of a sandbox. */
export const createSweepParts = (settings: SweepSettings, clients: SweepClients): SweepParts => ({
  ...createParts(settings, clients),
  backlog: { readAt: 0 },
  runnerAge: { toldAt: 0 },
  deliveries: createDeliveryNotes(clients.documents, settings.ledgerTable),
  redeliver: async (request) => {
    const answer = await invokeRotation(clients.invoke, settings.rotateFunction, { redeliver: request });
    return answer.redelivered;
  },
  readBootLog: createReadBootLog(settings.installation, clients.getLogEvents),
});
