import type { Instance } from "@aws-sdk/client-ec2";
import { GetCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import {
  handoffKey,
  HANDOFF,
  LEDGER,
  runnerName,
  TAG,
  type LaunchSettings,
} from "../../../functions/shared/contract";
import { takeRegistration } from "../../support/boot-take";
import { countByName } from "../../support/proxy";
import { workflowJob } from "../../support/workflow-job";
import { instancesOf, userDataOf } from "../machines";
import { deliver, drainQueue } from "../traffic";
import { FLEET, ORGANIZATION, PREFIX, type World } from "../world";

const scope = `orgs/${ORGANIZATION}`;
const JOB = 77001;
const example = (action: Parameters<typeof workflowJob>[0], more: object = {}): object =>
  workflowJob(action, { owner: ORGANIZATION, labels: FLEET.labels, id: JOB, ...more });

/** One signed job in at one end; one machine, with a registration that only it can take, at the other. */
export const oneJob = (world: () => World): void => {
  const ledgerItem = async (item: string): Promise<Record<string, unknown> | undefined> => {
    const TableName = world().settings<LaunchSettings>("launch").ledgerTable;
    const Key = { [LEDGER.partitionKey]: FLEET.name, [LEDGER.sortKey]: item };
    return (await world().clients.dynamodb.send(new GetCommand({ TableName, Key, ConsistentRead: true })))
      .Item;
  };
  const registrations = async (): Promise<Record<string, unknown>[]> => {
    const TableName = world().settings<LaunchSettings>("launch").handoffTable;
    return (
      (await world().clients.dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }))).Items ?? []
    );
  };
  const template = (): Readonly<Record<string, unknown>> =>
    world()
      .terraform.resources()
      .find(({ type }) => type === "aws_launch_template")!.values;
  const roleId = (): string =>
    String(world().resource("aws_iam_role", `${PREFIX}_${FLEET.name}_runner`).unique_id);
  let instance: Instance;
  const instanceId = (): string => instance.InstanceId ?? "";
  const ownName = (): string => runnerName(PREFIX, FLEET.name, instanceId());

  describe("one job", () => {
    it.each([
      ["signed with another secret", example("queued"), { secret: "wrong" }, 401],
      [
        "of another organization",
        workflowJob("queued", { owner: "stranger", labels: FLEET.labels }),
        {},
        200,
      ],
      [
        "with labels of no fleet",
        workflowJob("queued", { owner: ORGANIZATION, labels: ["self-hosted"] }),
        {},
        200,
      ],
      ["of another kind", example("queued"), { event: "push" }, 200],
    ])("takes no job %s", async (_title, payload, options, status) => {
      expect(await deliver(world(), payload, options)).toMatchObject({ status });
      expect(await drainQueue(world(), 0)).toEqual({ taken: 0, failed: 0 });
    });

    it("takes GitHub's own example, cold, with a machine at the end", async () => {
      world().lambda.cold();
      const webhook = await world().callsOf(() => deliver(world(), example("queued")));
      expect(webhook.result).toEqual({ status: 202, message: "taken" });
      const launch = await world().callsOf(() => drainQueue(world()));
      expect(launch.result).toEqual({ taken: 1, failed: 0 });

      const instances = await instancesOf(world());
      expect(instances).toHaveLength(1);
      instance = instances[0]!;
      world().figures.count("1 job, cold", webhook, launch);
    });

    it("launches it from the applied version of the template, as spot, with our tags", async () => {
      const asked = world().aws.calls.filter(({ name }) => name === "ec2:CreateFleet");
      const { id, latest_version: version, user_data: userData } = template();
      expect(asked).toHaveLength(1);
      expect(asked[0]!.body).toContain(`LaunchTemplateId=${String(id)}&`);
      expect(asked[0]!.body).toContain(`LaunchTemplateSpecification.Version=${String(version)}&`);
      expect(await userDataOf(world(), instanceId())).toBe(userData);
      const tags = new Map((instance.Tags ?? []).map(({ Key, Value }) => [Key, Value]));
      expect(tags.get(TAG.installation)).toBe(PREFIX);
      expect(tags.get(TAG.fleet)).toBe(FLEET.name);
      expect(tags.get(TAG.launch)).toMatch(/^[0-9a-f-]{36}$/);
      expect(instance.InstanceLifecycle).toBe("spot");
    });

    it("picks its type and subnet out of what was applied, with the applied security group", () => {
      const resources = world().terraform.resources();
      const idsOf = (type: string): unknown[] =>
        resources.filter((one) => one.type === type).map(({ values }) => values.id);
      expect(instance.InstanceType).toMatch(/^m\w+\.large$/);
      expect(idsOf("aws_subnet")).toContain(instance.SubnetId);
      expect(template().vpc_security_group_ids).toEqual(idsOf("aws_security_group"));
    });

    it("registers it at GitHub with a JIT configuration in the applied group", () => {
      const group = world()
        .terraform.resources()
        .find(({ type }) => type === "github_actions_runner_group")!;
      const runners = world().github.state.runnersOf(scope);
      expect(runners).toMatchObject([
        { name: ownName(), ephemeral: true, runner_group_id: Number(group.values.id) },
      ]);
      expect(runners[0]!.labels.map(({ name }) => name)).toEqual(FLEET.labels);
      expect(world().github.requests.some(({ path }) => path.endsWith("registration-token"))).toBe(false);
    });

    it("lays the registration where the machine's own role id leads to", async () => {
      expect((await registrations()).map((item) => item[HANDOFF.partitionKey])).toEqual([
        handoffKey(roleId(), instanceId()),
      ]);
    });

    it("gives the registration to another machine's boot program in no case", async () => {
      await expect(takeRegistration(world(), template(), "i-00000000000000000")).rejects.toThrow(
        "no registration in time",
      );
      expect(await registrations()).toHaveLength(1);
    });

    it("gives the registration to the machine's boot program once, and never again", async () => {
      const taken = await takeRegistration(world(), template(), instanceId());
      expect(taken.split("\n")).toEqual([
        // Renewed from what GitHub offers.
        expect.stringMatching(/^# https:\/\/github\.com\/actions\/runner\/releases\/\S+ [0-9a-f]{64}$/),
        expect.stringMatching(/^ACTIONS_RUNNER_INPUT_JITCONFIG="[\w+/=]+"$/),
        'ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE="1"',
        "",
      ]);
      expect(await registrations()).toEqual([]);
      await expect(takeRegistration(world(), template(), instanceId())).rejects.toThrow(
        "no registration in time",
      );
    });

    it("launches nothing more for the same job, whatever comes twice", async () => {
      const delivery = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
      for (const again of [{}, { delivery }, { delivery }]) {
        expect(await deliver(world(), example("queued"), again)).toMatchObject({ status: 202 });
      }
      expect(await drainQueue(world(), 3)).toEqual({ taken: 3, failed: 0 });
      expect(await instancesOf(world())).toHaveLength(1);
      expect(world().github.state.runnersOf(scope)).toHaveLength(1);
    });

    it("moves the ledger with the job: running on that machine", async () => {
      expect(await ledgerItem(`job#${JOB}`)).toMatchObject({ state: "waiting" });
      expect(await ledgerItem(`machine#${instanceId()}`)).toMatchObject({ state: "starting" });
      await deliver(world(), example("in_progress", { runnerName: ownName() }));
      await drainQueue(world());
      expect(await ledgerItem(`job#${JOB}`)).toMatchObject({ state: "running" });
      expect(await ledgerItem(`machine#${instanceId()}`)).toMatchObject({ state: "busy", jobId: JOB });
    });

    it("moves the ledger with the job: done, and the machine's place is free", async () => {
      await deliver(world(), example("completed", { runnerName: ownName(), conclusion: "success" }));
      await drainQueue(world());
      const [job, machine] = await Promise.all([
        ledgerItem(`job#${JOB}`),
        ledgerItem(`machine#${instanceId()}`),
      ]);
      expect(job).toMatchObject({ state: "done" });
      expect(machine).toMatchObject({ state: "ending" });
      expect(job).not.toHaveProperty(LEDGER.openKey);
      expect(machine?.[LEDGER.openKey]).toBe(`machine.4.ending#${instanceId()}`);
      expect(await instancesOf(world())).toHaveLength(1);
    });

    it("launches no machine for a job that is withdrawn before launch sees it", async () => {
      const id = JOB + 1;
      await deliver(world(), example("queued", { id }));
      await deliver(world(), example("waiting", { id }));
      expect(await drainQueue(world(), 2)).toEqual({ taken: 2, failed: 0 });
      expect(await ledgerItem(`job#${id}`)).toMatchObject({ state: "withdrawn" });
      expect(await instancesOf(world())).toHaveLength(1);
    });

    it("takes a second job, warm, with a machine of its own", async () => {
      const webhook = await world().callsOf(() => deliver(world(), example("queued", { id: JOB + 2 })));
      const launch = await world().callsOf(() => drainQueue(world()));
      expect(await instancesOf(world())).toHaveLength(2);
      world().figures.count("1 job, warm", webhook, launch);
      expect(countByName(launch.aws)).toMatchObject({ "ec2:CreateFleet": 1 });
    });
  });
};
