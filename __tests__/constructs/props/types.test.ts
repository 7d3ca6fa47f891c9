import { propsOf } from "../../../constructs/schema/node";
import type { RowsOf } from "./rows";

interface Props {
  readonly prefix: string;
  readonly size?: number;
}

// What must not compile: `npm run typecheck` fails once it does.
describe("a new prop", () => {
  it("does not compile without a row in the table that the synth checks by", () => {
    // @ts-expect-error: size has no row.
    const table = propsOf<Props>()({ prefix: "a text" }, ["prefix"]);
    // @ts-expect-error: prefix is needed, and is not named as such.
    propsOf<Props>()({ prefix: "a text", size: "a number" }, []);
    // @ts-expect-error: size is not needed, and is named as if it were.
    propsOf<Props>()({ prefix: "a text", size: "a number" }, ["prefix", "size"]);

    expect(propsOf<Props>()({ prefix: "a text", size: "a number" }, ["prefix"])).toEqual({
      keys: { prefix: "a text", size: "a number" },
      required: ["prefix"],
    });
    expect(table.required).toEqual(["prefix"]);
  });

  it("does not compile without a value in the list that the synth is watched by", () => {
    // @ts-expect-error: size has no row. The prefix, as a common prop, has its own elsewhere.
    const none: RowsOf<Props> = {};
    // @ts-expect-error: a text is no size.
    const wrong: RowsOf<Props> = { size: { value: "big", shows: ["Queue"] } };
    const right: RowsOf<Props> = { size: { value: 2, shows: ["Queue"] } };

    expect([none, wrong, right]).toHaveLength(3);
  });
});
