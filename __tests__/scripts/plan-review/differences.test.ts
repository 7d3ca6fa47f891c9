import { gzipSync } from "node:zlib";
import { differencesOf } from "../../../scripts/plan-review/differences";
import { smallPlan } from "./small-plan";
import type { Made } from "./small-plan";

const differences = (made: Made, type = "aws_thing") =>
  differencesOf(smallPlan({ [`${type}.t`]: made }).changes[0]!, new Map());

describe("what changes of a resource", () => {
  it("is a value, by its path, in which a single block has no number", () => {
    const made = {
      before: { options: [{ a: 1, b: "x" }], rules: [{ p: 1 }, { p: 2 }] },
      after: { options: [{ a: 2, b: "x" }], rules: [{ p: 1 }, { p: 3 }] },
    };

    expect(differences(made).shown).toEqual([
      { form: "value", path: "options.a", before: "1", after: "2" },
      { form: "value", path: "rules[1].p", before: "2", after: "3" },
    ]);
  });

  it("is not the order of keys, or an empty value in place of none", () => {
    const made = {
      before: { rules: [{ p: 1, q: 2 }], note: null, x: 1 },
      after: { rules: [{ q: 2, p: 1 }], note: "", x: 2 },
    };

    expect(differences(made).shown).toEqual([{ form: "value", path: "x", before: "1", after: "2" }]);
  });

  it("is the one member of a set that changes, wherever the others stand then", () => {
    const made = {
      before: { rules: [{ p: 1 }, { p: 2 }, { p: 3 }] },
      after: { rules: [{ p: 3 }, { p: 1 }, { p: 4 }] },
    };

    expect(differences(made).shown).toEqual([{ form: "value", path: "rules[2].p", before: "2", after: "4" }]);
  });

  it("is the order of a list", () => {
    const made = { before: { rules: [{ p: 1 }, { p: 2 }] }, after: { rules: [{ p: 2 }, { p: 1 }] } };

    expect(differences(made).shown).toEqual([
      { form: "value", path: "rules", before: '[{"p":1},{"p":2}]', after: '[{"p":2},{"p":1}]' },
    ]);
  });

  it("is a text, decoded: user data in base64 or gzip, JSON laid out, in one order of keys", () => {
    const before = { user_data: Buffer.from("a\nb\n").toString("base64"), policy: '{"b":1,"a":2}' };
    const after = { user_data: gzipSync("a\nc\n").toString("base64"), policy: '{"a":3,"b":1}' };

    expect(differences({ before, after }).shown).toEqual([
      {
        form: "text",
        path: "policy",
        before: '{\n  "a": 2,\n  "b": 1\n}',
        after: '{\n  "a": 3,\n  "b": 1\n}',
      },
      { form: "text", path: "user_data", before: "a\nb\n", after: "a\nc\n" },
    ]);
  });

  it("is told as later where it was written, and is noise where nobody wrote it", () => {
    const made: Made = {
      before: { role: "a", version: "1", arn: "arn:1", tags_all: { a: "1" } },
      after: { tags_all: { a: "2" } },
      unknown: { role: true, version: true, etag: true },
      written: { role: { references: ["aws_iam_role.A_Role_0123ABCD.arn", "aws_iam_role.A_Role_0123ABCD"] } },
    };

    expect(differences(made)).toEqual({
      shown: [{ form: "later", path: "role", from: ["A/Role.arn"] }],
      noise: ["arn", "etag", "tags_all.a", "version"],
    });
  });
});
