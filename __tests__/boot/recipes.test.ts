/** The recipes of docs/configuration.md, as they stand there, on a machine whose package manager and downloads are stand-ins. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { recipe } from "../support/recipes";
import { BOOT_SECONDS, ran, stepsOf, useWorld } from "./world";

const { live } = useWorld();

const program = (name: string, script: string) => (root: string) =>
  writeFileSync(join(root, "usr/local/sbin", name), `#!/bin/bash\n${script}\n`, { mode: 0o755 });

/**
 * Amazon Linux's package manager, for the packages that are asked for here. The first time something else holds its lock.
 * Debian's Python has no pip to bring along.
 */
const dnf = program(
  "dnf",
  `echo "$*" >>/root/dnf.log
  case " $* " in *" docker "* | *" python3.13 "*) ;; *) exit 0 ;; esac
  [[ -e /root/locked ]] || { touch /root/locked; echo "the package lock is held" >&2; exit 1; }
  case " $* " in
    *" docker "*)
      groupadd docker
      ln -s /bin/true /usr/local/sbin/dockerd
      printf '[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/true\\n' >/etc/systemd/system/docker.service ;;
    *)
      printf '#!/bin/bash\\n[[ $* != "-m venv "* ]] || exec python3 -m venv --without-pip "$3"\\nexec python3 "$@"\\n' \\
        >/usr/local/bin/python3.13
      chmod +x /usr/local/bin/python3.13 ;;
  esac`,
);

const PLUGIN = "#!/bin/sh\necho a plugin of $0\n";
const sha256 = createHash("sha256").update(PLUGIN).digest("hex");

/** GitHub's releases: whatever is asked for is the same plugin. */
const releases = program(
  "curl",
  `case "$*" in
    *https://github.com/docker/*) while [[ $1 != --output ]]; do shift; done; printf '%b' '${PLUGIN.replaceAll("\n", "\\n")}' >"$2" ;;
    *) exec /usr/bin/curl "$@" ;;
  esac`,
);

const both = (root: string): void => {
  dnf(root);
  releases(root);
};

it.each(["setup-python", "docker compose and buildx"])("%s has no fault that shellcheck knows", (title) => {
  const input = recipe(title).setupCommands.join("\n");

  expect(execFileSync("shellcheck", ["--shell=bash", "-"], { input, encoding: "utf8" })).toBe("");
});

describe("the recipe for setup-python", () => {
  it("lays a Python where the action looks, which the job may write to, and tries again at a held lock", async () => {
    const outcome = await live({
      props: recipe("setup-python"),
      change: both,
      job: `
        set -- /opt/hostedtoolcache/Python/*/x64
        tell tool "$1"
        tell complete "$(ls "$1.complete")"
        tell version "$("$1/bin/python" -c 'import platform, sys; print(sys.prefix, platform.python_version())')"
        tell writable "$(touch "$1/lib/x" && echo yes)"
        tell env "$(cat .env)"`,
    });

    const tool = outcome.told.get("tool") ?? "";
    const [, version = ""] = /^\/opt\/hostedtoolcache\/Python\/(\d+\.\d+\.\d+)\/x64$/.exec(tool) ?? [];
    expect(outcome.told.get("version")).toBe(`${tool} ${version}`);
    expect(outcome.told.get("complete")).toBe(`${tool}.complete`);
    expect(outcome.told.get("writable")).toBe("yes");
    expect(outcome.told.get("env")).toContain("AGENT_TOOLSDIRECTORY=/opt/hostedtoolcache");
    expect(outcome.shipped.join("\n")).toContain("the package lock is held");
  });
});

describe("the recipe for docker compose and buildx", () => {
  const { allowDocker, setupCommands } = recipe("docker compose and buildx");
  const plugins = "/usr/local/lib/docker/cli-plugins";
  const withSums = setupCommands.map((line) => line.replace(/\b[0-9a-f]{64}$/, sha256));

  it("lays both plugins where Docker looks first, and allowDocker tries again at a held lock", async () => {
    const outcome = await live({
      props: { allowDocker, setupCommands: withSums },
      change: both,
      job: `
        for plugin in docker-compose docker-buildx; do tell $plugin "$(${plugins}/$plugin)"; done
        tell groups "$(id -Gn)"`,
    });

    for (const plugin of ["docker-compose", "docker-buildx"])
      expect(outcome.told.get(plugin)).toBe(`a plugin of ${plugins}/${plugin}`);
    expect(outcome.told.get("groups")).toContain("docker");
    expect(outcome.shipped.join("\n")).toContain("the package lock is held");
  });

  it("ends the machine when a plugin is another than the one that it names", async () => {
    const outcome = await live({ props: { allowDocker, setupCommands }, change: both });

    expect(ran(outcome)).toBe(false);
    expect(stepsOf(outcome)["setup"]?.status).toBe(1);
    expect(outcome.shipped.join("\n")).toContain("computed checksum did NOT match");
    expect(outcome.seconds).toBeLessThan(BOOT_SECONDS + 5);
  });
});
