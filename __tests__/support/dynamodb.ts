import type {
  BatchGetCommandInput,
  DeleteCommandInput,
  QueryCommandInput,
  TransactWriteCommandInput,
  UpdateCommandInput,
} from "@aws-sdk/lib-dynamodb";
import { AwsCallError } from "../../functions/shared/call-aws";
import type { Documents } from "../../functions/shared/documents";
import { ExpressionReader, ValidationException, type Item } from "./dynamodb-expressions";
import {
  answerTo,
  contextOf,
  copyOf,
  keyedBy,
  refusedItem,
  withoutUndefined,
  writeOf,
  type Change,
  type Verb,
  type Write,
} from "./dynamodb-writes";

export interface TableDefinition {
  readonly keys: readonly string[];
  /** Local secondary indexes: sort key by name of the index. */
  readonly indexes?: Readonly<Record<string, string>>;
}

/** Runs a call: at once, later, in an order of the test's choice, or not at all. */
export type Around = (call: string, run: () => unknown) => Promise<unknown>;

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const ITEMS_A_TRANSACTION = 100;
const meta = { $metadata: {} };
const refusal = (name: string, answer: Record<string, unknown>): AwsCallError =>
  new AwsCallError(name, answer, { httpStatusCode: 400 });

/**
 * DynamoDB in memory, for tests that depend on what conditions and transactions do. It knows the calls and the
 * expressions of the ledger and refuses all others; `__tests__/e2e/ledger.e2e.test.ts` holds it against an emulator.
 */
export class InMemoryDynamoDb {
  private readonly tables = new Map<string, Map<string, Item>>();
  /** Items a page of a query holds. */
  pageSize = 1000;
  /** Told of each item that is written. */
  wrote: (table: string, item: Item) => void = () => undefined;

  constructor(private readonly definitions: Readonly<Record<string, TableDefinition>>) {
    for (const name of Object.keys(definitions)) this.tables.set(name, new Map());
  }

  items(table: string): Item[] {
    return structuredClone([...this.table(table).values()]);
  }

  put(table: string, item: Item): void {
    this.table(table).set(this.keyOf(table, item), structuredClone(item));
  }

  /** Calls that are answered from here. */
  client(around: Around = (_, run) => Promise.resolve().then(run)): Documents {
    return (call, input) => around(call, () => this.calls[call](structuredClone(input) as never));
  }

  private readonly calls: Record<Parameters<Documents>[0], (input: never) => unknown> = {
    UpdateItem: (input) => this.update(input),
    DeleteItem: (input) => this.delete(input),
    TransactWriteItems: (input) => this.transactWrite(input),
    Query: (input) => this.query(input),
    BatchGetItem: (input) => this.batchGet(input),
  };

  update(input: UpdateCommandInput): unknown {
    return this.writeOne(input, this.prepare(input));
  }

  delete(input: DeleteCommandInput): unknown {
    return this.writeOne(input, this.prepare(input, "delete"));
  }

  private writeOne(write: Write, change: Change): unknown {
    const Attributes = answerTo(write, change);
    if (!change.allowed) {
      const Item = refusedItem(write, change);
      throw refusal("ConditionalCheckFailedException", { Item });
    }
    change.apply();
    return { ...meta, Attributes };
  }

  transactWrite({ TransactItems = [] }: TransactWriteCommandInput): unknown {
    const writes = TransactItems.map(writeOf);
    const targets = writes.map(
      ({ write }) => `${write.TableName}/${this.keyOf(write.TableName ?? "", keyedBy(write))}`,
    );
    if (writes.length > ITEMS_A_TRANSACTION) throw new ValidationException("Too many items");
    if (new Set(targets).size < targets.length) throw new ValidationException("Two operations on one item");
    const changes = writes.map(({ write, verb }) => this.prepare(write, verb));
    if (changes.some(({ allowed }) => !allowed)) {
      throw refusal("TransactionCanceledException", {
        CancellationReasons: changes.map((change, at) =>
          change.allowed
            ? { Code: "None" }
            : { Code: "ConditionalCheckFailed", Item: refusedItem(writes[at]!.write, change) },
        ),
      });
    }
    for (const { apply } of changes) apply();
    return meta;
  }

  query(input: QueryCommandInput): unknown {
    const table = input.TableName ?? "";
    const sortKey = input.IndexName && this.definitions[table]?.indexes?.[input.IndexName];
    if (!sortKey || !input.ConsistentRead)
      throw new ValidationException("Not a consistent query of an index");
    const reader = new ExpressionReader(contextOf(input));
    const matches = reader.condition(input.KeyConditionExpression ?? "");
    reader.assertAllUsed();
    const found = [...this.table(table).values()]
      .filter((item) => item[sortKey] !== undefined && matches(item))
      .sort((a, b) => (String(a[sortKey]) < String(b[sortKey]) ? -1 : 1));
    // By the key, whatever has come or gone before it since.
    const after = input.ExclusiveStartKey?.[sortKey] as string | undefined;
    const left = after ? found.filter((item) => String(item[sortKey]) > after) : found;
    const page = left.slice(0, this.pageSize);
    return {
      Items: page.map(copyOf),
      LastEvaluatedKey: page.length < left.length ? { [sortKey]: page.at(-1)?.[sortKey] } : undefined,
    };
  }

  batchGet({ RequestItems = {} }: BatchGetCommandInput): unknown {
    for (const [table, { Keys = [] }] of Object.entries(RequestItems)) {
      if (new Set(Keys.map((key) => this.keyOf(table, key))).size < Keys.length)
        throw new ValidationException("Provided list of item keys contains duplicates");
    }
    const Responses = Object.entries(RequestItems).map(([table, { Keys = [] }]) => [
      table,
      Keys.flatMap((key) => this.table(table).get(this.keyOf(table, key)) ?? []),
    ]);
    return { Responses: structuredClone(Object.fromEntries(Responses) as Record<string, Item[]>) };
  }

  private prepare(write: Write, verb: Verb = "write"): Change {
    const table = write.TableName ?? "";
    const key = this.keyOf(table, keyedBy(write));
    const before = this.table(table).get(key);
    const reader = new ExpressionReader(contextOf(write));
    const allowed = write.ConditionExpression
      ? reader.condition(write.ConditionExpression)(before ?? {})
      : true;
    const change = write.UpdateExpression ? reader.update(write.UpdateExpression) : undefined;
    reader.assertAllUsed();
    if (verb === "delete") return { allowed, before, apply: () => this.table(table).delete(key) };
    const after = withoutUndefined(change ? change({ ...before, ...write.Key }) : { ...write.Item });
    this.assertKeys(table, key, after);
    const apply = (): void => {
      this.table(table).set(key, after);
      this.wrote(table, after);
    };
    return { allowed, before, after, apply };
  }

  private assertKeys(table: string, key: string, item: Item): void {
    if (this.keyOf(table, item) !== key) throw new ValidationException("An update cannot change a key");
    const sortKeys = Object.values(this.definitions[table]?.indexes ?? {});
    const wrong = sortKeys.find((name) => item[name] !== undefined && typeof item[name] !== "string");
    if (wrong) throw new ValidationException(`${wrong} has to be a string`);
  }

  private keyOf(table: string, item: Item): string {
    const keys = this.definitions[table]?.keys ?? [];
    const values = keys.map((name) => item[name]);
    if (values.some((value) => typeof value !== "string" || value === "")) {
      throw new ValidationException(`No valid key for ${table}: ${JSON.stringify(values)}`);
    }
    return JSON.stringify(values);
  }

  private table(name: string): Map<string, Item> {
    const table = this.tables.get(name);
    if (!table) throw new Error(`ResourceNotFoundException: ${name}`);
    return table;
  }
}
