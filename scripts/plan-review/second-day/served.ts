import { isTrue, strings, textOf } from "../../audit/model";
import { phrase } from "../phrase";
import { fleetsIn, settingsWith } from "./installation";
import type { Attributes } from "../../audit/model";
import type { Matter } from "../matters";
import type { Plan } from "../plan";

/** Who is served, and from where: lists that are taken out, and doors that are opened, in the settings. */

const isList = (value: unknown): boolean => strings(value).length > 0;

interface List {
  readonly key: string;
  readonly now: string;
}

const LISTS: readonly List[] = [
  { key: "repositories", now: "all repositories of the organization are served" },
  { key: "sourceAddresses", now: "deliveries may come from anywhere, and their signature alone decides" },
];

const lostLists = (address: string, before: Attributes, after: Attributes): readonly Matter[] =>
  LISTS.filter(({ key }) => isList(before[key]) && !isList(after[key])).map(({ key, now }) => ({
    kind: "allow-list-lost",
    level: "danger",
    address,
    text: [...phrase`${key} is taken out: `, now],
  }));

const openedDoor = (address: string, before: Attributes, after: Attributes): readonly Matter[] =>
  !isTrue(before.publicRepositories) && isTrue(after.publicRepositories)
    ? [
        {
          kind: "public-access",
          level: "danger",
          address,
          text: [
            "jobs of public repositories are served: whoever opens a pull request there runs code on the machines",
          ],
        },
      ]
    : [];

/** GitHub's own group: https://docs.github.com/en/actions/concepts/runners/runner-groups */
const DEFAULT_GROUP = "1";

const groupOpened = (plan: Plan): readonly Matter[] =>
  fleetsIn(plan).flatMap(({ change, before, after }): readonly Matter[] => {
    const [was, now] = [before, after].map((one) => textOf(one?.runnerGroupId));
    return was !== undefined && was !== DEFAULT_GROUP && now === DEFAULT_GROUP
      ? [
          {
            kind: "public-access",
            level: "attention",
            address: change.address,
            text: [
              "machines join GitHub's default group: look at GitHub whether it serves public repositories",
            ],
          },
        ]
      : [];
  });

export const served = (plan: Plan): readonly Matter[] => [
  ...settingsWith(plan, "publicRepositories").flatMap(({ change: { address }, before = {}, after }) =>
    after === undefined ? [] : [...lostLists(address, before, after), ...openedDoor(address, before, after)],
  ),
  ...groupOpened(plan),
];
