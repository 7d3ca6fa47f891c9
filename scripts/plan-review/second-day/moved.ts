import { block, blocks, strings, textOf } from "../../audit/model";
import { listed, phrase } from "../phrase";
import { prefixOf, settingsWith } from "./installation";
import type { Matter } from "../matters";
import type { Plan } from "../plan";

/** Plans that look in another place than the one in which the installation stands. */

interface Gone {
  readonly address: string;
  readonly type: string;
  /** Of its installation; undefined for what takes no tags. */
  readonly prefix: string | undefined;
}

/** What the state knows, and Terraform did not find where it looked. */
const goneIn = ({ json }: Plan): readonly Gone[] =>
  blocks(json.resource_drift)
    .filter(({ mode, change }) => mode === "managed" && strings(block(change).actions).join() === "delete")
    .map(({ address, type, change }) => ({
      address: String(address),
      type: String(type),
      prefix: prefixOf(block(block(change).before)),
    }));

/** Fewer may have been deleted by somebody. */
const FEWEST = 5;

const isOfGithub = ({ type }: Gone): boolean => type.startsWith("github_");

interface Count {
  readonly gone: number;
  readonly found: number;
}

const isMost = ({ gone, found }: Count): boolean => gone >= FEWEST && gone > found;

/** Of all; and of one installation alone, where others, or more of the team's, stand in the same stack. */
const mostGone = (plan: Plan): readonly Matter[] => {
  const gone = goneIn(plan);
  const addresses = new Set(gone.map(({ address }) => address));
  const found = plan.changes.filter(({ action, address }) => action !== "create" && !addresses.has(address));
  const prefixes = [...new Set(gone.flatMap(({ prefix }) => strings(prefix)))].sort();
  const counts = [
    { gone: gone.length, found: found.length },
    ...prefixes.map((prefix) => ({
      gone: gone.filter((one) => one.prefix === prefix).length,
      found: found.filter(({ before }) => prefixOf(before) === prefix).length,
    })),
  ];
  const most = counts.find(isMost);
  if (most === undefined) return [];
  return [
    {
      kind: "moved-away",
      level: "danger",
      address: "",
      text: phrase`${most.gone} of ${most.gone + most.found} resources that the state knows are not there, where this plan looked. Is it another region, account or state? Then the apply makes a second installation, and the old one goes on standing, running and sending, known to nobody: put the old value back, or follow docs/changing.md`,
    },
  ];
};

const githubGone = (plan: Plan): readonly Matter[] => {
  const gone = goneIn(plan).filter(isOfGithub);
  if (gone.length === 0 || mostGone(plan).length > 0) return [];
  return [
    {
      kind: "hook-left",
      level: "danger",
      address: "",
      text: phrase`not found at GitHub, where this plan looked: ${listed(gone.map(({ address }) => address))}. In another organization, or seen with another token, they go on standing, and a webhook goes on sending: look there before you apply, and delete them (docs/changing.md)`,
    },
  ];
};

const otherOwner = (plan: Plan): readonly Matter[] =>
  settingsWith(plan, "publicRepositories").flatMap(({ change, before, after }): readonly Matter[] => {
    const [was, now] = [before, after].map((one) => textOf(one?.owner));
    return was === undefined || now === undefined || was.toLowerCase() === now.toLowerCase()
      ? []
      : [
          {
            kind: "moved-away",
            level: "danger",
            address: change.address,
            text: phrase`serves ${now} in place of ${was}: webhook and runner group of ${was} stay there, its jobs that wait are not served, and its machines that run are known to nobody. The steps: docs/changing.md`,
          },
        ];
  });

/** Of one owner: another of its repositories, or another GitHub. */
const otherPlace = (plan: Plan): readonly Matter[] =>
  settingsWith(plan, "credential").flatMap(({ change, before, after }): readonly Matter[] => {
    const [was, now] = [before, after].map((settings) => block(settings?.github));
    const isOther = (name: string): boolean =>
      textOf(was?.[name])?.toLowerCase() !== textOf(now?.[name])?.toLowerCase();
    const rest =
      "its jobs that wait are not served, its machines that run are known to nobody, and what Terraform made there can stay. The steps: docs/changing.md";
    if (after === undefined || isOther("owner")) return [];
    const base = { kind: "moved-away", address: change.address } as const;
    if (isOther("apiUrl"))
      return [
        {
          ...base,
          level: "danger",
          text: [...phrase`calls ${String(now?.apiUrl)} in place of ${String(was?.apiUrl)}: `, rest],
        },
      ];
    const [old, other] = [was, now].map((github) => textOf(github?.repository) ?? "the organization");
    return isOther("repository")
      ? [
          {
            ...base,
            level: "attention",
            text: [...phrase`serves ${other!} in place of ${old!}, if it is not the same, renamed: `, rest],
          },
        ]
      : [];
  });

/** By the tag, whose value the prefix is. */
const otherPrefix = (plan: Plan): readonly Matter[] => {
  const renamed = plan.changes.find(({ before, after, action }) => {
    const [was, now] = [prefixOf(before), prefixOf(after)];
    return (
      (action === "update" || action === "replace") && was !== undefined && now !== undefined && was !== now
    );
  });
  if (renamed === undefined) return [];
  const [was, now] = [prefixOf(renamed.before), prefixOf(renamed.after)].map(String);
  return [
    {
      kind: "moved-away",
      level: "danger",
      address: "",
      text: phrase`the prefix changes from ${was!} to ${now!}: queue, ledger and tokens are destroyed and made anew, with the jobs in them, and machines that run are known to nobody. The steps: docs/changing.md`,
    },
  ];
};

export const moved = (plan: Plan): readonly Matter[] => [
  ...mostGone(plan),
  ...githubGone(plan),
  ...otherOwner(plan),
  ...otherPlace(plan),
  ...otherPrefix(plan),
];
