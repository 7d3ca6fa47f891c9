import type { Call } from "../proxy";
import type { Resource } from "../terraform";
import { workflowJob } from "../workflow-job";
import type { WebhookSettings } from "../../../functions/shared/contract";
import { MINUTE, RightsWorld } from "./world";

const JOBS_A_FLEET = 2;

/**
 * What the functions ask of AWS in a few hours that hold, once each, all that can happen to a machine. It sets the clock
 * of the process meanwhile, so only one runs at a time.
 */
export const recordCalls = async (resources: readonly Resource[]): Promise<Call[]> => {
  const world = new RightsWorld(resources);
  // The App signs with the time of the process.
  const { now } = Date;
  Date.now = () => world.time;
  try {
    await live(world);
  } finally {
    Date.now = now;
  }
  return world.calls;
};

const live = async (world: RightsWorld): Promise<void> => {
  await world.rotate();
  await queueJobs(world);
  // Tokens have run out meanwhile, and the answers to the launches are lost.
  world.time += 120 * MINUTE;
  world.ec2.loseAnswer = true;
  await world.launch();
  // The machines are found, too late to be registered: they are ended, and others are launched.
  world.time += 6 * MINUTE;
  await world.launch();
  world.time += MINUTE;
  world.ec2.full = true;
  await world.launch();
  // None of those comes up, tokens have run out again, and EC2 has not all that is asked for.
  world.time += 120 * MINUTE;
  world.ec2.full = true;
  world.ec2.short = true;
  await world.sweep();
  // One machine shows whether they go on being lost. It is: a person is told what the last ones wrote.
  world.time += 20 * MINUTE;
  world.ec2.short = false;
  await world.sweep();
  const machine = [...world.ec2.instances.keys()].at(-1) ?? "";
  await world.interrupt(machine);
  world.time += 20 * MINUTE;
  await world.sweep();
};

const queueJobs = async (world: RightsWorld): Promise<void> => {
  const { webhook } = world.settings;
  const { actions } = world.github.state;
  for (const [fleet, { labels }] of webhook.routes.entries()) {
    for (let n = 0; n < JOBS_A_FLEET; n++) {
      const id = 100 * (fleet + 1) + n;
      const payload = jobOf(webhook, labels, id);
      actions.addJob(actions.addRun(payload.repository.full_name, payload.workflow_job.run_id), labels, {
        id,
      });
      await world.deliver(payload);
    }
  }
};

interface Payload {
  readonly repository: { full_name: string; name: string };
  readonly workflow_job: { run_id: number };
}

const jobOf = ({ owner, repositories }: WebhookSettings, labels: readonly string[], id: number): Payload => {
  const payload = workflowJob("queued", { owner, labels, id }) as Payload;
  const [own] = repositories ?? [];
  if (own !== undefined) payload.repository.full_name = own;
  payload.workflow_job.run_id = id;
  return payload;
};
