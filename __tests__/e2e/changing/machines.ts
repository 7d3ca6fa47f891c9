/** Machines as they are after a launch: they take their registration, run one job, and power off. Their ground is looked at. */
import { setTimeout as wait } from "node:timers/promises";
import {
  DescribeInternetGatewaysCommand,
  DescribeInstancesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  TerminateInstancesCommand,
  type Instance,
} from "@aws-sdk/client-ec2";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { HANDOFF, runnerName, TAG, type Handoff } from "../../../functions/shared/contract";
import type { Runner } from "../../support/github-state";
import type { WorkflowJob } from "../../support/github-workflow";
import { emulatorRegion } from "../../support/moto";
import { ORGANIZATION, PREFIX, type World } from "../world";

const SCOPE = `orgs/${ORGANIZATION}`;
/** By its name: Terraform writes the state meanwhile. */
const HANDOFF_TABLE = `${PREFIX}-handoff`;
const BOOT_MS = 800;
const LOOK_MS = 400;
/** As the boot program waits for its registration, in a shorter day. */
const REGISTRATION_WITHIN_MS = 60_000;
const IDLE_MS = 90_000;

export interface MachinesOptions {
  /** Milliseconds that a job runs; undefined: until it is let go. */
  readonly runs: (job: WorkflowJob) => number | Promise<unknown>;
  /** How many machines a fleet may have now. */
  readonly cap: (fleet: string) => number;
}

export class Machines {
  /** What was seen that must not be. */
  readonly wrong = new Set<string>();
  private readonly known = new Set<string>();
  private standing: readonly Instance[] = [];
  private readonly busy = new Map<string, WorkflowJob>();
  private readonly lives = new Set<Promise<void>>();

  constructor(
    private readonly world: World,
    private readonly options: MachinesOptions,
  ) {}

  get running(): number {
    return this.standing.length;
  }

  /** One look at all of them. */
  async look(): Promise<void> {
    this.standing = await this.list();
    for (const fleet of new Set(this.standing.map(fleetOf))) {
      const count = this.standing.filter((one) => fleetOf(one) === fleet).length;
      if (count > this.options.cap(fleet)) this.wrong.add(`${count} machines of ${fleet}, over its cap`);
    }
    for (const one of this.standing) {
      if (this.known.has(one.InstanceId!)) continue;
      this.known.add(one.InstanceId!);
      const life = this.live(one).catch(
        (error: unknown) => void this.wrong.add(`a machine: ${String(error)}`),
      );
      this.lives.add(life);
      void life.finally(() => this.lives.delete(life));
    }
    if (this.busy.size > 0) await this.lookAtGround();
  }

  async settle(): Promise<void> {
    while (this.lives.size > 0) await Promise.all(this.lives);
  }

  private async list(): Promise<readonly Instance[]> {
    const { Reservations = [] } = await this.world.clients.ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: `tag:${TAG.installation}`, Values: [PREFIX] },
          { Name: "instance-state-name", Values: ["pending", "running"] },
        ],
      }),
    );
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  }

  private stands(id: string): boolean {
    return this.standing.some(({ InstanceId }) => InstanceId === id);
  }

  private async live(machine: Instance): Promise<void> {
    const id = machine.InstanceId!;
    await wait(BOOT_MS);
    const taken = await this.takeRegistration(machine);
    if (!taken) return this.powerOff(id);
    const runner = this.runnerOf(machine, taken);
    if (!runner) return this.powerOff(id);
    runner.status = "online";
    const { actions } = this.world.github.state;
    for (const end = Date.now() + IDLE_MS; Date.now() < end && this.stands(id); await wait(LOOK_MS)) {
      if (!this.registered(runner)) break;
      const job = actions.nextFor(runner);
      if (!job) continue;
      actions.assign(job, runner);
      this.busy.set(id, job);
      const runs = this.options.runs(job);
      await (typeof runs === "number" ? wait(runs) : runs);
      this.busy.delete(id);
      if (this.stands(id)) actions.complete(job);
      else {
        this.wrong.add(`the machine of job ${job.name} was taken away`);
        actions.lose(job);
      }
      break;
    }
    await this.powerOff(id);
  }

  private registered(runner: Runner): boolean {
    return this.world.github.state.runnersOf(SCOPE).includes(runner);
  }

  /** With the rights of the machine's own role. */
  private async takeRegistration(machine: Instance): Promise<Handoff | undefined> {
    const TableName = HANDOFF_TABLE;
    const role = machine.IamInstanceProfile?.Arn?.split("/").at(-1) ?? "";
    const client = new DynamoDBClient({
      endpoint: this.world.aws.url,
      region: emulatorRegion,
      credentials: { accessKeyId: role, secretAccessKey: "test" },
    });
    const table = DynamoDBDocumentClient.from(client);
    for (const end = Date.now() + REGISTRATION_WITHIN_MS; Date.now() < end; await wait(LOOK_MS)) {
      if (!this.stands(machine.InstanceId!)) return undefined;
      const key = await this.keyOf(TableName, machine.InstanceId!);
      if (key === undefined) continue;
      const Key = { [HANDOFF.partitionKey]: key };
      const { Attributes } = await table.send(new DeleteCommand({ TableName, Key, ReturnValues: "ALL_OLD" }));
      if (Attributes) return Attributes as Handoff;
    }
    return undefined;
  }

  private async keyOf(TableName: string, id: string): Promise<string | undefined> {
    const { Items = [] } = await this.world.clients.dynamodb.send(
      new ScanCommand({ TableName, ConsistentRead: true }),
    );
    return Items.map((item) => String(item[HANDOFF.partitionKey])).find((key) => key.endsWith(`:${id}`));
  }

  /** In token mode a machine registers by itself, and its record is made by that. */
  private runnerOf(machine: Instance, { environment }: Handoff): Runner | undefined {
    const { state } = this.world.github;
    const name = runnerName(PREFIX, fleetOf(machine), machine.InstanceId!);
    const given = (word: string): string | undefined =>
      new RegExp(`^ACTIONS_RUNNER_INPUT_${word}=(.*)$`, "m").exec(environment)?.[1];
    const token = given("TOKEN");
    if (token !== undefined && state.registrationTokens.has(token)) {
      const labels = (given("LABELS") ?? "")
        .split(",")
        .map((label, id) => ({ id, name: label, type: "custom" as const }));
      const shared = {
        os: "linux",
        status: "online" as const,
        busy: false,
        ephemeral: true,
        runner_group_id: 1,
      };
      state.runnersOf(SCOPE).push({ id: state.nextId(), name, labels, ...shared });
    }
    return state.runnersOf(SCOPE).find((one) => one.name === name);
  }

  private async powerOff(id: string): Promise<void> {
    await this.world.clients.ec2
      .send(new TerminateInstancesCommand({ InstanceIds: [id] }))
      .catch(() => undefined);
  }

  /** A job that runs needs a way out: to GitHub, by port 443. */
  private async lookAtGround(): Promise<void> {
    const { ec2 } = this.world.clients;
    const [tables, gateways, groups] = await Promise.all([
      ec2.send(new DescribeRouteTablesCommand({})),
      ec2.send(new DescribeInternetGatewaysCommand({})),
      ec2.send(new DescribeSecurityGroupsCommand({})),
    ]);
    const attached = new Set(
      gateways.InternetGateways?.filter(({ Attachments = [] }) => Attachments.length > 0).map(
        ({ InternetGatewayId }) => InternetGatewayId,
      ),
    );
    for (const machine of this.standing) {
      const job = this.busy.get(machine.InstanceId!);
      if (!job) continue;
      const ofVpc = tables.RouteTables?.filter(({ VpcId }) => VpcId === machine.VpcId) ?? [];
      const table =
        ofVpc.find(({ Associations = [] }) =>
          Associations.some(({ SubnetId }) => SubnetId === machine.SubnetId),
        ) ?? ofVpc.find(({ Associations = [] }) => Associations.some(({ Main }) => Main));
      if (
        !table?.Routes?.some(
          ({ DestinationCidrBlock, GatewayId }) =>
            DestinationCidrBlock === "0.0.0.0/0" && attached.has(GatewayId),
        )
      )
        this.wrong.add(`job ${job.name} had no route out`);
      const ids = machine.SecurityGroups?.map(({ GroupId }) => GroupId) ?? [];
      const open = groups.SecurityGroups?.filter(({ GroupId }) => ids.includes(GroupId)).some(
        ({ IpPermissionsEgress = [] }) =>
          IpPermissionsEgress.some(
            ({ IpProtocol, FromPort = 0, ToPort = 65535 }) =>
              IpProtocol === "-1" || (FromPort <= 443 && 443 <= ToPort),
          ),
      );
      if (!open) this.wrong.add(`job ${job.name} had no group that lets it out`);
    }
  }
}

const fleetOf = ({ Tags = [] }: Instance): string => Tags.find(({ Key }) => Key === TAG.fleet)?.Value ?? "";
