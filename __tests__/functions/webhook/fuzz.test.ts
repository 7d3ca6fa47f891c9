import { createHmac } from "node:crypto";
import type { DeliveryRequest } from "../../../functions/webhook/delivery";
import type { JobMessage } from "../../../functions/shared/contract";
import { MEMORY_MB } from "../../../constructs/tuning";
import { WEBHOOK_TIMEOUT_SECONDS } from "../../../constructs/webhook-limits";
import { logger } from "../../../functions/shared/logger";
import { answerRequest } from "../../../functions/webhook/answer-request";
import { createSecretStore } from "../../../functions/webhook/secret-store";
import { largeBodies } from "./large-bodies";
import { BODIES, ENVELOPES, genuine, wrap, type Bent } from "./mutations";
import { randomOf, type Random } from "./random";
import { SECRET, settings, sign } from "./support";

const SEED = Number(process.env.FUZZ_SEED ?? 20260901);
const CASES = Number(process.env.FUZZ ?? 10_000);

/** Lambda gives a function one core at 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const MB_OF_ONE_CORE = 1_769;
/** What the function can compute within its timeout, counted in milliseconds of a whole core. */
const LIMIT_MS = (WEBHOOK_TIMEOUT_SECONDS * 1_000 * MEMORY_MB.webhook) / MB_OF_ONE_CORE;

const secrets = { current: SECRET, previous: "the one before" };
const sent: JobMessage[] = [];
const worldOf = (sourceAddresses?: readonly string[]) => ({
  settings: { ...settings, sourceAddresses },
  store: createSecretStore(() => Promise.resolve(JSON.stringify(secrets))),
  send: (message: JobMessage) => Promise.resolve(void sent.push(message)),
  now: Date.now,
});
const open = worldOf();
const listed = worldOf(["192.30.252.0/22", "2a0a:a440::/29"]);

const signatures = ({ headers = {} }: DeliveryRequest): readonly string[] =>
  Object.entries(headers)
    .filter(([name]) => name.toLowerCase() === "x-hub-signature-256")
    .map(([, value]) => String(value).toLowerCase());

const isSigned = (request: DeliveryRequest): boolean => {
  const { body = "", isBase64Encoded } = request;
  const bytes = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  return Object.values(secrets).some((secret) =>
    signatures(request).includes(`sha256=${createHmac("sha256", secret).update(bytes).digest("hex")}`),
  );
};

/** Of the addresses that the mutations give, one is on the list. */
const isListed = ({ requestContext }: DeliveryRequest): boolean =>
  requestContext?.http?.sourceIp === "192.30.252.1";

interface Seen {
  readonly status: number;
  readonly milliseconds: number;
}

let log: string[] = [];

/** What one request must never do, whatever it is. */
const judge = async (request: DeliveryRequest, world = open): Promise<Seen> => {
  sent.length = 0;
  log = [];
  const before = process.cpuUsage();
  const { statusCode: status = 0 } = await answerRequest(request, () => Promise.resolve(world));
  const { user, system } = process.cpuUsage(before);
  const milliseconds = (user + system) / 1_000;
  const isRead = status !== 401 && status !== 403;
  const signed = isSigned(request);
  const wrong = [
    [isRead && !signed, "forged, and not refused"],
    [status === 401 && signed && signatures(request).length === 1, "signed, and refused"],
    [status === 403 && world === open, "refused for its address without a list"],
    [status !== 403 && world === listed && !isListed(request), "not on the list, and not refused"],
    [![200, 202, 400, 401, 403].includes(status), "no answer of these"],
    [sent.length !== (status === 202 ? 1 : 0), `queued ${sent.length} jobs`],
    [milliseconds > LIMIT_MS, `took ${milliseconds} ms`],
    [log.length !== 1 || log[0]!.indexOf("\n") !== log[0]!.length - 1, "not one line in the log"],
    [
      log.some((line) => line.includes(SECRET) || line.includes("sha256=")),
      "a secret or signature in the log",
    ],
  ].flatMap(([isWrong, what]) => (isWrong ? [what] : []));
  if (wrong.length > 0) throw new Error(`answered ${status}: ${wrong.join("; ")}`);
  return { status, milliseconds };
};

/** Bends one genuine request up to four times, and tells how. */
const bend = (bent: Bent, random: Random): readonly string[] => {
  const done: string[] = [];
  const apply = (table: typeof BODIES, most: number): void => {
    for (let left = random.below(most + 1); left > 0; left--) {
      const name = random.of(Object.keys(table));
      table[name]!(bent, random);
      done.push(name);
    }
  };
  apply(BODIES, 2);
  if (random.chance(0.5)) {
    bent.headers["x-hub-signature-256"] = sign(bent.raw, random.of(Object.values(secrets)));
    done.push("signed anew");
  }
  apply(ENVELOPES, 2);
  return done;
};

const told = (title: string, seen: readonly Seen[]): string => {
  const sorted = seen.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  const counts = new Map<number, number>();
  for (const { status } of seen) counts.set(status, (counts.get(status) ?? 0) + 1);
  const times = `median ${sorted[sorted.length >> 1]} ms, max ${sorted.at(-1)} ms, limit ${LIMIT_MS.toFixed(0)} ms`;
  return `fuzz: ${title}, FUZZ_SEED=${SEED}: ${JSON.stringify(Object.fromEntries(counts))}; of a core: ${times}\n`;
};

const statuses = (seen: readonly Seen[]): readonly number[] =>
  [...new Set(seen.map(({ status }) => status))].sort((one, other) => one - other);

describe("the webhook's door", () => {
  let output = "";
  beforeEach(() => {
    logger.setLogLevel("DEBUG");
    const write = (chunk: unknown) => log.push(String(chunk)) > 0;
    jest.spyOn(process.stdout, "write").mockImplementation(write);
    jest.spyOn(process.stderr, "write").mockImplementation(write);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    logger.setLogLevel("SILENT");
    process.stdout.write(output);
  });

  it(`holds against ${CASES} bent requests`, async () => {
    const seen: Seen[] = [];
    for (let index = 0; index < CASES; index++) {
      const random = randomOf(SEED + Math.imul(index, 0x9e3779b9));
      const bent = genuine(random);
      const done = bend(bent, random);
      const world = random.chance(0.3) ? listed : open;
      await judge(wrap(bent), world).then(
        (one) => seen.push(one),
        (error: Error) => {
          throw new Error(`FUZZ_SEED=${SEED}, case ${index} (${done.join(", ")}): ${error.message}`, {
            cause: error,
          });
        },
      );
    }
    output = told(`${CASES} requests`, seen);
    expect(statuses(seen)).toEqual([200, 202, 400, 401, 403]);
  }, 120_000);

  it("holds against bodies as large as Lambda takes", async () => {
    const random = randomOf(SEED);
    const seen: Seen[] = [];
    for (const [name, body, isBase64Encoded] of largeBodies(random)) {
      const raw = Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
      for (const signature of [sign(raw), sign("another body")]) {
        const { headers } = genuine(random);
        const request = { headers: { ...headers, "x-hub-signature-256": signature }, body, isBase64Encoded };
        await judge(request).then(
          (one) => seen.push(one),
          (error: Error) => {
            throw new Error(`FUZZ_SEED=${SEED}, ${name}: ${error.message}`, { cause: error });
          },
        );
      }
    }
    output = told(`${seen.length} of up to 6 MB`, seen);
    expect(statuses(seen)).toEqual([200, 202, 400, 401]);
  }, 60_000);
});
