import { Lazy } from "cdktf";
import {
  MAXIMUM_USER_DATA_BYTES,
  checkUserData,
  renderUserData,
  userDataBytes,
  userDataScript,
} from "../../constructs/user-data";
import { recipe } from "../support/recipes";
import type { UserDataProps } from "../../constructs/user-data";
import runner from "../../constructs/runner-version.json";

const props: UserDataProps = {
  roleId: "AROAEXAMPLE0000000000",
  handoffTable: "acme-handoff",
  logGroup: "/acme/runners",
  architecture: "x64",
};

const settingsOf = (given: UserDataProps): Record<string, string | undefined> => {
  const found = [...userDataScript(given).matchAll(/^([A-Z0-9_]+)='(.*)'$/gm)];
  return Object.fromEntries(found.map((match) => [match[1] ?? "", match[2]] as const));
};

describe("user data", () => {
  it("sets the trap that powers off before anything that can fail", () => {
    const [shebang, trap] = userDataScript(props).split("\n");
    expect(shebang).toBe("#!/bin/bash");
    expect(trap).toMatch(/^trap '.*poweroff.*' EXIT$/);
  });

  it("leaves 3 KB of what EC2 takes to the team's own commands", () => {
    expect(userDataBytes(props)).toBeLessThan(MAXIMUM_USER_DATA_BYTES - 3 * 1024);
  });

  it("holds names only: no comments, no trace of commands", () => {
    const lines = userDataScript(props).split("\n").slice(1);
    expect(lines.filter((line) => /^\s*#(?!!\/bin\/bash$)/.test(line))).toEqual([]);
    expect(userDataScript(props)).not.toMatch(/set -[a-z]*x/);
  });

  it("has defaults for every limit and for the runner", () => {
    expect(settingsOf(props)).toEqual({
      ROLE_ID: "AROAEXAMPLE0000000000",
      HANDOFF_TABLE: "acme-handoff",
      LOG_GROUP: "/acme/runners",
      RUNNER_URL: `https://github.com/actions/runner/releases/download/v${runner.version}/actions-runner-linux-x64-${runner.version}.tar.gz`,
      RUNNER_SHA256: runner.sha256.x64,
      HARD_LIMIT_SECONDS: "22500",
      GRACE_SECONDS: "60",
      IDLE_BACKSTOP_SECONDS: "900",
      IDLE_RECHECK_SECONDS: "60",
      REGISTRATION_WAIT_SECONDS: "300",
    });
  });

  it("takes the archive and the checksum of the architecture", () => {
    const { RUNNER_URL, RUNNER_SHA256 } = settingsOf({ ...props, architecture: "arm64" });
    expect(RUNNER_URL).toContain("actions-runner-linux-arm64-");
    expect(RUNNER_SHA256).toBe(runner.sha256.arm64);
  });

  it("takes what the props say", () => {
    const given = settingsOf({
      ...props,
      runnerVersion: "2.400.0",
      runnerSha256: "a".repeat(64),
      hardLimitMinutes: 60,
      idleBackstopMinutes: 7.5,
      endpointUrl: "http://127.0.0.1:5000",
    });
    expect(given).toMatchObject({
      RUNNER_URL: expect.stringContaining("/v2.400.0/actions-runner-linux-x64-2.400.0.tar.gz") as string,
      RUNNER_SHA256: "a".repeat(64),
      HARD_LIMIT_SECONDS: "3600",
      IDLE_BACKSTOP_SECONDS: "450",
      AWS_ENDPOINT_URL: "http://127.0.0.1:5000",
    });
  });

  it("treats a prop that is undefined as absent", () => {
    expect(userDataScript({ ...props, hardLimitMinutes: undefined, setupCommands: undefined })).toBe(
      userDataScript(props),
    );
  });

  it("carries the team's commands as they are", () => {
    const setupCommands = ["  # not a comment of ours", `echo "\${HOME}" 'x' \\n %{y}`];
    expect(userDataScript({ ...props, setupCommands })).toContain(`\n${setupCommands.join("\n")}\n`);
  });

  it("makes no job root, unless told to", () => {
    for (const given of [props, { ...props, allowSudo: false, allowDocker: false }])
      expect(userDataScript(given)).not.toMatch(/sudo|docker/i);
  });

  it.each([
    [{ allowSudo: true }, "/etc/sudoers.d/ephemeral-runner", /docker/],
    [{ allowDocker: true }, "usermod --append --groups docker runner", /sudo/],
  ])("makes jobs root with %j, before the team's own commands", (given, line, other) => {
    const script = userDataScript({ ...props, ...given, setupCommands: ["echo the team"] });
    const [before, after] = script.split("\necho the team\n");
    expect(before).toContain(line);
    expect(before).not.toMatch(other);
    expect(after).not.toContain(line);
  });

  it("leaves the team's commands room when jobs may use sudo and Docker", () => {
    const bytes = userDataBytes({ ...props, allowSudo: true, allowDocker: true });
    expect(bytes).toBeLessThan(MAXIMUM_USER_DATA_BYTES - 2 * 1024);
  });

  it.each(["setup-python", "docker compose and buildx"])("has room for the recipe of %s", (title) => {
    expect(checkUserData({ ...props, ...recipe(title) })).toEqual([]);
  });

  it("renders the same for the same props", () => {
    expect(userDataScript(props)).toBe(userDataScript({ ...props }));
    expect(renderUserData(props)).not.toBe("");
  });
});

describe("the length of user data", () => {
  it("is counted in bytes, not in characters", () => {
    const longer = userDataBytes({ ...props, setupCommands: ["echo é"] });
    expect(longer - userDataBytes({ ...props, setupCommands: ["echo e"] })).toBe(1);
  });

  it("counts 128 bytes for what only Terraform knows", () => {
    const token = Lazy.stringValue({ produce: () => "x" });
    expect(userDataBytes({ ...props, roleId: token })).toBe(
      userDataBytes({ ...props, roleId: "x".repeat(128) }),
    );
  });

  it.each([0, 1])("is refused at %i bytes too many, if any", (excess) => {
    const room = MAXIMUM_USER_DATA_BYTES - userDataBytes({ ...props, setupCommands: [""] });
    const mistakes = checkUserData({ ...props, setupCommands: ["x".repeat(room + excess)] });
    expect(mistakes).toEqual(
      excess === 0 ? [] : [expect.stringContaining("setupCommands make the user data 16385 bytes long")],
    );
  });
});

describe("mistakes", () => {
  it("are not found in the defaults", () => {
    expect(checkUserData(props)).toEqual([]);
  });

  const cases: readonly (readonly [Partial<UserDataProps>, string])[] = [
    [{ runnerVersion: "v2" }, 'runnerVersion must be a version such as "2.338.0"'],
    [{ runnerVersion: "2.400.0" }, "runnerVersion 2.400.0 needs runnerSha256"],
    [{ runnerSha256: "ABC" }, "runnerSha256 must be 64 hexadecimal digits"],
    [{ runnerUrl: "s3://bucket/it" }, "runnerUrl must be an address"],
    [{ runnerUrl: "https://host/it's" }, "runnerUrl must be an address"],
    [{ endpointUrl: "host" }, "endpointUrl must be an address"],
    [{ hardLimitMinutes: 0 }, "hardLimitMinutes must be a number above 0"],
    [{ idleRecheckSeconds: NaN }, "idleRecheckSeconds must be a number above 0"],
    [{ registrationWaitSeconds: 901 }, "idleBackstopMinutes (15) bounds the boot"],
    [{ hardLimitMinutes: 14 }, "hardLimitMinutes (14) must not be shorter"],
    [{ setupCommands: ["a\nE-O-F\nb"] }, "setupCommands must not hold a line that is only E-O-F"],
    [{ setupCommands: ["a\r\nb"] }, "setupCommands must not hold carriage returns"],
  ];

  it.each(cases)("are told: %j", (given, message) => {
    expect(checkUserData({ ...props, ...given })).toContainEqual(expect.stringContaining(message));
  });
});
