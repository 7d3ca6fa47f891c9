import { hostileJob } from "./scenario";
import type { Outcome } from "./scenario";
import { FINISH_SECONDS, useWorld } from "./world";

const { live } = useWorld();

const REFUSED = /^AccessDeniedException\nexit 0$/;

type Attempt = readonly [name: string, outcome: RegExp];

/** What a role that can do nothing more is worth to a job that is root. */
const holds: readonly Attempt[] = [
  ["metadata-in-unit", /exit (7|28)$/],
  ["metadata-ipv6-in-unit", /exit (7|28)$/],
  ["take-another", REFUSED],
  ["lay-own", REFUSED],
  ["read-own", REFUSED],
  ["read-all", REFUSED],
  ["read-ledger", REFUSED],
  ["app-key", REFUSED],
  ["installation-token", REFUSED],
  ["registration-token", REFUSED],
  ["launch-machines", REFUSED],
  ["end-machines", REFUSED],
  ["list-machines", REFUSED],
  ["tag-machine", REFUSED],
  ["read-own-log", REFUSED],
  ["delete-own-log", REFUSED],
  ["write-another-log", REFUSED],
  ["registration", /^exit 0$/],
  ["user-data", /^0\nexit 1$/],
  ["secrets-on-disk", /^exit [12]$/],
  ["secrets-of-processes", /^0\nexit 1$/],
];

/** What `allowSudo` gives up, as its documentation says. */
const givenUp: readonly Attempt[] = [
  ["root", /^0\nexit 0$/],
  ["metadata-out-of-unit", /^exit 0$/],
  ["take-own", /^\{\}\nexit 0$/],
  ["write-own-log", /^\{\}\nexit 0$/],
  ["stop-limits", /^exit 0$/],
  ["limits-left", /^0\nexit 0$/],
];

describe("a hostile job, as root", () => {
  let outcome: Outcome;
  let endedAt: number;

  beforeAll(async () => {
    outcome = await live({
      job: `STOP_LIMITS=yes\n${hostileJob("root.sh")}`,
      props: { allowSudo: true },
    });
    endedAt = Date.now();
  });

  it.each(holds)("is held up in %s", (name, expected) => {
    expect(outcome.told.get(name)).toMatch(expected);
  });

  it.each(givenUp)("is let through in %s", (name, expected) => {
    expect(outcome.told.get(name)).toMatch(expected);
  });

  it("has no attempt that is not told here", () => {
    const known = ["run-environ", "end", ...[...holds, ...givenUp].map(([name]) => name)];
    expect([...outcome.told.keys()].sort()).toEqual(known.sort());
  });

  it("powers off all the same when the job ends, because the runner's unit does", () => {
    expect(endedAt - (outcome.toldAt.get("end") ?? 0)).toBeLessThan(FINISH_SECONDS * 1000);
    expect(outcome.calls.at(-1)?.target).toBe("Logs_20140328.PutLogEvents");
  });
});
