/** The network of a machine, and the hosts in it, each a server of the test outside. */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { listenOn } from "./stand-ins";
import { address6Of, addressOf, joinBridge } from "./subnet";
import type { Ends } from "./groups";
import type { Host } from "./subnet";

const ip = (...words: string[]): Buffer =>
  execFileSync("ip", words, { stdio: ["ignore", "pipe", "inherit"] });

/** What the machine reaches, by address and port. */
export interface Networks {
  readonly metadata: RequestListener;
  readonly aws: RequestListener;
  readonly runner: RequestListener;
}

/** Where a machine stands. */
export interface Place {
  readonly host: Host;
  /** What joins it to other machines (see subnet.ts); without, it is alone. */
  readonly bridge?: string;
}

type Route = readonly [address: string, port: number, network: keyof Networks];

/** The metadata service is another host, one hop away, and its answers go no further: the hop limit is 1. */
const metadataRoutes: readonly Route[] = [
  ["169.254.169.254", 80, "metadata"],
  ["fd00:ec2::254", 80, "metadata"],
];

const machineRoutes = (host: Host): readonly Route[] => [
  ["127.0.0.1", 5000, "aws"],
  ["127.0.0.1", 8000, "runner"],
  [addressOf(host), 8000, "runner"],
];

export async function layNetwork(
  machine: string,
  folder: string,
  networks: Networks,
  { host, bridge }: Place,
  ends: Ends,
): Promise<void> {
  const metadata = `${machine}-metadata`;
  for (const namespace of [machine, metadata]) {
    ip("netns", "add", namespace);
    ends.push(() => ip("netns", "delete", namespace));
    ip("-n", namespace, "link", "set", "lo", "up");
  }
  execFileSync("ip", ["netns", "exec", machine, "sh", "-euc", machineLink(metadata, host)]);
  execFileSync("ip", ["netns", "exec", metadata, "sh", "-euc", metadataLink(host)]);
  if (bridge !== undefined) joinBridge(bridge, metadata, host);
  for (const [name, listener] of Object.entries(networks) as [string, RequestListener][]) {
    const server = await listenOn(join(folder, `${name}.sock`), listener);
    ends.push(() => {
      server.close();
      server.closeAllConnections();
    });
  }
  await forward(machine, folder, machineRoutes(host), ends);
  await forward(metadata, folder, metadataRoutes, ends);
}

async function forward(namespace: string, folder: string, from: readonly Route[], ends: Ends): Promise<void> {
  const words = from.flatMap(([address, port, network]) => [
    address,
    String(port),
    join(folder, `${network}.sock`),
  ]);
  const program = join(__dirname, "forward.py");
  const forwarder = spawn("ip", ["netns", "exec", namespace, "python3", program, ...words]);
  ends.push(() => forwarder.kill("SIGKILL"));
  await listening(forwarder);
}

/** Forwarding is what Docker switches on, and what a container cannot. */
const machineLink = (metadata: string, host: Host): string => `
ip link add ens5 type veth peer name ens5 netns ${metadata}
ip address add ${addressOf(host)}/24 dev ens5
ip address add ${address6Of(host)}/64 dev ens5 nodad
ip link set ens5 up
ip route add default dev ens5
ip route add 169.254.169.254 dev ens5
ip route add fd00:ec2::254 dev ens5
sysctl --quiet --write net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1`;

const metadataLink = (host: Host): string => `
sysctl --quiet --write net.ipv4.ip_default_ttl=1 net.ipv6.conf.all.hop_limit=1 net.ipv6.conf.ens5.hop_limit=1
ip address add 169.254.169.254/32 dev ens5
ip address add fd00:ec2::254/128 dev ens5 nodad
ip link set ens5 up
ip route add ${addressOf(host)} dev ens5
ip route add ${address6Of(host)} dev ens5`;

const listening = (forwarder: ChildProcess): Promise<void> =>
  new Promise((listens, failed) => {
    forwarder.stdout?.once("data", listens);
    forwarder.once("exit", (code) => failed(new Error(`the forwarder ended with ${code}`)));
  });
