import { plainText } from "./phrase";
import type { Audit } from "../audit/audit";
import type { PlacedMatter, Review, ReviewedChange } from "./review";

const controls = (audit: Audit | undefined): object | undefined =>
  audit && {
    score: audit.score,
    of: audit.of,
    failed: audit.controls.filter(({ result }) => result === "fail").map(({ id }) => id),
  };

const pathOf = ({ place }: PlacedMatter | ReviewedChange): string =>
  [place.group, place.name].filter((one) => one !== "").join("/");

const changeJson = (reviewed: ReviewedChange): object => {
  const { change, differences } = reviewed;
  const { address, type, action, replacedBy, movedFrom } = change;
  return { address, path: pathOf(reviewed), type, action, replacedBy, movedFrom, ...differences };
};

/** The review as one object: for programs. */
export const reportJson = ({
  verdict,
  level,
  counts,
  matters,
  groups,
  cost,
  outputs,
  drifted,
  ...of
}: Review): string =>
  `${JSON.stringify(
    {
      verdict,
      level,
      counts,
      matters: matters.map((matter) => ({
        kind: matter.kind,
        level: matter.level,
        address: matter.address,
        path: pathOf(matter),
        text: plainText(matter.text),
      })),
      changes: groups.flatMap(({ changes }) => changes.map(changeJson)),
      controls: { before: controls(of.controls.before), after: controls(of.controls.after) },
      cost,
      outputs,
      drifted,
    },
    null,
    2,
  )}\n`;
