import { randomUUID } from "node:crypto";
import { asGithubWrites } from "./github-time";

/** What GitHub sends, or would. */
export interface Sending {
  readonly event: string;
  readonly action: string | null;
  readonly payload: unknown;
  readonly guid?: string;
}

export interface Delivery extends Required<Sending> {
  readonly id: number;
  /** As a key of `GithubState.hooks`. */
  readonly hook: string;
  readonly redelivery: boolean;
  readonly delivered_at: string;
  readonly status: string;
  /** What was answered; 0: nothing. */
  readonly status_code: number;
}

/** Deliveries of webhooks, and how GitHub makes them again. */
export class Deliveries {
  /** By hook, oldest first: those that have an outcome. */
  private readonly made = new Map<string, Delivery[]>();
  private readonly sending = new Set<Promise<unknown>>();
  /** Carries a delivery to its address and answers with the status. Default: nobody is there. */
  deliver: (delivery: Delivery) => number | Promise<number> = () => 0;

  constructor(
    private readonly nextId: () => number,
    private readonly now: () => number,
    private readonly isSent: (hook: string, event: string) => boolean = () => true,
  ) {}

  /** Oldest first. */
  of(hook: string): Delivery[] {
    const made = this.made.get(hook) ?? [];
    this.made.set(hook, made);
    return made;
  }

  /** Makes a delivery, as GitHub does when something happens: none, in no list, where the hook is not to have it. */
  async send(hook: string, sending: Sending): Promise<Delivery> {
    if (!this.isSent(hook, sending.event)) return unsent(hook, sending);
    return this.attempt({ guid: randomUUID(), ...sending, hook, redelivery: false });
  }

  /** As on request: the same content under the same guid, and nobody waits for it. */
  again({ event, action, payload, guid, hook }: Delivery): void {
    const attempt = this.attempt({ event, action, payload, guid, hook, redelivery: true });
    this.sending.add(attempt);
    void attempt.finally(() => this.sending.delete(attempt));
  }

  /** Resolves when no redelivery is under way. */
  async settle(): Promise<void> {
    while (this.sending.size > 0) await Promise.all(this.sending);
  }

  private async attempt(
    sent: Omit<Delivery, "id" | "delivered_at" | "status" | "status_code">,
  ): Promise<Delivery> {
    const delivered_at = asGithubWrites(this.now());
    const id = this.nextId();
    const delivery = { ...sent, id, delivered_at, status: "pending", status_code: 0 };
    const status = await Promise.resolve(delivery)
      .then(this.deliver)
      .catch(() => 0);
    Object.assign(delivery, { status_code: status, status: wordOf(status) });
    this.of(sent.hook).push(delivery);
    return delivery;
  }
}

const unsent = (hook: string, sending: Sending): Delivery => ({
  guid: "",
  ...sending,
  hook,
  id: 0,
  redelivery: false,
  delivered_at: "",
  status: "never sent",
  status_code: 0,
});

const wordOf = (status: number): string => {
  if (status === 0) return "failed to connect";
  return status >= 200 && status < 300 ? "OK" : `Invalid HTTP Response: ${status}`;
};

/** As it stands in a list: without its content. */
export const shownDelivery = (delivery: Delivery): unknown => ({
  ...delivery,
  hook: undefined,
  payload: undefined,
  duration: 0.05,
  installation_id: null,
  repository_id: null,
  throttled_at: null,
});
