import type { Clock } from "./clock";
import type { Random } from "./random";

interface Message {
  readonly messageId: string;
  readonly body: string;
  visibleAt: number;
  receives: number;
}

export type Batch = readonly Pick<Message, "messageId" | "body">[];

export interface QueueOptions {
  readonly visibilityMs: number;
  readonly maximumReceives: number;
  readonly batchSize: number;
  /** Functions that the event source mapping runs at a time. */
  readonly concurrency: number;
  readonly tell: (subject: string, what: string) => void;
  /** Answers with the ids of the messages that have to come again. */
  readonly consume: (batch: Batch) => Promise<readonly string[]>;
}

/** From the sending of a message to its receipt by the event source mapping. */
const POLL_MS = [20, 150] as const;
/** SQS promises "at least once": of so many messages one comes again although it was deleted. */
const AGAIN = 1 / 200;

/** A standard queue with its dead-letter queue, and the event source mapping that reads it. */
export class Queue {
  readonly dead: string[] = [];
  private readonly messages = new Map<string, Message>();
  private sent = 0;
  private running = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly options: QueueOptions,
  ) {}

  get depth(): number {
    return this.messages.size;
  }

  /** Seconds until it can be received. */
  send(body: string, delay = 0): void {
    const messageId = `message-${++this.sent}`;
    const message = { messageId, body, visibleAt: 0, receives: 0 };
    this.messages.set(messageId, message);
    this.showAfter(message, delay * 1000 + this.random.between(POLL_MS));
  }

  private showAfter(message: Message, milliseconds: number): void {
    // Whole ones, as the clock has them: else the poll comes a moment before the message can be seen.
    const wait = Math.round(milliseconds);
    message.visibleAt = this.clock.now + wait;
    this.clock.after(wait, () => this.poll());
  }

  private poll(): void {
    const { concurrency } = this.options;
    while (this.running < concurrency) {
      const batch = this.receive();
      if (batch.length === 0) return;
      this.running++;
      void this.run(batch);
    }
  }

  private receive(): Message[] {
    const { batchSize, maximumReceives, visibilityMs } = this.options;
    const visible = [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= this.clock.now);
    // Of no order, as a standard queue has it.
    const batch = this.random.shuffle(visible.slice(0, 2 * batchSize)).slice(0, batchSize);
    return batch.filter((message) => {
      if (message.receives === maximumReceives) {
        this.messages.delete(message.messageId);
        this.dead.push(message.body);
        this.options.tell(message.messageId, `is dead: ${message.body}`);
        return false;
      }
      message.receives++;
      this.showAfter(message, visibilityMs);
      return true;
    });
  }

  private async run(batch: readonly Message[]): Promise<void> {
    try {
      const failed = new Set(await this.options.consume(batch));
      for (const { messageId } of batch) if (!failed.has(messageId)) this.remove(messageId);
    } catch (error) {
      const ids = batch.map(({ messageId, receives }) => `${messageId} (${receives})`);
      this.options.tell("queue", `${ids.join(", ")} come again: ${String(error)}`);
    } finally {
      this.running--;
      this.poll();
    }
  }

  private remove(messageId: string): void {
    if (!this.random.chance(AGAIN)) this.messages.delete(messageId);
  }
}
