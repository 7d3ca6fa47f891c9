import { SUBJECTS } from "./subjects";
import { changedParts, outcomeOf } from "./synthesis";
import type { Row } from "./rows";
import type { Subject } from "./subjects";
import type { Outcome } from "./synthesis";
import type { Construct } from "constructs";

type Props = Readonly<Record<string, unknown>>;

const valueOf = ({ value }: Row, scope: Construct): unknown =>
  typeof value === "function" ? (value as (scope: Construct) => unknown)(scope) : value;

const outcomes = new Map<string, Outcome>();

/** Most rows have nothing beside them, and one synth for all of them is enough. */
const before = (subject: Subject, { beside = {} }: Row): Outcome => {
  const key = `${subject.name} ${JSON.stringify(beside)}`;
  const known =
    outcomes.get(key) ?? outcomeOf((stack) => subject.make(stack, { ...subject.least(stack), ...beside }));
  outcomes.set(key, known);
  return known;
};

const after = (subject: Subject, prop: string, row: Row): Outcome =>
  outcomeOf((stack) => {
    const props: Props = { ...subject.least(stack), ...row.beside, [prop]: valueOf(row, stack) };
    return subject.make(stack, { ...props, ...(row.instead !== undefined && { [row.instead]: undefined }) });
  });

describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))(
  "each prop of %s",
  (_name, subject) => {
    it.each(Object.entries(subject.rows))("%s, given, is seen where it should be", (prop, row) => {
      const { elements, mistakes } = after(subject, prop, row);

      expect(mistakes).toEqual([]);
      expect(changedParts(before(subject, row).elements, elements)).toEqual(row.shows);
    });
  },
);
