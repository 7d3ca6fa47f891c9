import type { Github } from "../support/github-core";
import type { Clock } from "./clock";
import type { Sandbox } from "./lambda";
import type { Random } from "./random";
import { never, type Wire } from "./wire";
import type { FaultKind } from "./wire-tables";

export const LATENCY_MS = [80, 600] as const;

/**
 * The way from a function to GitHub's REST API, as a `fetch`: latency, faults, and the death of the caller. Nothing
 * repeats a call here but the functions themselves.
 */
export const webOf = (
  { clock, random, wire, github }: { clock: Clock; random: Random; wire: Wire; github: Github },
  sandbox?: Sandbox,
): typeof fetch => {
  const step = (): Promise<void> => (sandbox ? wire.step(sandbox) : Promise.resolve());
  const ask = async (fault: FaultKind | undefined, input: string, init: RequestInit): Promise<Response> => {
    if (fault === "failed") return answer(502, "Bad Gateway");
    if (fault === "throttled") return random.pick(limits)();
    if (fault === "silent") return never;
    const response = await github.fetch(input, init);
    return fault === "lost" ? random.pick([() => never, cut])() : response;
  };
  return async (input, init = {}) => {
    await step();
    wire.count(nameOf(init.method, new URL(input)));
    const milliseconds = random.between(LATENCY_MS);
    await clock.sleep(milliseconds / 2);
    // The signal ends the wait, and not what GitHub does.
    const { signal, ...asked } = init;
    try {
      return await Promise.race([ask(wire.draw(), input as string, asked), aborted(signal)]);
    } finally {
      await clock.sleep(milliseconds / 2);
      await step();
    }
  };
};

const answer = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Response =>
  new Response(JSON.stringify({ message: text }), {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
  });

/** Secondary limits are met for reasons that GitHub does not tell. */
const limits = [
  () => answer(403, "You have exceeded a secondary rate limit.", { "retry-after": "30" }),
  () => answer(429, "Too many requests.", { "retry-after": "10" }),
];

const cut = (): never => {
  throw new TypeError("fetch failed", { cause: new Error("other side closed") });
};

const aborted = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });

/** `GitHub POST actions/runners/generate-jitconfig`: without what varies. */
const nameOf = (method = "GET", { pathname }: URL): string => {
  const path = pathname.replace(/^\/(orgs\/[^/]+|repos\/[^/]+\/[^/]+|app)\//, "").replace(/\d+/g, "N");
  return `GitHub ${method} ${path}`;
};
