/** The real terraform changes the network of a standing installation while a machine runs in what goes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RunnerNetworkProps } from "../../constructs/runner-network";
import { startMoto, type Moto } from "../support/moto";
import { describeAwsCall, startProxy, type Call, type Proxy } from "../support/proxy";
import { Terraform, type Change } from "../support/terraform";
import { Ec2, synthNetwork } from "./network-world";

type Network = Partial<RunnerNetworkProps>;

interface Machine {
  readonly id: string;
  readonly subnetId: string;
  readonly groupId: string;
}

/** What a change did while the machine ran, and what the plan behind it would do. */
export interface Outcome {
  readonly lacks: readonly string[];
  /** Calls that took something. */
  readonly taken: readonly string[];
  /** Calls that told those who launch, as a machine had to end first. */
  readonly toldLate: number;
  readonly told: number;
  readonly then: readonly Change[];
}

/** All who launch know of the new before the old goes, which the machine has until its end. */
export const NEW_FIRST = { lacks: [], taken: [], toldLate: 0, then: [] };

const TELLING =
  /^(ec2:CreateLaunchTemplateVersion|ssm:PutParameter|iam:PutRolePolicy|lambda:PUT .*configuration)$/;
const TAKING = /^ec2:(Delete(Subnet|SecurityGroup|Route|VpcEndpoints|Vpc)|DetachInternetGateway)$/;

const tells = ({ name }: Call): boolean => TELLING.test(name);
const takes = ({ name, body }: Call, { groupId }: Machine): boolean =>
  TAKING.test(name) || (name === "ec2:RevokeSecurityGroupEgress" && body.includes(groupId));

export class ChangingNetwork {
  private stacks = 0;

  private constructor(
    private readonly work: string,
    private readonly moto: Moto,
    private readonly proxy: Proxy,
    readonly ec2: Ec2,
    readonly terraform: Terraform,
  ) {}

  /** It is applied. */
  static async start(network: Network): Promise<ChangingNetwork> {
    const work = mkdtempSync(join(tmpdir(), "network-change-"));
    const moto = await startMoto();
    const proxy = await startProxy(moto.endpoint, describeAwsCall);
    const terraform = await Terraform.prepare({
      stack: synthNetwork(join(work, "out"), network),
      work: join(work, "terraform"),
      endpoint: proxy.url,
      served: true,
    });
    await terraform.apply();
    return new ChangingNetwork(work, moto, proxy, new Ec2(moto.endpoint), terraform);
  }

  async stop(): Promise<void> {
    this.terraform.stop();
    await this.proxy.stop();
    await this.moto.stop();
    rmSync(this.work, { recursive: true, force: true });
  }

  update(network: Network): void {
    this.terraform.update(synthNetwork(join(this.work, `out-${++this.stacks}`), network));
  }

  async apply(network: Network): Promise<void> {
    this.update(network);
    await this.terraform.apply();
  }

  ids(type: string): string[] {
    return this.made(type).map(({ values }) => String(values.id));
  }

  /** What the fleet's parameter names, and what the newest version of its template. */
  names(): { readonly subnetIds: string[]; readonly groupIds: string[] } {
    const [parameter] = this.made("aws_ssm_parameter").map(({ values }) => String(values.insecure_value));
    const { subnetIds } = JSON.parse(parameter ?? "{}") as { subnetIds: string[] };
    const [template] = this.made("aws_launch_template");
    return { subnetIds, groupIds: template?.values.vpc_security_group_ids as string[] };
  }

  /** In the last of the subnets that launches name now. */
  async launch(): Promise<Machine> {
    const { subnetIds, groupIds } = this.names();
    const place = { subnetId: String(subnetIds.at(-1)), groupId: String(groupIds[0]) };
    return { id: await this.ec2.run(place.subnetId, place.groupId), ...place };
  }

  lacks({ subnetId, groupId }: Machine): Promise<readonly string[]> {
    return this.ec2.lacks(subnetId, groupId);
  }

  /** Applies what is laid out; once the apply waits for the machine, that is looked at, and ends. */
  async applyAround(machine: Machine): Promise<Outcome> {
    this.proxy.calls.length = 0;
    const applying = this.terraform.apply();
    // Whatever fails first is the reason.
    await Promise.race([this.refused(), applying]);
    const lacks = await this.lacks(machine);
    const before = [...this.proxy.calls];
    await this.ec2.end(machine.id);
    await applying;
    const told = this.proxy.calls.filter(tells).length;
    const taken = before.filter((call) => takes(call, machine) && call.status === 200);
    return {
      lacks,
      taken: taken.map(({ name }) => name),
      toldLate: told - before.filter(tells).length,
      told,
      then: await this.terraform.plan(),
    };
  }

  async change(network: Network): Promise<Outcome> {
    const machine = await this.launch();
    this.update(network);
    return this.applyAround(machine);
  }

  /** Once EC2 has refused to take something, and Terraform has had time for all else that it would take. */
  private async refused(): Promise<void> {
    const until = Date.now() + 180_000;
    while (!this.proxy.calls.some(({ name, status }) => TAKING.test(name) && status === 400)) {
      if (Date.now() > until) throw new Error("EC2 was asked for nothing that the machine stands in.");
      await wait(100);
    }
    await wait(2_000);
  }

  private made(type: string) {
    return this.terraform.resources().filter((one) => one.type === type);
  }
}
