import { dirname, join, resolve } from "node:path";
import { PLAIN, OWNER } from "../../../__tests__/chaos/workload";
import { request, SECRET, workflowJobs } from "../../../__tests__/functions/webhook/support";
import { compile } from "../../../__tests__/support/compile";
import { event } from "../../../__tests__/support/fleet-world";
import { MAXIMUM_BYTES } from "../../../functions/webhook/read-payload";
import { figureOf, type Figure, type PartOptions } from "../figure";
import { functionNames, functionOf, unpack, type FunctionName } from "../functions";
import { nodeOf } from "../nodes";
import { withFolder } from "../with-folder";
import { addresses, FLEET, layGround } from "./ground";
import { openProcessor } from "./processor";
import { MB_OF_ONE_CORE, startSandbox, type SandboxOptions } from "./sandbox";
import { makeCertificate } from "./tls";

export const memories: readonly number[] = [128, 256, 512, 1024, MB_OF_ONE_CORE];

interface Scenario {
  readonly name: string;
  readonly event: () => unknown;
  /** Sandboxes that are started, one after the other. */
  readonly runs: number;
}

interface Plan {
  readonly scenarios: readonly [Scenario, ...Scenario[]];
  /** What takes most memory, with machines at work. */
  readonly worst: { readonly machines: number; readonly event: () => unknown };
}

/** More than in one fleet of any burst here. */
const CROWD = 1000;
const WARM = 2;
/** With less, the times say no more than that it is too little: one run does. */
const LEAST_MB = 256;

let lastJob = 1_000_000;

const delivery = (): unknown => {
  const [example] = workflowJobs;
  const repository = {
    ...example?.repository,
    private: true,
    owner: { ...example?.repository.owner, login: OWNER },
  };
  const job = { ...example?.workflow_job, id: ++lastJob, labels: [...PLAIN] };
  return request({ ...example, repository, workflow_job: job }, { secret: SECRET });
};

/** The largest that is parsed, of what takes most room once it is. */
const lists = (): unknown => {
  const [head, each, end] = ['{"action":[[]', ",[]", "]}"];
  const count = Math.floor((MAXIMUM_BYTES - head.length - end.length) / each.length);
  return request(`${head}${each.repeat(count)}${end}`, { secret: SECRET });
};

const jobs = (count: number) => (): unknown => ({
  Records: Array.from({ length: count }, () => {
    const now = new Date().toISOString();
    const body = event("queued", ++lastJob, 0, { fleet: FLEET, createdAt: now, receivedAt: now });
    return { messageId: `message-${lastJob}`, body: JSON.stringify(body) };
  }),
});

const notice = (): unknown => ({
  time: new Date().toISOString(),
  "detail-type": "EC2 Spot Instance Interruption Warning",
  detail: { "instance-id": "i-00000000000000001" },
});

const plans: Readonly<Record<FunctionName, Plan>> = {
  webhook: {
    scenarios: [{ name: "1 delivery", event: delivery, runs: 3 }],
    worst: { machines: 0, event: lists },
  },
  launch: {
    scenarios: [
      { name: "1 job", event: jobs(1), runs: 2 },
      { name: "10 jobs", event: jobs(10), runs: 1 },
    ],
    worst: { machines: CROWD, event: jobs(10) },
  },
  sweep: {
    scenarios: [{ name: "no machines", event: () => ({}), runs: 1 }],
    worst: { machines: CROWD, event: () => ({}) },
  },
  "rotate-tokens": {
    scenarios: [{ name: "1 token", event: () => ({ refresh: true }), runs: 1 }],
    worst: { machines: 0, event: () => ({ refresh: true }) },
  },
  interruption: {
    scenarios: [{ name: "1 notice", event: notice, runs: 1 }],
    worst: { machines: 0, event: notice },
  },
};

/** Shows that it works. */
const quickOnes = { names: ["webhook", "launch"], memories: [512, MB_OF_ONE_CORE] } as const;

/** Lambda's log says some 70 MB of a Node function that does nothing, of which the part `cold` sees 46. */
const RUNTIME_MB = 25;
/** Of the memory. */
const MOST = { ordinary: 1 / 2, worst: 2 / 3 } as const;

export const hasRoomFor = (peakMb: number, memoryMb: number, work: keyof typeof MOST): boolean =>
  peakMb + RUNTIME_MB <= memoryMb * MOST[work];

export const COLD = "cold";
export const WARMED = "warm";
export const PEAK = "peak memory";
export const WORST = "peak memory at the worst";
export const memoryName = (name: FunctionName, memoryMb: number): string => `${name}, ${memoryMb} MB`;
/** The first of each function's scenarios. */
export const scenarioOf = (name: FunctionName): string => plans[name].scenarios[0].name;

/** Each function with the share of a processor that each memory buys. Nothing where shares cannot be given. */
export const memoryFigures = ({ quick, tell }: PartOptions): Promise<Figure[]> =>
  withFolder("bench-tuning", async (work) => {
    const processor = openProcessor();
    if (!processor) {
      tell("memory is left out: to limit a process's share of a processor takes root, and Linux");
      return [];
    }
    try {
      const node = await nodeOf("22");
      const certificate = makeCertificate(work, addresses);
      const source = resolve(__dirname, "../../../__tests__/support/lambda-sandbox.ts");
      const bootstrap = compile(source, join(work, "sandbox.js"));
      const figures: Figure[] = [];
      for (const name of quick ? quickOnes.names : functionNames) {
        const task = dirname(unpack(functionOf(name).zip, join(work, name)));
        for (const memoryMb of quick ? quickOnes.memories : memories) {
          tell(memoryName(name, memoryMb));
          const measure = measureWith({ name, memoryMb, node, task, bootstrap, work, processor }, () =>
            layGround(certificate),
          );
          figures.push(...(await figuresOf(name, memoryMb, measure, quick)));
        }
      }
      return figures;
    } finally {
      await processor.remove();
    }
  });

interface Measured {
  readonly initMs: number;
  /** Milliseconds of each invocation, the first of them cold. */
  readonly invocations: readonly number[];
  readonly peakMb: number;
}

interface Measurement {
  readonly event: () => unknown;
  readonly times: number;
  readonly machines?: number;
  /** Where only memory is of interest. */
  readonly unlimited?: boolean;
}

type Measure = (measurement: Measurement) => Promise<Measured>;

const measureWith =
  (options: Omit<SandboxOptions, "ground">, lay: () => ReturnType<typeof layGround>): Measure =>
  async ({ event: make, times, machines = 0, unlimited = false }) => {
    const ground = await lay();
    try {
      if (machines > 0) await ground.crowd(machines);
      const sandbox = await startSandbox({ ...options, ground });
      try {
        if (unlimited) options.processor.limit(1);
        const invocations: number[] = [];
        for (let time = 0; time < times; time++) invocations.push(await sandbox.invoke(make()));
        return { initMs: sandbox.initMs, invocations, peakMb: sandbox.peakMb() };
      } finally {
        await sandbox.end();
      }
    } finally {
      await ground.stop();
    }
  };

const figuresOf = async (
  name: FunctionName,
  memoryMb: number,
  measure: Measure,
  quick: boolean,
): Promise<Figure[]> => {
  const title = memoryName(name, memoryMb);
  const { scenarios, worst } = plans[name];
  const figures: Figure[] = [];
  const all: Measured[] = [];
  for (const { name: what, event: make, runs } of quick ? scenarios.slice(0, 1) : scenarios) {
    const measured: Measured[] = [];
    for (let run = 0; run < (quick || memoryMb < LEAST_MB ? 1 : runs); run++)
      measured.push(await measure({ event: make, times: 1 + WARM }));
    const cold = measured.map(({ invocations }) => invocations[0]!);
    const warm = measured.flatMap(({ invocations }) => invocations.slice(1));
    all.push(...measured);
    figures.push(
      figureOf(`${title}: ${COLD}, ${what}`, "ms", cold),
      figureOf(`${title}: ${WARMED}, ${what}`, "ms", warm),
    );
  }
  const loads = all.map(({ initMs }) => initMs);
  const peakMb = Math.max(...all.map((one) => one.peakMb));
  figures.push(figureOf(`${title}: load`, "ms", loads), figureOf(`${title}: ${PEAK}`, "MB", [peakMb]));
  if (quick || !hasRoomFor(peakMb, memoryMb, "ordinary")) return figures;
  const most = await measure({ ...worst, times: 2, unlimited: true });
  return [...figures, figureOf(`${title}: ${WORST}`, "MB", [most.peakMb])];
};
