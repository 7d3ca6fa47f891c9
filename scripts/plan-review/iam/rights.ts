import { refersTo } from "../../audit/model";
import { pathOf } from "../construct-paths";
import { listed, phrase } from "../phrase";
import { stands, stood } from "../plan";
import { attachments } from "./attachments";
import { isBroad, isRemarkable } from "./broad";
import { patternTexts, wholeGrant, widenings } from "./widened";
import { isNew, subjectsOf } from "./subjects";
import type { Matter } from "../matters";
import type { Phrase } from "../phrase";
import type { Plan } from "../plan";
import type { Condition, Grant } from "./grants";
import type { Subject } from "./subjects";
import type { Widening } from "./widened";

const ABOUT: Readonly<Record<Subject["about"], string>> = {
  role: "may now",
  trust: "may now be taken:",
  resource: "may now be used:",
};

/** Of many only the first are told, so that nothing wide hides behind them. */
const widest = (all: readonly string[]): Phrase => {
  const width = (one: string): number => (/[*?]/.test(one) ? one.length : Infinity);
  return listed(
    [...all].sort((one, other) => (width(one) < width(other) ? -1 : Number(width(one) > width(other)))),
  );
};

const conditionText = ({ operator, ifExists, key, values }: Condition): string =>
  `${operator}${ifExists ? "IfExists" : ""} ${key} = ${values.join(", ")}`;

const conditionsText = (all: readonly Condition[]): Phrase => listed(all.map(conditionText));

const provided = ({ conditions }: Grant): Phrase =>
  conditions.length === 0 ? [] : phrase` if ${conditionsText(conditions)}`;

const byWhom = ({ principals }: Grant): Phrase =>
  principals.all.length === 0 ? [] : phrase` by ${widest(patternTexts(principals))}`;

/** `*` alone says it all. */
const onWhat = (resources: readonly string[], about: Subject["about"]): Phrase =>
  about === "trust" ? [] : phrase` on ${widest(resources)}`;

const sidOf = ({ sid }: Grant): Phrase => (sid === "" ? [] : phrase` (statement ${sid})`);

const TELL: Readonly<Record<Widening["kind"], (widening: Widening, about: Subject["about"]) => Phrase>> = {
  action: ({ grant, actions, resources }, about) =>
    phrase`${[ABOUT[about]]} ${widest(actions)}${onWhat(resources, about)}${byWhom(grant)}${provided(grant)}`,
  resource: ({ grant, actions, resources }, about) =>
    phrase`${[ABOUT[about]]} ${widest(actions)} on more: ${widest(resources)}${byWhom(grant)}${provided(grant)}`,
  condition: ({ grant, actions, resources, dropped }, about) =>
    phrase`${[ABOUT[about]]} ${widest(actions)}${onWhat(resources, about)}${byWhom(grant)} without the condition ${conditionsText(dropped)}`,
  looser: ({ grant, actions, resources, dropped, added }, about) =>
    phrase`${[ABOUT[about]]} ${widest(actions)}${onWhat(resources, about)}${byWhom(grant)} also where ${listed(dropped.map(({ key }) => key))} is ${listed(added)}`,
  principal: ({ grant, actions, resources }, about) =>
    phrase`${[ABOUT[about]]} ${widest(actions)}${onWhat(resources, about)} by others: ${widest(patternTexts(grant.principals))}${provided(grant)}`,
  deny: ({ actions, resources, grant }, about) =>
    phrase`is no longer refused ${widest(actions)}${onWhat(resources, about)}${byWhom(grant)}${provided(grant)}`,
};

/** AWS's own parameters, such as those that name its images: they have no account, and anyone may read them. */
const PUBLIC_PARAMETER = /^arn:[\w-]+:ssm:[^:]*::parameter\/aws\/service\//;

/** All that is in it: `${aws_cloudwatch_log_group.l.arn}:*` */
const WITHIN = /[:/]\*$/;

const isNewIn = (plan: Plan, text: string): boolean => {
  const plain = text.replace(WITHIN, "");
  return (
    !/[*?]/.test(plain) &&
    plan.changes.some(
      (change) =>
        change.action === "create" &&
        refersTo(plain, { ...change, attributes: change.after, unknown: new Set() }),
    )
  );
};

/** What a widening adds: resources, or values of a condition. */
const additions = ({ kind, resources, added }: Widening): readonly string[] => {
  if (kind === "resource") return resources;
  return kind === "looser" ? added : [];
};

/** Rights on what the same plan creates are what a new part needs. */
const isExpected = (widening: Widening, plan: Plan): boolean => {
  const added = additions(widening);
  return added.length > 0 && added.every((text) => isNewIn(plan, text) || PUBLIC_PARAMETER.test(text));
};

const widenedMatter = (subject: Subject, widening: Widening, plan: Plan): Matter => ({
  kind: "iam-widened",
  level: isExpected(widening, plan) ? "attention" : "danger",
  address: subject.change.address,
  text: phrase`${TELL[widening.kind](widening, subject.about)}${sidOf(widening.grant)}`,
});

const newMatters = ({ change, about, after, isLimit }: Subject, plan: Plan): readonly Matter[] => {
  if (isLimit) return [];
  const told = (grant: Grant): Phrase =>
    phrase`${TELL.action(wholeGrant("action", grant), about)}${sidOf(grant)}`;
  return after.flatMap((grant): readonly Matter[] => {
    const base = { kind: "iam-widened", address: change.address } as const;
    if (isBroad(grant, about, plan.account)) return [{ ...base, level: "danger", text: told(grant) }];
    if (!isRemarkable(grant, about, plan.account) || isOnNew(grant, plan)) return [];
    return [{ ...base, level: "attention", text: told(grant) }];
  });
};

/** Rights on what the same plan creates. */
const isOnNew = ({ resources, principals }: Grant, plan: Plan): boolean =>
  principals.all.length === 0 && !resources.except && resources.all.every((text) => isNewIn(plan, text));

/** The first apply is all new; what comes to a stack that stands is looked at. */
const isFirstApply = ({ changes }: Plan): boolean => changes.every((change) => !stood(change));

/** One line for a new role, as all that it may do stands in its policies. */
const newRole = ({ change, about, after, unseen }: Subject, plan: Plan): readonly Matter[] => {
  const services = [
    ...new Set(after.flatMap(({ actions }) => patternTexts(actions).map((one) => one.split(":")[0]!))),
  ];
  if (about !== "role" || services.length === 0 || unseen.length > 0) return [];
  const text = phrase`is new, and may do things with ${listed(services.sort(), 12)}`;
  const level = isFirstApply(plan) ? "notice" : "attention";
  return [{ kind: "iam-new", level, address: change.address, text }];
};

/** Whoever gets it stands outside of the plan: it was never narrower here, and is more all the same. */
const outsideMatters = ({ change, after, outside }: Subject): readonly Matter[] =>
  after
    .filter(({ effect }) => effect === "Allow")
    .map((grant) => ({
      kind: "iam-widened",
      level: "danger",
      address: change.address,
      text: phrase`gives ${outside ?? ""}, which stands elsewhere, more: ${TELL.action(wholeGrant("action", grant), "role")}${sidOf(grant)}`,
    }));

/** Those of new subjects, and those of subjects that stood before, each together. */
const unseenMatters = (subjects: readonly Subject[], plan: Plan): readonly Matter[] =>
  [true, false].flatMap((areNew): readonly Matter[] => {
    const paths = subjects
      .filter((subject) => stands(subject.change) && isNew(subject) === areNew)
      .flatMap(({ unseen }) => unseen.filter(({ change }) => change.action !== "none"))
      .map(({ change }) => pathOf(change.address, plan.paths));
    if (paths.length === 0) return [];
    const text = phrase`this plan does not tell what these policies will allow: ${listed(paths, MOST_UNSEEN)}`;
    return [{ kind: "not-visible", level: "attention", address: "", text }];
  });

const MOST_UNSEEN = 12;

const ofSubject = (subject: Subject, plan: Plan): readonly Matter[] => {
  if (!stands(subject.change)) return [];
  const { before, after, unseen } = subject;
  // With one policy unseen, a refusal may only have moved into it; what is allowed and seen is more all the same.
  const changed = isNew(subject)
    ? subject.outside === undefined
      ? [...newMatters(subject, plan), ...newRole(subject, plan)]
      : outsideMatters(subject)
    : widenings(before, after)
        .filter(({ kind }) => kind !== "deny" || unseen.length === 0)
        .map((widening) => widenedMatter(subject, widening, plan));
  return changed;
};

/** Who may do more after the plan than before it. */
export const rights = (plan: Plan): readonly Matter[] => {
  const subjects = subjectsOf(plan);
  return [
    ...subjects.flatMap((subject) => ofSubject(subject, plan)),
    ...attachments(plan),
    ...unseenMatters(subjects, plan),
  ];
};
