import { createReleaseSource } from "../../../functions/shared/release-source";
import { compareVersions, parseRelease } from "../../../functions/shared/runner-release";

const sha256 = { x64: "a".repeat(64), arm64: "b".repeat(64) };
const release = (version: string) => ({ version, sha256 });

describe("versions of the runner", () => {
  it.each([
    ["2.338.0", "2.338.0", 0],
    ["2.338.1", "2.338.0", 1],
    ["2.99.0", "2.338.0", -1],
    ["2.338.10", "2.338.9", 1],
    ["3.0.0", "2.338.9", 1],
  ])("%s against %s", (one, other, sign) => {
    expect(Math.sign(compareVersions(one, other))).toBe(sign);
    expect(Math.sign(compareVersions(other, one))).toBe(sign === 0 ? 0 : -sign);
  });
});

describe("what the parameter holds", () => {
  it("is a release with all its checksums, and nothing beside", () => {
    const value = JSON.stringify({ ...release("2.339.0"), url: "https://evil.example.com" });

    expect(parseRelease(value)).toEqual(release("2.339.0"));
  });

  it.each([
    ["nothing", undefined],
    ["unset", "unset"],
    ["no version", JSON.stringify({ sha256 })],
    ["another form of a version", JSON.stringify({ version: "2.339.0/../x", sha256 })],
    ["a version with a space", JSON.stringify({ version: "2.339.0 ", sha256 })],
    ["no checksums", JSON.stringify({ version: "2.339.0" })],
    ["one checksum", JSON.stringify({ version: "2.339.0", sha256: { x64: "a".repeat(64) } })],
    ["a short checksum", JSON.stringify({ version: "2.339.0", sha256: { ...sha256, x64: "a" } })],
    [
      "a checksum and a command",
      JSON.stringify({ version: "2.339.0", sha256: { ...sha256, x64: `${sha256.x64};id` } }),
    ],
  ])("is not taken when it is %s", (_what, value) => {
    expect(parseRelease(value)).toBeUndefined();
  });
});

describe("the version that is handed over", () => {
  it("is what was read last and is whole, from the package's own on", () => {
    const source = createReleaseSource("2.338.0");
    const given = (value: string): string | undefined => {
      source.prime(value);
      return source.current()?.version;
    };

    expect(given("unset")).toBeUndefined();
    expect(given(JSON.stringify(release("2.337.0")))).toBeUndefined();
    expect(given(JSON.stringify(release("2.338.0")))).toBe("2.338.0");
    expect(given(JSON.stringify(release("2.339.0")))).toBe("2.339.0");
    expect(given("{")).toBe("2.339.0");
  });
});
