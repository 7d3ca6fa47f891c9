import { refusalOf } from "./aws-refusals";
import { machinesAskedFor, type Ec2Capacity } from "./ec2-capacity";
import type { FaultKind, Faults } from "./faults";
import type { Call, Interception, Proxy, Reply } from "./proxy";
import type { AwsThrottle } from "./token-buckets";

type Refusal = Extract<FaultKind, "error" | "throttle">;

export interface FaultProxyOptions {
  readonly faults?: Faults;
  /** What a call that fails is answered with. */
  readonly refusal: (call: string, kind: Refusal) => Reply;
  readonly throttle?: AwsThrottle;
  readonly capacity?: Ec2Capacity;
  /** Calls that are hit. Default: all */
  readonly hits?: (call: Call) => boolean;
  /** Ends the function whose call it is. */
  readonly crash?: (call: Call) => void;
}

/** Lets a proxy do to calls what a service does on a bad day. Answers with what ends that. */
export const withFaults = (proxy: Proxy, options: FaultProxyOptions): (() => void) => {
  const { faults, refusal, throttle, capacity, hits = () => true, crash } = options;
  proxy.intercept = (call): Interception | undefined => {
    const throttled = throttle?.refuse(call.name, machinesOf(call));
    if (throttled) return { reply: throttled };
    const { kind } = (hits(call) && faults?.decide(call.name)) || { kind: "none" };
    if (kind === "error" || kind === "throttle") return { reply: refusal(call.name, kind) };
    const atCut = (): void => crash?.(call);
    if (kind === "crashBefore") return { cut: "before", atCut };
    const changed = capacity?.intercept(call);
    if (kind === "lostAnswer") return { ...changed, cut: "after" };
    if (kind === "crashAfter") return { ...changed, cut: "after", atCut };
    return changed;
  };
  return () => {
    proxy.intercept = undefined;
  };
};

const machinesOf = ({ name, body }: Call): number =>
  name === "ec2:CreateFleet" ? machinesAskedFor(new URLSearchParams(body)) : 1;

export const awsRefusal: FaultProxyOptions["refusal"] = refusalOf;

/** https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
const githubAnswers: Readonly<Record<Refusal, Omit<Reply, "headers"> & { readonly retryAfter?: string }>> = {
  error: { status: 502, body: "Server Error" },
  throttle: { status: 403, body: "You have exceeded a secondary rate limit.", retryAfter: "60" },
};

export const githubRefusal: FaultProxyOptions["refusal"] = (_call, kind) => {
  const { status, body, retryAfter } = githubAnswers[kind];
  return {
    status,
    headers: { "content-type": "application/json", ...(retryAfter && { "retry-after": retryAfter }) },
    body: JSON.stringify({ message: body }),
  };
};
