import { randomUUID } from "node:crypto";
import { answerDelivery, type WebhookDeps } from "../../functions/webhook/answer-delivery";
import type { WorkflowJob } from "../support/github-actions";
import type { Delivery } from "../support/github-deliveries";
import type { GithubState } from "../support/github-state";
import { sign } from "../support/workflow-job";
import type { Clock } from "./clock";
import type { LambdaFunction } from "./lambda";
import type { Random } from "./random";
import { OWNER } from "./workload";

export interface EventRules {
  /** Share of the events that are lost: half of them at delivery, half never sent at all. */
  readonly lost: number;
  readonly duplicated: number;
  /** Milliseconds from what happened to its delivery: longer than the time between two events of a job. */
  readonly delay: readonly [from: number, to: number];
}

/** A hook's address answers within 10 s, or the delivery counts as failed. */
const TIME_OUT_MS = 10_000;
const DUPLICATE_AFTER_MS = [200, 30_000] as const;
export const HOOK = "app";

export interface EventCounts {
  sent: number;
  failedAtDelivery: number;
  neverSent: number;
  duplicated: number;
}

/** Makes the events of jobs, and brings them to the webhook function: late, out of order, twice, or not at all. */
export class Events {
  readonly counts: EventCounts = { sent: 0, failedAtDelivery: 0, neverSent: 0, duplicated: 0 };

  /** Guids of those that fail when they are sent for the first time. */
  private readonly broken = new Set<string>();

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: EventRules,
    private readonly github: GithubState,
    private readonly webhook: LambdaFunction<WebhookDeps>,
    private readonly tell: (subject: string, what: string) => void,
  ) {
    github.deliveries.deliver = (delivery) => this.deliver(delivery);
  }

  emit(action: string, job: WorkflowJob): void {
    const { deliveries } = this.github;
    const payload = payloadOf(action, job);
    this.counts.sent++;
    const lost = this.random.chance(this.rules.lost);
    if (lost && this.random.chance(0.5)) {
      this.counts.neverSent++;
      this.tell(`job ${job.id}`, `its event ${action} is never sent`);
      return;
    }
    const guid = randomUUID();
    if (lost) {
      this.counts.failedAtDelivery++;
      this.broken.add(guid);
    }
    const send = (): void => void deliveries.send(HOOK, { event: "workflow_job", action, payload, guid });
    this.clock.after(this.random.between(this.rules.delay), send);
    if (!this.random.chance(this.rules.duplicated)) return;
    this.counts.duplicated++;
    this.clock.after(this.random.between(DUPLICATE_AFTER_MS), send);
  }

  /** Undelivered at first, if that is its lot; as GitHub's list shows it, and as it comes when it is sent again. */
  private async deliver(delivery: Delivery): Promise<number> {
    const payload = delivery.payload as ReturnType<typeof payloadOf>;
    const subject = `job ${payload.workflow_job.id}`;
    if (this.broken.has(delivery.guid) && !delivery.redelivery) {
      this.tell(subject, `its event ${delivery.action} fails at delivery`);
      return this.random.pick([0, 502, 504]);
    }
    const body = Buffer.from(JSON.stringify(payload));
    const { secret = "" } = this.github.hooks.get(HOOK) ?? {};
    const arrived = {
      id: delivery.guid,
      event: delivery.event,
      contentType: "application/json",
      signature: sign(body.toString(), secret),
      body,
    };
    const answered = this.webhook
      .invoke((deps) => answerDelivery(arrived, deps))
      .then(
        ({ status }) => status,
        () => 502,
      );
    const status = await Promise.race([answered, this.clock.sleep(TIME_OUT_MS).then(() => 0)]);
    this.tell(subject, `its event ${delivery.action} is answered with ${status}`);
    return status;
  }
}

/** As much of GitHub's payload as the webhook function may read, and a little more. */
const payloadOf = (action: string, { repository, ...job }: WorkflowJob) => ({
  action,
  workflow_job: { ...job },
  repository: {
    id: 1,
    name: repository.split("/")[1],
    full_name: repository,
    private: true,
    owner: { login: OWNER },
  },
  organization: { login: OWNER },
  sender: { login: "somebody" },
});
