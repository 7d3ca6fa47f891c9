import { GetParametersCommand } from "@aws-sdk/client-ssm";
import { tokenPlace, type GithubSettings } from "../../../functions/shared/contract";
import type { Invocation, Invoke } from "../../../functions/shared/invoke-function";
import {
  createPersonalTokenSource,
  createTokenSource,
  invokeRotation,
  NoTokenError,
  RotationError,
  type TokenSource,
} from "../../../functions/shared/token";
import { storedToken } from "../../support/stored-token";
import { ssmMemory, type SsmMemory } from "../../support/ssm-memory";

const parameter = "/runners/installation-token";
const github = { apiUrl: "https://api.github.com", webUrl: "https://github.com", owner: "acme" };

let time: number;
let ssm: SsmMemory;
let invocations: Parameters<Invoke>[];
let rotation: () => Invocation;
let source: TokenSource;

const value = (token: string, minutes = 60, of: Partial<GithubSettings> = {}, app = "123"): string => {
  const expiresAt = new Date(time + minutes * 60_000).toISOString();
  return storedToken({ token, expiresAt }, { ...github, ...of }, app);
};

/** What the rotation function was asked for, each time. */
const rotations = (): unknown[] => invocations.map(([, payload]) => JSON.parse(payload) as unknown);

const invoke: Invoke = (...invocation) => {
  invocations.push(invocation);
  return Promise.resolve().then(rotation);
};

const reads = (): number => ssm.stub.commandCalls(GetParametersCommand).length;

const rotationDoes = (work: () => void, answer: Partial<Invocation> = {}): void => {
  rotation = () => {
    work();
    return { payload: "", ...answer };
  };
};

const failed = {
  failure: "Unhandled",
  payload: JSON.stringify({ errorMessage: "The parameter /acme/key is not filled." }),
};

beforeEach(() => {
  time = Date.parse("2026-09-01T12:00:00Z");
  ssm = ssmMemory({ [parameter]: "unset" });
  invocations = [];
  rotationDoes(() => ssm.put(parameter, value("new")));
  source = createTokenSource({
    readParameters: ssm.read,
    invoke,
    parameter,
    rotateFunction: "acme-rotate-tokens",
    use: { app: "123", place: tokenPlace(github) },
    now: () => time,
  });
});

describe("get", () => {
  it("reads a fresh token once, and rotates nothing", async () => {
    ssm.put(parameter, value("stored"));

    expect([await source.get(), await source.get()]).toEqual(["stored", "stored"]);
    expect(reads()).toBe(1);
    expect(rotations()).toEqual([]);
  });

  it("rotates when the parameter is unset, as after a first apply", async () => {
    expect(await source.get()).toBe("new");
    expect(rotations()).toEqual([{ refresh: false }]);
  });

  it.each([
    ["another App", () => value("stored", 60, {}, "456")],
    ["another organization", () => value("stored", 60, { owner: "octo" })],
    ["a repository of the organization", () => value("stored", 60, { repository: "app" })],
    ["another GitHub", () => value("stored", 60, { apiUrl: "https://ghe.example.com/api/v3" })],
    ["nobody knows what", () => JSON.stringify({ ...JSON.parse(value("stored")), madeFor: undefined })],
  ])("has a token made in place of one that was made for %s, however fresh", async (_what, stored) => {
    ssm.put(parameter, stored());
    source.prime(stored());

    expect(await source.get()).toBe("new");
    expect(rotations()).toEqual([{ refresh: false }]);
  });

  it("takes a token of the organization however its name is written", async () => {
    ssm.put(parameter, value("stored", 60, { owner: "Acme" }));

    expect(await source.get()).toBe("stored");
  });

  it("says so, and is no token, when the rotation makes one for another App, as in the midst of an apply", async () => {
    rotationDoes(() => ssm.put(parameter, value("others", 60, {}, "456")));

    await expect(source.get()).rejects.toThrow(NoTokenError);
    await expect(source.get()).rejects.toThrow(/holds a token of another App, organization or repository/);
  });

  it("rotates when the token at hand and the stored one have run out", async () => {
    ssm.put(parameter, value("stored"));
    await source.get();
    time += 56 * 60_000;

    expect(await source.get()).toBe("new");
  });

  it("takes the newer token from the parameter when the one at hand has run out", async () => {
    ssm.put(parameter, value("stored"));
    await source.get();
    time += 56 * 60_000;
    ssm.put(parameter, value("rotated on schedule"));

    expect(await source.get()).toBe("rotated on schedule");
    expect(rotations()).toEqual([]);
  });

  it("rotates once for callers who come together", async () => {
    expect(await Promise.all([source.get(), source.get(), source.get()])).toEqual(["new", "new", "new"]);
    expect(rotations()).toHaveLength(1);
  });

  it("gives the rotation function's reason when it fails", async () => {
    rotationDoes(() => undefined, failed);

    const call = source.get();

    await expect(call).rejects.toBeInstanceOf(RotationError);
    await expect(call).rejects.toThrow(
      "acme-rotate-tokens failed, see its log: The parameter /acme/key is not filled.",
    );
  });

  it("takes the token of a rotation that failed only after writing it", async () => {
    rotationDoes(() => ssm.put(parameter, value("new")), failed);

    expect(await source.get()).toBe("new");
  });

  it("says that there is no token when the rotation wrote none", async () => {
    rotationDoes(() => undefined);

    await expect(source.get()).rejects.toBeInstanceOf(NoTokenError);
  });

  it("tries again after a failure", async () => {
    rotationDoes(() => undefined, failed);
    await source.get().catch(() => undefined);
    rotationDoes(() => ssm.put(parameter, value("new")));

    expect(await source.get()).toBe("new");
  });
});

describe("refused", () => {
  it("asks for another token, and keeps it", async () => {
    ssm.put(parameter, value("revoked"));
    const token = await source.get();

    expect(await source.refused(token)).toBe("new");
    expect(await source.get()).toBe("new");
    expect(rotations()).toEqual([{ refresh: true }]);
  });

  it("takes a newer token from the parameter before it asks for another", async () => {
    ssm.put(parameter, value("revoked"));
    const token = await source.get();
    ssm.put(parameter, value("rotated on schedule"));

    expect(await source.refused(token)).toBe("rotated on schedule");
    expect(rotations()).toEqual([]);
  });

  it("rotates once for callers who were refused together or late", async () => {
    ssm.put(parameter, value("revoked"));
    const token = await source.get();

    const together = await Promise.all([source.refused(token), source.refused(token)]);

    expect([...together, await source.refused(token)]).toEqual(["new", "new", "new"]);
    expect(rotations()).toHaveLength(1);
  });

  it("never returns the refused token", async () => {
    ssm.put(parameter, value("revoked"));
    const token = await source.get();
    rotationDoes(() => undefined);

    await expect(source.refused(token)).rejects.toBeInstanceOf(NoTokenError);
  });
});

describe("the rotation's answer", () => {
  it("is what the function returned", async () => {
    const redelivered = { ids: ["90071992547409931"], failing: [], until: "2026-09-01T12:00:00.000Z" };
    const answer = { tokens: [], redelivered };
    rotationDoes(() => undefined, { payload: JSON.stringify(answer) });
    const redeliver = { since: "2026-09-01T11:58:00.000Z", except: ["1"] };

    expect(await invokeRotation(invoke, "acme-rotate-tokens", { redeliver })).toEqual(answer);
    expect(rotations()).toEqual([{ redeliver }]);
  });

  it("is empty when there is none", async () => {
    expect(await invokeRotation(invoke, "acme-rotate-tokens")).toEqual({ tokens: [] });
  });

  it("is an error when the function failed", async () => {
    rotationDoes(() => undefined, failed);

    await expect(invokeRotation(invoke, "acme-rotate-tokens")).rejects.toThrow(
      "acme-rotate-tokens failed, see its log: The parameter /acme/key is not filled.",
    );
  });
});

describe("a personal access token", () => {
  const personal = () => createPersonalTokenSource({ readParameters: ssm.read, parameter });

  it("is what stands in the parameter, read once", async () => {
    ssm.put(parameter, " ghp_1\n");
    const own = personal();

    expect(await Promise.all([own.get(), own.get()])).toEqual(["ghp_1", "ghp_1"]);
    expect(await own.get()).toBe("ghp_1");
    expect(reads()).toBe(1);
  });

  it("is taken from a read that was made anyway, if it is one", async () => {
    const own = personal();

    own.prime("ghp_1");
    own.prime("unset");
    own.prime(undefined);

    expect(await own.get()).toBe("ghp_1");
    expect(reads()).toBe(0);
  });

  it.each([["unset"], [" "]])("has to be stored where the parameter holds %j", async (stored) => {
    ssm.put(parameter, stored);

    await expect(personal().get()).rejects.toThrow(
      `The parameter ${parameter} is not filled: store a personal access token in it, as a SecureString.`,
    );
  });

  it("that GitHub refuses has to be replaced, and is asked of no rotation", async () => {
    ssm.put(parameter, "ghp_1");
    const own = personal();
    const token = await own.get();

    const error: unknown = await own.refused(token).catch((reason: unknown) => reason);

    expect(error).toBeInstanceOf(NoTokenError);
    expect(String(error)).toContain("it has expired or was revoked, so store another.");
    expect(rotations()).toEqual([]);
  });

  it("that was stored since is taken instead of the refused one", async () => {
    ssm.put(parameter, "ghp_1");
    const own = personal();
    const token = await own.get();
    ssm.put(parameter, "ghp_2");

    expect([await own.refused(token), await own.get()]).toEqual(["ghp_2", "ghp_2"]);
  });
});

describe("prime", () => {
  it("saves the read", async () => {
    source.prime(value("read with the settings"));

    expect(await source.get()).toBe("read with the settings");
    expect(reads()).toBe(0);
  });

  it.each([[undefined], ["unset"]])("ignores %j", async (unusable) => {
    source.prime(value("at hand"));

    source.prime(unusable);

    expect(await source.get()).toBe("at hand");
  });
});
