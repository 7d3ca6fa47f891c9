import { createHmac } from "node:crypto";
import type { DeliveryRequest } from "../../../functions/webhook/delivery";
import { published, SECRET, selfHosted, sign } from "./support";
import type { Random } from "./random";

/** A request while it is bent: `raw` are the bytes of its body, `sent` how they travel. */
export interface Bent {
  headers: Record<string, string>;
  raw: Buffer;
  sent?: { body?: string; isBase64Encoded?: boolean };
  sourceIp?: string;
}

/** One way to bend a request. What is bent before the signature is made anew may be genuine still. */
export type Mutation = (bent: Bent, random: Random) => void;

const SIGNATURE = "x-hub-signature-256";
const ODD_TEXTS = ["", " ", "\0", "\n", "ü", "🏃", "\ud800", "\u202e", "ſ", "K", "null", "__proto__", "%00"];
const ODD_KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "toJSON", "then"];
const ODD_VALUES = [null, true, -1, 1e308, 2 ** 53, "", "9".repeat(400), [], {}, [[]], { length: 1e9 }];
const FIELDS = ["action", "repository", "workflow_job", "organization", "sender"];
const JOB_FIELDS = ["id", "run_id", "run_attempt", "labels", "created_at", "runner_name", "conclusion"];

const real: readonly Bent[] = [
  ...(["queued", "in_progress", "completed"] as const).map((action) => ["workflow_job", selfHosted(action)]),
  ...["workflow_job", "ping", "push"].map((event) => [event, published(event)[0]]),
].map(([event, payload]) => ({
  headers: {
    "content-type": "application/json",
    "x-github-event": event as string,
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    [SIGNATURE]: sign(JSON.stringify(payload)),
  },
  raw: Buffer.from(JSON.stringify(payload)),
}));

/** One of GitHub's own, signed. */
export const genuine = (random: Random): Bent => {
  const one = random.of(real);
  return { ...one, headers: { ...one.headers } };
};

const define = (target: object, key: string, value: unknown): void => {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
};

const inJson = (bent: Bent, change: (payload: Record<string, unknown>) => void): void => {
  try {
    const payload = JSON.parse(bent.raw.toString()) as Record<string, unknown>;
    change(payload);
    bent.raw = Buffer.from(JSON.stringify(payload));
  } catch {
    // Bent too far to be JSON any more: the next one has its turn.
  }
};

const splice = ({ raw }: Bent, at: number, removed: number, added: Uint8Array): Buffer =>
  Buffer.concat([raw.subarray(0, at), added, raw.subarray(at + removed)]);

/** The bytes, and what they say. */
export const BODIES: Readonly<Record<string, Mutation>> = {
  bytes: (bent, random) => {
    bent.raw = Buffer.from(bent.raw);
    for (let left = random.below(4); left >= 0; left--)
      bent.raw[random.below(bent.raw.length)]! ^= 1 + random.below(255);
  },
  shorter: (bent, random) => void (bent.raw = bent.raw.subarray(0, random.below(bent.raw.length))),
  longer: (bent, random) =>
    void (bent.raw = splice(bent, random.below(bent.raw.length), 0, Buffer.from(random.of(ODD_TEXTS)))),
  spaces: (bent, random) =>
    void (bent.raw = Buffer.concat([bent.raw, Buffer.alloc(1 + random.below(3), 32)])),
  mark: (bent) => void (bent.raw = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bent.raw])),
  utf16: (bent) => void (bent.raw = Buffer.from(bent.raw.toString(), "utf16le")),
  empty: (bent) => void (bent.raw = Buffer.alloc(0)),
  depth: (bent, random) => {
    const depth = random.below(2_000);
    const [open, close] = random.of([["[", "]"] as const, ['{"a":', "}"] as const]);
    const deep = open.repeat(depth) + "1" + close.repeat(random.chance(0.8) ? depth : 0);
    bent.raw = Buffer.from(`{"action":"queued","workflow_job":${deep}}`);
  },
  prototype: (bent, random) =>
    inJson(bent, (payload) => {
      const target = random.chance(0.5) ? payload : (payload.workflow_job ?? payload);
      define(target, random.of(ODD_KEYS), random.of([...ODD_VALUES, { status: 202, private: true }]));
    }),
  field: (bent, random) =>
    inJson(bent, (payload) => define(payload, random.of(FIELDS), random.of(ODD_VALUES))),
  jobField: (bent, random) =>
    inJson(bent, ({ workflow_job: job }) => {
      if (typeof job === "object" && job) define(job, random.of(JOB_FIELDS), random.of(ODD_VALUES));
    }),
  text: (bent, random) =>
    inJson(bent, (payload) =>
      define(payload, "action", random.of(["queued", "completed", ...ODD_KEYS]) + random.of(ODD_TEXTS)),
    ),
  twice: (bent, random) =>
    void (bent.raw = splice(bent, 1, 0, Buffer.from(`"${random.of(FIELDS)}":${random.of(["1", "{}"])},`))),
};

/** Nobody's secrets. */
const WRONG_SECRETS = ["", "unset", "undefined", "null", SECRET.toLowerCase(), `${SECRET} `];

/** The digest of the same bytes, but not by the secret, or not written as GitHub writes it. */
const wrongSignature = (raw: Buffer, random: Random): string => {
  if (random.chance(0.3)) return sign(raw, random.of(WRONG_SECRETS));
  const hash = random.of(["sha256", "sha256", "sha256", "sha1", "sha512"]);
  const good = createHmac(hash, SECRET).update(raw).digest("hex");
  const at = random.below(good.length);
  const mark = random.of([" ", "\n", ",", ";", "\0"]);
  return random.of([
    ...["", "sha256=", "sha256=0", `sha256=${"0".repeat(64)}`, good, `sha1=${good}`, `SHA256=${good}`],
    `sha256=${good.slice(0, at)}`,
    `sha256=${good}${good.slice(at)}`,
    `sha256=${good.slice(0, 64)}`,
    `sha256=${good.slice(0, at)}${random.of(["g", "０", "\0", "ſ", " "])}${good.slice(at + 1)}`,
    ...[`${mark}sha256=${good}`, `sha256=${good}${mark}`, `sha256=${good},sha256=${good}`],
    `sha256=${good.toUpperCase()}`,
    `sha256=${Buffer.from(good, "hex").toString("base64")}`,
  ]);
};

const rename = (headers: Bent["headers"], from: string, to: string): void => {
  const value = headers[from];
  if (value === undefined) return;
  delete headers[from];
  define(headers, to, value);
};

const anyHeader = ({ headers }: Bent, random: Random): string =>
  random.of([...Object.keys(headers), SIGNATURE]);

/** What travels beside the body, and how the body does. */
export const ENVELOPES: Readonly<Record<string, Mutation>> = {
  signature: (bent, random) => void (bent.headers[SIGNATURE] = wrongSignature(bent.raw, random)),
  dropped: (bent, random) => void delete bent.headers[anyHeader(bent, random)],
  cased: (bent, random) => {
    const name = anyHeader(bent, random);
    rename(
      bent.headers,
      name,
      [...name].map((letter) => (random.chance(0.5) ? letter.toUpperCase() : letter)).join(""),
    );
  },
  unicodeName: (bent, random) =>
    // ſ is S in upper case, and İ is i with a dot in lower case.
    rename(
      bent.headers,
      anyHeader(bent, random),
      random.of(["x-hub-ſignature-256", "X-HUB-SİGNATURE-256", "X-HUB-SIGNATURE-２５６"]),
    ),
  doubled: (bent, random) => {
    const name = anyHeader(bent, random);
    define(bent.headers, name.toUpperCase(), random.of([bent.headers[name] ?? "", ...ODD_TEXTS, sign("x")]));
  },
  joined: (bent, random) => {
    const name = anyHeader(bent, random);
    bent.headers[name] = `${bent.headers[name]},${random.of([bent.headers[name] ?? "", ...ODD_TEXTS])}`;
  },
  value: (bent, random) => void (bent.headers[anyHeader(bent, random)] = random.of(ODD_TEXTS).repeat(9)),
  strange: (bent, random) => define(bent.headers, random.of(ODD_KEYS), random.of(ODD_TEXTS)),
  form: (bent) => void (bent.headers["content-type"] = "application/x-www-form-urlencoded; charset=utf-8"),
  noBody: (bent) => void (bent.sent = {}),
  wrongFlag: (bent, random) => {
    const isBase64Encoded = random.chance(0.5);
    bent.sent = { body: bent.raw.toString(isBase64Encoded ? "utf8" : "base64"), isBase64Encoded };
  },
  brokenBase64: (bent, random) => {
    const text = bent.raw.toString("base64");
    const at = random.below(text.length + 1);
    const body = text.slice(0, at) + random.of(["=", "-", "_", "!", "\n", "ü", "===="]) + text.slice(at);
    bent.sent = { body, isBase64Encoded: true };
  },
  text: (bent) => void (bent.sent = { body: bent.raw.toString(), isBase64Encoded: false }),
  address: (bent, random) =>
    void (bent.sourceIp = random.of(["198.51.100.1", "::1", "", "::ffff:198.51.100.1", "192.30.252.999"])),
};

/** As API Gateway hands it over. */
export const wrap = ({ headers, raw, sent, sourceIp }: Bent): DeliveryRequest => ({
  headers,
  ...(sent ?? { body: raw.toString("base64"), isBase64Encoded: true }),
  requestContext: { http: { sourceIp: sourceIp ?? "192.30.252.1" } },
});
