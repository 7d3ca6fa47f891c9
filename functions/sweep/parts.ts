import type { SweepSettings } from "../shared/contract";
import { createParts, type Clients, type Parts } from "../shared/parts";
import { invokeRotation, type Redelivery, type RedeliveryRequest } from "../shared/token";
import { createDeliveryNotes, type DeliveryNotes } from "./deliveries";
import type { Outlooks } from "./runner-versions";

/** What the sweep works with. */
export interface SweepParts extends Parts {
  readonly deliveries: DeliveryNotes;
  /** Epoch milliseconds: when this sandbox read the backlog. */
  readonly backlog: { readAt: number };
  /** What this sandbox was told of the runner's versions. */
  readonly outlooks: Outlooks;
  /** Has the rotation function send failed deliveries again. Undefined: it has no webhook. @throws RotationError */
  readonly redeliver: (request: RedeliveryRequest) => Promise<Redelivery | undefined>;
}

/** One run of the sweep. */
export interface Sweep {
  readonly parts: SweepParts;
  readonly settings: SweepSettings;
  /** False: what is not begun yet is left to the next sweep. */
  readonly hasTime: () => boolean;
}

/** Made once for the life of a sandbox. */
export const createSweepParts = (settings: SweepSettings, clients: Clients): SweepParts => ({
  ...createParts(settings, clients),
  backlog: { readAt: 0 },
  outlooks: new Map(),
  deliveries: createDeliveryNotes(clients.documents, settings.ledgerTable),
  redeliver: async (request) => {
    const answer = await invokeRotation(clients.invoke, settings.rotateFunction, { redeliver: request });
    return answer.redelivered;
  },
});
