import type { Clock } from "./clock";
import type { Random } from "./random";

interface Message {
  readonly messageId: string;
  readonly body: string;
  visibleAt: number;
  receives: number;
}

export type Batch = readonly Pick<Message, "messageId" | "body">[];

/** The event source mapping. */
export interface EventSource {
  /** Messages that a function gets at most. */
  readonly batchSize: number;
  /** For how long messages are gathered, unless there are enough before. */
  readonly windowMs: number;
  /** Functions that it runs at a time. */
  readonly concurrency: number;
}

export interface QueueOptions {
  readonly visibilityMs: number;
  readonly maximumReceives: number;
  readonly source: EventSource;
  readonly tell: (subject: string, what: string) => void;
  /** Answers with the ids of the messages that have to come again. */
  readonly consume: (batch: Batch) => Promise<readonly string[]>;
}

/** From the sending of a message to its receipt by the event source mapping. */
const POLL_MS = [20, 150] as const;
/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: so many at first, and 300 more a minute. */
const FIRST_READERS = 5;
const READER_EVERY_MS = 60_000 / 300;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const MESSAGES_A_RECEIPT = 10;
/** Lambda waits so long for a message before it looks whether the window is over: "up to 20 seconds" in a quiet queue. */
const LONG_POLL_MS = 20_000;
const RECEIPT_MS = 15;
/** SQS promises "at least once": of so many messages one comes again although it was deleted. */
const AGAIN = 1 / 200;

/** A standard queue with its dead-letter queue, and the event source mapping that reads it. */
export class Queue {
  readonly dead: string[] = [];
  private readonly messages = new Map<string, Message>();
  /** Requests that Lambda makes, but for those that find nothing in a quiet queue. */
  readonly requests = { receive: 0, delete: 0 };
  private sent = 0;
  private running = 0;
  /** Since when there is more to read than its readers take. */
  private behindSince?: number;
  private scaling = false;
  /** Readers that gather, and wait for a further message. */
  private readonly gathering: (() => void)[] = [];

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
    if (this.isForGathering()) return this.gathering.shift()?.();
    while (this.running < this.readers) {
      const batch = this.receive(this.options.source.batchSize);
      if (batch.length === 0) {
        this.behindSince = undefined;
        return;
      }
      this.running++;
      void this.run(batch);
    }
    this.scaleUp();
  }

  /** Any of the readers that wait may get the next message. */
  private isForGathering(): boolean {
    const waiting = this.gathering.length;
    if (waiting === 0) return false;
    return this.random.whole(1, waiting + Math.max(this.readers - this.running, 0)) <= waiting;
  }

  private get readers(): number {
    const more = this.behindSince === undefined ? 0 : (this.clock.now - this.behindSince) / READER_EVERY_MS;
    return Math.min(this.options.source.concurrency, FIRST_READERS + Math.floor(more));
  }

  private scaleUp(): void {
    const most = this.readers === this.options.source.concurrency;
    if (this.scaling || most || this.visible().length === 0) return;
    this.behindSince ??= this.clock.now;
    this.scaling = true;
    this.clock.after(READER_EVERY_MS, () => {
      this.scaling = false;
      this.poll();
    });
  }

  private visible(): Message[] {
    return [...this.messages.values()].filter(({ visibleAt }) => visibleAt <= this.clock.now);
  }

  private receive(wanted: number): Message[] {
    const { maximumReceives, visibilityMs } = this.options;
    const most = Math.min(wanted, MESSAGES_A_RECEIPT);
    // Of no order, as a standard queue has it.
    const batch = this.random.shuffle(this.visible().slice(0, 2 * most)).slice(0, most);
    if (batch.length > 0) this.requests.receive++;
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

  /** Until the batch is full, or a receipt ends after the window: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html */
  private async gather(first: readonly Message[]): Promise<readonly Message[]> {
    const { batchSize, windowMs } = this.options.source;
    const batch = [...first];
    const end = this.clock.now + windowMs;
    while (batch.length < batchSize && this.clock.now < end) {
      const more = this.receive(batchSize - batch.length);
      batch.push(...more);
      await (more.length > 0 ? this.clock.sleep(RECEIPT_MS) : this.nextMessage());
    }
    return batch;
  }

  private nextMessage(): Promise<void> {
    return new Promise((resolve) => {
      this.gathering.push(resolve);
      this.clock.after(LONG_POLL_MS, () => {
        const index = this.gathering.indexOf(resolve);
        if (index < 0) return;
        this.gathering.splice(index, 1);
        this.requests.receive++;
        resolve();
      });
    });
  }

  private async run(first: readonly Message[]): Promise<void> {
    const batch = this.options.source.windowMs > 0 ? await this.gather(first) : first;
    try {
      const failed = new Set(await this.options.consume(batch));
      for (const { messageId } of batch) if (!failed.has(messageId)) this.remove(messageId);
      this.requests.delete += Math.ceil((batch.length - failed.size) / MESSAGES_A_RECEIPT);
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
