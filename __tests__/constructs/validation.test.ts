import { Fn, Token } from "cdktf";
import { Construct } from "constructs";
import {
  addCheckOnce,
  checkFilled,
  checkNotBoth,
  checkOneOf,
  checkPattern,
  checkPlain,
  checkRange,
} from "../../constructs/validation";
import { mistakes } from "../support/synth";

describe("Checks of props", () => {
  const reference = Token.asString(Fn.upper("a"));
  const expression = "${aws_vpc.x.id}";

  it("leave an absent value alone", () => {
    expect([
      ...checkPlain("prop", undefined),
      ...checkPattern("prop", undefined, /a/, "an a"),
      ...checkRange("prop", undefined, 1, 2),
      ...checkOneOf("prop", undefined, ["a"]),
      ...checkFilled("prop", undefined),
    ]).toEqual([]);
  });

  it("tell who gives a reference where a plain value is needed", () => {
    const wanted = [
      "prop must be a plain value known at synth, not a reference to another resource: write it out, or read it from your configuration.",
    ];

    expect(checkPattern("prop", reference, /./, "anything")).toEqual(wanted);
    expect(checkPattern("prop", expression, /./, "anything")).toEqual(wanted);
    expect(checkPattern("prop", `a-${reference}`, /./, "anything")).toEqual(wanted);
    expect(checkRange("prop", Token.asNumber(Fn.max([1])), 1, 2)).toEqual(wanted);
    expect(checkFilled("prop", Token.asList(Fn.split(",", "a,b")))).toEqual(wanted);
  });

  it("take a list whose elements are references", () => {
    expect(checkFilled("prop", [reference])).toEqual([]);
  });

  it("name the prop, the allowed values and the value given", () => {
    expect(checkPattern("prefix", "A", /^a$/, "an a")).toEqual(['prefix must be an a, and is "A".']);
    expect(checkRange("zones", 7, 1, 6)).toEqual(["zones must be a whole number from 1 to 6, and is 7."]);
    expect(checkRange("size", 1.5, 1, 6, "GB")).toEqual([
      "size must be a whole number from 1 to 6 GB, and is 1.5.",
    ]);
    expect(checkOneOf("market", "x", ["spot", "on-demand"])).toEqual([
      'market must be one of spot, on-demand, and is "x".',
    ]);
    expect(checkFilled("fleets", [])).toEqual(["fleets must name at least one, and is empty."]);
  });

  it("show a value of another kind as it was written", () => {
    expect(checkPattern("id", 3 as never, /^\d+$/, "digits")).toEqual(["id must be digits, and is 3."]);
    expect(checkRange("zones", "2" as never, 1, 6)).toEqual([
      'zones must be a whole number from 1 to 6, and is "2".',
    ]);
    expect(checkFilled("labels", "linux" as never)).toEqual(['labels must be a list, and is "linux".']);
    expect(checkRange("zones", Infinity, 1, 6)).toEqual([
      "zones must be a whole number from 1 to 6, and is Infinity.",
    ]);
  });

  it("take both ends of a range", () => {
    expect([...checkRange("n", 1, 1, 6), ...checkRange("n", 6, 1, 6)]).toEqual([]);
  });

  it("refuse two props that exclude each other", () => {
    expect(checkNotBoth("existing", {}, { zones: 2, cidrBlock: undefined })).toEqual([
      "existing and zones exclude each other: leave out existing, or zones.",
    ]);
    expect(checkNotBoth("existing", {}, { zones: undefined })).toEqual([]);
    expect(checkNotBoth("existing", undefined, { zones: 2 })).toEqual([]);
  });

  it("tell a subject once for a construct and those inside it, and again beside it", () => {
    const check = (): string[] => ["wrong"];

    const told = mistakes((stack) => {
      const outer = new Construct(stack, "Outer");
      addCheckOnce(outer, "subject", check);
      addCheckOnce(new Construct(outer, "Inner"), "subject", check);
      addCheckOnce(new Construct(outer, "Other"), "another subject", check);
      addCheckOnce(new Construct(stack, "Beside"), "subject", check);
    });

    expect(told).toEqual(["wrong", "wrong", "wrong"]);
  });
});
