import { BlockList, isIP } from "node:net";

/**
 * Whether a request from this address is looked at. Without a list all are: the signature decides. With one, an address
 * that is missing or is none is not. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
 *
 * @param networks CIDR blocks, of IPv4 and IPv6
 */
export const admitsSource = (networks: readonly string[] | undefined, address = ""): boolean => {
  if (networks === undefined) return true;
  const version = isIP(address);
  return version !== 0 && blockListOf(networks).check(address, version === 4 ? "ipv4" : "ipv6");
};

const blockListOf = (networks: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits] = network.split("/");
    list.addSubnet(address, Number(bits), isIP(address) === 4 ? "ipv4" : "ipv6");
  }
  return list;
};
