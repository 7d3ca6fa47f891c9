import { block, blocks, strings, withoutIndex } from "../audit/model";
import { expressionsOf } from "../audit/read-plan";
import { pathOf } from "./construct-paths";
import type { Attributes } from "../audit/model";
import type { Plan } from "./plan";

/** Whether an attribute that somebody wrote is another now: what AWS counts up itself is no news. */
const isNews = (change: Attributes, written: Attributes): boolean => {
  const [before, after] = [block(change.before), block(change.after)];
  return (
    strings(change.actions).includes("delete") ||
    Object.keys(written).some((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  );
};

/** Constructs of what was changed or destroyed since the last run of Terraform, and not by it. */
export const driftedIn = ({ json, paths }: Plan): readonly string[] => {
  const written = expressionsOf(json);
  return blocks(json.resource_drift)
    .filter(
      ({ mode, address, change }) =>
        mode === "managed" && isNews(block(change), written.get(withoutIndex(String(address))) ?? {}),
    )
    .map(({ address }) => pathOf(String(address), paths))
    .sort();
};
