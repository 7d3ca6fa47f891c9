import { appendFileSync, copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostileJob } from "./scenario";
import type { Outcome } from "./scenario";
import { useWorld } from "./world";

const { live } = useWorld();

const unit = `[Service]
Type=notify
ExecStart=/usr/bin/python3 /usr/local/bin/dockerd
`;

/** As an image that brings Docker, not started. */
const bringDocker = (root: string): void => {
  copyFileSync(join(__dirname, "docker.py"), join(root, "usr/local/bin/dockerd"));
  writeFileSync(join(root, "usr/local/bin/dockerd"), "", { flag: "a", mode: 0o755 });
  writeFileSync(join(root, "etc/systemd/system/docker.service"), unit);
  appendFileSync(join(root, "etc/group"), "docker:x:970:\n");
};

describe("a hostile job that may use Docker", () => {
  let outcome: Outcome;

  beforeAll(async () => {
    outcome = await live({
      job: hostileJob("docker.sh"),
      props: { allowDocker: true },
      change: bringDocker,
    });
  });

  it("is in the docker group, and has no sudo", () => {
    expect(outcome.told.get("groups")).toBe("runner docker");
    expect(outcome.told.get("sudo")).toMatch(/exit 1$/);
  });

  it("reaches the network from a container", () => {
    expect(outcome.told.get("network")).toBe("exit 0");
  });

  it("is refused the metadata service in a container, by the firewall", () => {
    expect(outcome.told.get("metadata")).toMatch(/^curl: \(7\)[^]*exit 7$/);
    expect(outcome.told.get("metadata-ipv6")).toMatch(/^curl: \(7\)[^]*exit 7$/);
  });

  it("gets no answer there without the firewall either: the hop limit ends it one hop too early", () => {
    expect(outcome.told.get("open-firewall")).toBe("exit 0");
    expect(outcome.told.get("metadata-hop")).toMatch(/exit 28$/);
    expect(outcome.told.get("metadata-hop-ipv6")).toMatch(/exit 28$/);
  });

  it("is root on the machine's own network, which is given up", () => {
    expect(outcome.told.get("metadata-host-network")).toBe("exit 0");
  });
});
