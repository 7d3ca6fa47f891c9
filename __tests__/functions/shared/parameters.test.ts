import { GetParametersCommand } from "@aws-sdk/client-ssm";
import { isMadeFor, parseToken, readParameters } from "../../../functions/shared/parameters";
import { ssmMemory } from "../../support/ssm-memory";

describe("readParameters", () => {
  it("reads decrypted values, and leaves out what is absent or not filled yet", async () => {
    const { read } = ssmMemory({ "/a": "one", "/b": "unset" });

    expect(await readParameters(read, ["/a", "/b", "/c"])).toEqual({ "/a": "one" });
  });

  it.each([
    [1, 1],
    [10, 1],
    [11, 2],
    [25, 3],
  ])("reads %i names in %i calls", async (count, calls) => {
    const names = Array.from({ length: count }, (_, i) => `/p/${i}`);
    const { read, stub } = ssmMemory(Object.fromEntries(names.map((name) => [name, `value of ${name}`])));

    const values = await readParameters(read, names);

    expect(Object.keys(values)).toEqual(names);
    expect(stub.commandCalls(GetParametersCommand)).toHaveLength(calls);
  });

  it("asks once for a name that is given twice", async () => {
    expect(await readParameters(ssmMemory({ "/a": "one" }).read, ["/a", "/a"])).toEqual({ "/a": "one" });
  });

  it("calls nobody for no names", async () => {
    expect(await readParameters(ssmMemory().read, [])).toEqual({});
  });

  it("fails when the call fails", async () => {
    const { read, stub } = ssmMemory({ "/a": "one" });
    stub.on(GetParametersCommand).rejects(new Error("AccessDenied"));

    await expect(readParameters(read, ["/a"])).rejects.toThrow("AccessDenied");
  });
});

describe("parseToken", () => {
  const now = Date.parse("2026-09-01T12:00:00Z");
  const value = (expiresAt: unknown, token: unknown = "ghs_1"): string =>
    JSON.stringify({ token, expiresAt });

  it("takes a token with five minutes left", () => {
    expect(parseToken(value("2026-09-01T12:05:00Z"), now)).toEqual({
      token: "ghs_1",
      expiresAt: "2026-09-01T12:05:00Z",
    });
  });

  it.each([
    ["a token with less than five minutes left", value("2026-09-01T12:04:59Z")],
    ["an expired token", value("2026-09-01T11:00:00Z")],
    ["an unset value", "unset"],
    ["no value", undefined],
    ["an empty value", ""],
    ["JSON that is no object", "[1]"],
    ["a token without an end", JSON.stringify({ token: "ghs_1" })],
    ["an end that is no date", value("soon")],
    ["an end without a token", value("2026-09-01T13:00:00Z", "")],
  ])("takes %s for none", (_what, text) => {
    expect(parseToken(text, now)).toBeUndefined();
  });

  it("tells what the token was made for, where the value does", () => {
    const madeFor = { app: "123", place: "https://api.github.com/acme", terms: "" };
    const text = JSON.stringify({ token: "ghs_1", expiresAt: "2026-09-01T13:00:00Z", madeFor });
    const found = parseToken(text, now)!;

    expect(found.madeFor).toEqual(madeFor);
    expect(isMadeFor(found, { place: madeFor.place })).toBe(true);
    expect(isMadeFor(found, { ...madeFor, terms: "other" })).toBe(false);
    expect(isMadeFor({ token: "", expiresAt: "" }, { place: madeFor.place })).toBe(false);
  });

  it.each([["a text"], [7], [null]])("takes %j for no word about what a token was made for", (madeFor) => {
    const text = JSON.stringify({ token: "ghs_1", expiresAt: "2026-09-01T13:00:00Z", madeFor });

    expect(parseToken(text, now)).not.toHaveProperty("madeFor");
  });

  it("asks for as much time as the caller does", () => {
    expect(parseToken(value("2026-09-01T12:30:00Z"), now, 35 * 60_000)).toBeUndefined();
    expect(parseToken(value("2026-09-01T12:35:00Z"), now, 35 * 60_000)).toBeDefined();
  });
});
