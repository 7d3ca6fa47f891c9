/** A subnet that machines share. As in a VPC there is no common wire: each machine's next hop answers for all others. */
import { execFileSync } from "node:child_process";
import type { Ends } from "./groups";

let made = 0;

/** Host numbers in the subnet: the last part of a machine's addresses. */
export const HOSTS = [2, 3] as const;
export type Host = (typeof HOSTS)[number];

export const addressOf = (host: Host): string => `10.0.0.${host}`;
export const address6Of = (host: Host): string => `fd00:1::${host}`;

const inNamespace = (namespace: string, commands: string): void => {
  execFileSync("ip", ["netns", "exec", namespace, "sh", "-euc", commands]);
};

/** Answers with the namespace in which the machines' next hops are joined. */
export function layBridge(ends: Ends): string {
  const bridge = `subnet-${process.pid}-${++made}`;
  execFileSync("ip", ["netns", "add", bridge]);
  ends.push(() => execFileSync("ip", ["netns", "delete", bridge]));
  inNamespace(bridge, "ip link add bridge type bridge; ip link set bridge up");
  return bridge;
}

/** Joins a machine's next hop, a namespace whose link to the machine is `ens5`, to the others. */
export function joinBridge(bridge: string, nextHop: string, host: Host): void {
  const others = HOSTS.filter((other) => other !== host);
  const proxies = [
    ...others.map((other) => `ip neigh add proxy ${address6Of(other)} dev ens5`),
    `ip neigh add proxy ${address6Of(host)} dev subnet`,
  ];
  inNamespace(
    nextHop,
    `ip link add subnet type veth peer name host${host} netns ${bridge}
    ip address add 10.0.1.${host}/32 dev subnet # asks for the others; 169.254.169.254 is everyone's
    ip link set subnet up
    ip route add 10.0.0.0/24 dev subnet
    ip route add fd00:1::/64 dev subnet
    for link in ens5 subnet; do
      sysctl --quiet --write net.ipv4.conf.$link.proxy_arp=1 net.ipv6.conf.$link.proxy_ndp=1 \\
        net.ipv4.neigh.$link.proxy_delay=0 net.ipv6.neigh.$link.proxy_delay=0
    done
    sysctl --quiet --write net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
    ${proxies.join("\n")}`,
  );
  inNamespace(bridge, `ip link set host${host} master bridge up`);
}
