/** Lets the bundled webhook function answer many deliveries, one after the other as Lambda does, and tells how long each took. */
import diagnostics from "node:diagnostics_channel";
import { SECRET, request, workflowJobs } from "../../../__tests__/functions/webhook/support";
import { OWNER, PLAIN } from "../../../__tests__/chaos/workload";
import type { Answered } from "../parts/webhook";

type Handler = (event: unknown) => Promise<{ readonly statusCode: number }>;

const [, , program = "", blocks = "1", blockSize = "1", warmUp = "1"] = process.argv;

/** GitHub's own examples, made to speak of the organization and the labels that are served. */
const deliveries = (count: number, firstId: number): unknown[] =>
  Array.from({ length: count }, (_, index) => {
    const example = structuredClone(workflowJobs[index % workflowJobs.length]!);
    const payload = {
      ...example,
      repository: {
        ...example.repository,
        private: true,
        owner: { ...example.repository.owner, login: OWNER },
      },
      workflow_job: { ...example.workflow_job, id: firstId + index, labels: [...PLAIN] },
    };
    return request(payload, { secret: SECRET });
  });

let waitingSince = 0;
let waited = 0;
diagnostics.subscribe("http.client.request.start", () => (waitingSince = performance.now()));
diagnostics.subscribe("http.client.response.finish", () => (waited += performance.now() - waitingSince));

const answer = async (handler: Handler, events: readonly unknown[]): Promise<Answered> => {
  const answered = { whole: [] as number[], own: [] as number[], taken: 0, seconds: 0 };
  const begun = performance.now();
  for (const event of events) {
    waited = 0;
    const start = performance.now();
    const { statusCode } = await handler(event);
    const whole = performance.now() - start;
    answered.whole.push(whole);
    answered.own.push(whole - waited);
    if (statusCode === 202) answered.taken++;
  }
  return { ...answered, seconds: (performance.now() - begun) / 1000 };
};

const main = async (): Promise<void> => {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- which program is known only now
  const { handler } = require(program) as { handler: Handler };
  await answer(handler, deliveries(Number(warmUp), 1));
  const all: Answered[] = [];
  for (let block = 1; block <= Number(blocks); block++)
    all.push(await answer(handler, deliveries(Number(blockSize), block * 1_000_000)));
  process.send?.(all, () => process.exit());
};

void main();
