import { COMMON_ROWS } from "./common-rows";
import { SUBJECTS } from "./subjects";

describe("the list of props and their values", () => {
  it.each(SUBJECTS.map((subject) => [subject.name, subject] as const))(
    "has each prop of %s; else give the new one a value, in ./*-rows, and name what it changes",
    (_name, { keys, rows }) => {
      const own = keys.filter((key) => !Object.hasOwn(COMMON_ROWS, key));

      expect(Object.keys(rows).sort()).toEqual(own.sort());
    },
  );
});
