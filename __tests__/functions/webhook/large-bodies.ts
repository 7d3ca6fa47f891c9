import { MAXIMUM_BYTES } from "../../../functions/webhook/read-payload";
import { selfHosted } from "./support";
import type { Random } from "./random";

type LargeBody = readonly [name: string, body: string, isBase64Encoded: boolean];

/** 6 MB for the event as JSON (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), less the headers. */
const MAXIMUM = 6 * 1024 * 1024 - 4 * 1024;

const job = selfHosted("queued");
const withJob = (more: object): string =>
  JSON.stringify({ ...job, workflow_job: { ...job.workflow_job, ...more } });
const filled = (around: string, fill: string, size: number): string =>
  around.replace("@", () => fill.repeat(Math.floor((size - around.length) / fill.length)));

/** Bodies of so many characters that cost the most to read. */
const ofSize: Readonly<Record<string, (size: number) => string>> = {
  "a job and spaces": (size) => JSON.stringify(job).padEnd(size),
  "a job with a long field": (size) => filled(withJob({ name: "@" }), "n", size),
  "a job with a long field in Unicode": (size) => filled(withJob({ name: "@" }), "🏃", size / 2),
  "a job with many labels": (size) => filled(withJob({ labels: ["@"] }), 'l","', size),
  "a job with a long repository": (size) =>
    filled(JSON.stringify({ ...job, repository: { ...job.repository, full_name: "a/@!" } }), "a-", size),
  "a job with a long time": (size) => filled(withJob({ created_at: "@" }), "2023-04-19 ", size),
  "a job with a long runner": (size) => filled(withJob({ runner_name: "runners-@" }), "k8s-", size),
  "many keys": (size) =>
    `{${Array.from({ length: size / 12 }, (_, key) => `"${key}":1`).join()}}`.slice(0, size),
  "deep lists": (size) => `{"action":${"[".repeat(size / 2 - 8)}${"]".repeat(size / 2 - 8)}}`,
  "deep objects": (size) => '{"a":'.repeat(size / 5),
  "many escapes": (size) => filled('{"action":"@"}', "\\u0041", size),
  "a long number": (size) => filled('{"action":@}', "9", size),
};

/** Each of 6 MB as text, and in base64 of just what is read and of more. */
export function* largeBodies(random: Random): Generator<LargeBody> {
  for (const [name, make] of Object.entries(ofSize)) {
    yield [name, make(MAXIMUM), false];
    for (const size of [MAXIMUM_BYTES - 16, MAXIMUM_BYTES + random.below(MAXIMUM / 2)])
      yield [`${name} in base64`, Buffer.from(make(size)).toString("base64"), true];
  }
  const bytes = Buffer.from(Uint8Array.from({ length: (MAXIMUM / 4) * 3 }, () => random.below(256)));
  yield ["any bytes", bytes.toString("base64"), true];
}
