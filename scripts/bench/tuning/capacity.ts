import { LEDGER } from "../../../functions/shared/contract";
import type { InMemoryDynamoDb } from "../../../__tests__/support/dynamodb";
import { LEDGER_TABLE } from "../../../__tests__/support/fleet-world";

/** What DynamoDB counts: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
export interface Capacity {
  reads: number;
  writes: number;
  /** Writes whose condition did not hold. */
  refused: number;
  /** Marks that were left for the holder of a lease. */
  marks: number;
}

const READ_BYTES = 4096;
const WRITE_BYTES = 1024;
const OF_TRANSACTION = 2;

/** Counts from now on. An item that stands in the index of the ledger, too, is written twice. */
export const countCapacity = (database: InMemoryDynamoDb): Capacity => {
  const counted: Capacity = { reads: 0, writes: 0, refused: 0, marks: 0 };
  let times = 1;
  const { wrote } = database;
  database.wrote = (table, item) => {
    wrote(table, item);
    const copies = table === LEDGER_TABLE && item[LEDGER.openKey] !== undefined ? 2 : 1;
    counted.writes += times * copies * unitsOf(item, WRITE_BYTES);
  };
  const write = <T>(as: number, run: () => T): T => {
    times = as;
    try {
      return run();
    } catch (error) {
      counted.refused++;
      counted.writes += times;
      throw error;
    } finally {
      times = 1;
    }
  };
  const update = database.update.bind(database);
  database.update = (input) => {
    const answer = write(1, () => update(input));
    if (/^ADD #mark /.test(input.UpdateExpression ?? "")) counted.marks++;
    return answer;
  };
  const transactWrite = database.transactWrite.bind(database);
  database.transactWrite = (input) => write(OF_TRANSACTION, () => transactWrite(input));
  const remove = database.delete.bind(database);
  database.delete = (input) => {
    counted.writes++;
    return remove(input);
  };
  const query = database.query.bind(database);
  database.query = (input) => {
    const answer = query(input) as { readonly Items: readonly object[] };
    counted.reads += unitsOf(answer.Items, READ_BYTES);
    return answer;
  };
  const batchGet = database.batchGet.bind(database);
  database.batchGet = (input) => {
    counted.reads += Object.values(input.RequestItems ?? {}).flatMap(({ Keys = [] }) => Keys).length;
    return batchGet(input);
  };
  return counted;
};

const unitsOf = (value: object, bytes: number): number =>
  Math.max(Math.ceil(JSON.stringify(value).length / bytes), 1);
