import type { AwsCall } from "../shared/call-aws";
import type { SweepSettings } from "../shared/contract";
import { createParts, type Clients, type Parts } from "../shared/parts";
import { invokeRotation, type Redelivery, type RedeliveryRequest } from "../shared/token";
import { createReadBootLog, type ReadBootLog } from "./boot-log";
import { createDeliveryNotes, type DeliveryNotes } from "./deliveries";
import { createSweepNotes, type SweepNotes } from "./notes";
import type { Outlooks } from "./runner-versions";

/** What the sweep works with. */
export interface SweepParts extends Parts {
  readonly deliveries: DeliveryNotes;
  readonly notes: SweepNotes;
  /** Epoch milliseconds: when this sandbox read the backlog. */
  readonly backlog: { readAt: number };
  /** What this sandbox was told of the runner's versions. */
  readonly outlooks: Outlooks;
  /** Has the rotation function send failed deliveries again. Undefined: it has no webhook. @throws RotationError */
  readonly redeliver: (request: RedeliveryRequest) => Promise<Redelivery | undefined>;
  /** @throws what the call throws */
  readonly readBootLog: ReadBootLog;
}

/** One run of the sweep. */
export interface Sweep {
  readonly parts: SweepParts;
  readonly settings: SweepSettings;
  /** Epoch milliseconds: from then on nothing new is begun. */
  readonly until: number;
  /** False: what is not begun yet is left to the next sweep. */
  readonly hasTime: () => boolean;
  /** How often GitHub asked for patience: what comes after that in the same sweep mostly fails. */
  readonly limits: { met: number };
}

export const sweepUntil = (parts: SweepParts, settings: SweepSettings, until: number): Sweep => ({
  parts,
  settings,
  until,
  hasTime: () => parts.now() < until,
  limits: { met: 0 },
});

/** The same sweep for a part of it, which may begin nothing new after so many milliseconds. */
export const within = (sweep: Sweep, milliseconds: number): Sweep => {
  const { parts, settings, until, limits } = sweep;
  return { ...sweepUntil(parts, settings, Math.min(parts.now() + milliseconds, until)), limits };
};
export interface SweepClients extends Clients {
  /** Default: `GetLogEvents` of CloudWatch Logs */
  readonly getLogEvents?: AwsCall;
}

/** Made once for the life of a sandbox. */
export const createSweepParts = (settings: SweepSettings, clients: SweepClients): SweepParts => ({
  ...createParts(settings, clients),
  backlog: { readAt: 0 },
  outlooks: new Map(),
  deliveries: createDeliveryNotes(clients.documents, settings.ledgerTable),
  notes: createSweepNotes(clients.documents, settings.ledgerTable),
  redeliver: async (request) => {
    const answer = await invokeRotation(clients.invoke, settings.rotateFunction, { redeliver: request });
    return answer.redelivered;
  },
  readBootLog: createReadBootLog(settings.installation, clients.getLogEvents),
});
