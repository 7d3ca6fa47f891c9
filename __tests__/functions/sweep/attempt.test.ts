import { ReplicatedWriteConflictException } from "@aws-sdk/client-dynamodb";
import type { SweepSettings } from "../../../functions/shared/contract";
import { GithubError } from "../../../functions/shared/github";
import { LimitedError } from "../../../functions/shared/github-access";
import { attempt, each } from "../../../functions/sweep/attempt";
import { createSweepNotes } from "../../../functions/sweep/notes";
import type { Sweep, SweepParts } from "../../../functions/sweep/parts";
import { FLEET, INSTALLATION, LEDGER_TABLE, newDatabase, START } from "../../support/fleet-world";
import { captureLogs, type CapturedLogs } from "../../support/logs";

const PART = { part: "end machines", fleet: FLEET };
const notes = createSweepNotes(newDatabase().client(), LEDGER_TABLE);
const sweep: Sweep = {
  parts: { installation: INSTALLATION, notes } as SweepParts,
  settings: {} as SweepSettings,
  until: Infinity,
  hasTime: () => true,
  limits: { met: 0 },
};

const github = (status: number): GithubError => new GithubError("DELETE /runners", status, `said ${status}`);
/** As the clients of the AWS SDK throw it. */
const aws = (name: string, httpStatusCode: number): Error =>
  Object.assign(new Error(`${name} was said`), { name, $metadata: { httpStatusCode } });

const trouble: [string, Error][] = [
  ["no answer of GitHub's", github(0)],
  ["GitHub's 500", github(500)],
  ["GitHub's 502", github(502)],
  ["GitHub's 503", github(503)],
  ["a 500 of AWS", aws("InternalServerError", 500)],
  // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
  ["EC2's throttle, which is a 503", aws("RequestLimitExceeded", 503)],
  ["a throttle of DynamoDB or Parameter Store", aws("ThrottlingException", 400)],
  ["a throttle of Lambda", aws("TooManyRequestsException", 429)],
  ["a connection that was cut", Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" })],
  [
    "what AWS itself calls retryable",
    new ReplicatedWriteConflictException({ message: "conflict", $metadata: { httpStatusCode: 400 } }),
  ],
];
const refusals: [string, Error][] = [
  ["GitHub's 403", github(403)],
  ["GitHub's 404", github(404)],
  ["GitHub's 422", github(422)],
  ["a right that AWS does not see", aws("AccessDeniedException", 400)],
  ["an error of our own", new TypeError("undefined is not a function")],
];

let logs: CapturedLogs;
beforeEach(() => {
  logs = captureLogs();
});
afterEach(() => logs.restore());

const fail = (error: Error) => (): Promise<never> => Promise.reject(error);
const told = () => logs.lines().map(({ level, message, Alarms }) => ({ level, message, Alarms }));
const warned = { level: "WARN", message: "sweep met trouble", Alarms: undefined };
const alarmed = { level: "ERROR", message: "sweep failed", Alarms: 1 };

describe("a part of the sweep", () => {
  it.each(trouble)("only warns of trouble that passes: %s", async (_, error) => {
    expect(await attempt(sweep, PART, fail(error))).toBeUndefined();

    expect(told()).toEqual([warned]);
    expect(logs.lines()).toMatchObject([{ ...PART, failures: 1 }]);
  });

  it.each(refusals)("rings the alarm for what a person has to look at: %s", async (_, error) => {
    expect(await attempt(sweep, PART, fail(error))).toBeUndefined();

    expect(told()).toEqual([alarmed]);
    expect(logs.lines()).toMatchObject([{ ...PART, installation: INSTALLATION, failures: 1 }]);
  });

  it("says nothing when all went well", async () => {
    expect(await attempt(sweep, PART, () => Promise.resolve(7))).toBe(7);

    expect(told()).toEqual([]);
  });
});

describe("a part of the sweep that does something for each", () => {
  const all = (...errors: (Error | "well")[]) =>
    each(sweep, PART, errors, (error) => (error === "well" ? Promise.resolve("done") : fail(error)()));

  it.each([
    ["before", [github(403), github(502)]],
    ["after", [github(502), github(403)]],
  ])("rings the alarm for the refusal that comes %s trouble", async (_, errors) => {
    expect(await all(...errors, "well")).toEqual(["done"]);

    expect(told()).toEqual([alarmed]);
    expect(logs.lines()).toMatchObject([{ failures: 2 }]);
    expect(logs.text()).toContain("said 403");
  });

  it("warns once of much trouble", async () => {
    expect(await all(github(502), "well", aws("InternalServerError", 500))).toEqual(["done"]);

    expect(told()).toEqual([warned]);
    expect(logs.lines()).toMatchObject([{ failures: 2 }]);
  });

  it("tells of trouble beside GitHub's limit, which is none", async () => {
    await all(github(502), new LimitedError("app", START));

    expect(told()).toEqual([{ level: "WARN", message: "sweep limited", Alarms: undefined }, warned]);
    expect(logs.lines()[1]).toMatchObject({ failures: 1 });
  });

  describe("that has not the time for all", () => {
    const items = Array.from({ length: 25 }, (_, index) => index);
    /** What is begun in one sweep that has time for so many. */
    const sweepWithTimeFor = async (most: number): Promise<number[]> => {
      const begun: number[] = [];
      const hasTime = (): boolean => begun.length < most;
      await each({ ...sweep, hasTime }, { part: "for all" }, items, (item) =>
        Promise.resolve(begun.push(item)),
      );
      return begun;
    };

    it("goes on in the next sweep where it stopped", async () => {
      expect(await sweepWithTimeFor(10)).toEqual(items.slice(0, 10));
      expect(await sweepWithTimeFor(10)).toEqual(items.slice(10, 20));
      expect(await sweepWithTimeFor(10)).toEqual([...items.slice(20), ...items.slice(0, 5)]);
      expect(await sweepWithTimeFor(100)).toEqual([...items.slice(5), ...items.slice(0, 5)]);
      expect(await sweepWithTimeFor(100)).toEqual(items);
    });

    it("goes on with the others when GitHub asked for patience", async () => {
      const begun: number[] = [];
      const limit = (item: number): Promise<never> => {
        begun.push(item);
        return fail(new LimitedError("app", START))();
      };
      await each(sweep, { part: "limited" }, items, limit);
      await each(sweep, { part: "limited" }, items, limit);

      expect(begun).toEqual(items.slice(0, 20));
    });
  });
});
