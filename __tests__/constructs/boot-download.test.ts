import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const boot = readFileSync(join(__dirname, "../../functions/boot/boot.sh"), "utf8");
const download = /^download_runner\(\) \{\n.*?^\}/ms.exec(boot)?.[0] ?? "";

/** What `curl` is called with, where the launch function laid this beside the registration. */
const curlWith = (runner: string): readonly string[] => {
  const { stdout, stderr } = spawnSync("bash", ["-euo", "pipefail"], {
    encoding: "utf8",
    input: `
      folder=$(mktemp -d); trap 'rm -r "$folder"' EXIT
      home=$folder/home registration=$folder/registration RUNNER_URL=https://own/ RUNNER_SHA256=own
      curl() { printf '%s\\n' "$@"; }
      sha256sum() { cat >/dev/null; }
      echo ${JSON.stringify(`# ${runner}`)} >"$registration"
      ${download}
      download_runner`,
  });
  expect(stderr).toBe("");
  return stdout.trim().split("\n");
};

describe("the download of the runner", () => {
  it("is from the address that came with the registration", () => {
    expect(curlWith("https://github.com/a.tar.gz abc").slice(-2)).toEqual([
      "--url",
      "https://github.com/a.tar.gz",
    ]);
  });

  it("takes an address for nothing else, whoever wrote it: as an option it could name files that root writes", () => {
    expect(curlWith("-K/run/ephemeral-runner/registration abc").slice(-2)).toEqual([
      "--url",
      "-K/run/ephemeral-runner/registration",
    ]);
  });
});
