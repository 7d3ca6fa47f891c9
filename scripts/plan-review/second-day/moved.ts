import { block, blocks, strings, textOf } from "../../audit/model";
import { listed, phrase } from "../phrase";
import { prefixOf, settingsWith } from "./installation";
import type { Matter } from "../matters";
import type { Plan } from "../plan";

/** Plans that look in another place than the one in which the installation stands. */

interface Gone {
  readonly address: string;
  readonly type: string;
}

/** What the state knows, and Terraform did not find where it looked. */
const goneIn = ({ json }: Plan): readonly Gone[] =>
  blocks(json.resource_drift)
    .filter(({ mode, change }) => mode === "managed" && strings(block(change).actions).join() === "delete")
    .map(({ address, type }) => ({ address: String(address), type: String(type) }));

/** Fewer may have been deleted by somebody. */
const FEWEST = 5;

const isOfGithub = ({ type }: Gone): boolean => type.startsWith("github_");

const mostGone = (plan: Plan): readonly Matter[] => {
  const gone = goneIn(plan);
  const found = plan.changes.filter(
    ({ action, address }) => action !== "create" && !gone.some((one) => one.address === address),
  ).length;
  if (gone.length < FEWEST || gone.length <= found) return [];
  return [
    {
      kind: "moved-away",
      level: "danger",
      address: "",
      text: phrase`${gone.length} of ${gone.length + found} resources that the state knows are not there, where this plan looked. Is it another region, account or state? Then the apply makes a second installation, and the old one goes on standing, running and sending, known to nobody: put the old value back, or follow docs/changing.md`,
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
  ...otherPrefix(plan),
];
