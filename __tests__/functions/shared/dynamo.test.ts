import { AwsCallError } from "../../../functions/shared/call-aws";
import { unlessRefused, updateOf } from "../../../functions/shared/dynamo";

const refused = (name: string, answer = {}) => new AwsCallError(name, answer, { httpStatusCode: 400 });
const conflict = () => refused("TransactionConflictException");
const cancelled = (...codes: string[]) =>
  refused("TransactionCanceledException", { CancellationReasons: codes.map((Code) => ({ Code })) });
const failing = (...errors: Error[]) => {
  const write = jest.fn(() => {
    const error = errors.shift();
    return error ? Promise.reject(error) : Promise.resolve();
  });
  return write;
};

describe("a write", () => {
  it.each([
    ["a refused condition", refused("ConditionalCheckFailedException")],
    ["a refused condition in a transaction", cancelled("None", "ConditionalCheckFailed")],
  ])("takes %s for an answer", async (_, error) => {
    expect(await unlessRefused(failing(error))).toBe(false);
  });

  it.each([
    ["a transaction of another", conflict()],
    ["a conflict within its own", cancelled("TransactionConflict", "None")],
  ])("is tried again after %s", async (_, error) => {
    const write = failing(error, error);

    expect(await unlessRefused(write)).toBe(true);
    expect(write).toHaveBeenCalledTimes(3);
  });

  it("fails when conflicts do not end, and at once for anything else", async () => {
    const conflicts = Array.from({ length: 10 }, () => conflict());

    await expect(unlessRefused(failing(...conflicts))).rejects.toMatchObject({
      name: "TransactionConflictException",
    });
    await expect(unlessRefused(failing(cancelled("ValidationError")))).rejects.toMatchObject({
      name: "TransactionCanceledException",
    });
  });

  it("removes attributes without a value, and names each by a placeholder", () => {
    const update = updateOf(
      "ledger",
      { fleet: "f", item: "i" },
      {
        set: { state: "done", open: undefined },
        add: { mark: 1 },
        condition: "#until < :now",
        values: { now: 3 },
      },
    );

    expect(update).toEqual({
      TableName: "ledger",
      Key: { fleet: "f", item: "i" },
      UpdateExpression: "SET #state = :state REMOVE #open ADD #mark :mark",
      ConditionExpression: "#until < :now",
      ExpressionAttributeNames: { "#state": "state", "#open": "open", "#mark": "mark", "#until": "until" },
      ExpressionAttributeValues: { ":state": "done", ":mark": 1, ":now": 3 },
    });
  });
});
