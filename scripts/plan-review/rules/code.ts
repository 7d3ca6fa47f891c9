import { listed, phrase } from "../phrase";
import type { Matter } from "../matters";
import type { Phrase } from "../phrase";
import type { Change, Plan } from "../plan";

interface Code {
  readonly attributes: readonly string[];
  readonly tell: (changed: readonly string[]) => Phrase;
}

/** What runs where, and by which attributes one sees that it is another. */
export const CODE: Readonly<Record<string, readonly Code[]>> = {
  aws_lambda_function: [
    {
      attributes: ["source_code_hash", "image_uri", "s3_key", "s3_object_version"],
      tell: () => [
        "the function runs other code; a plan does not show it, the diff of the bundle's sources does",
      ],
    },
    {
      attributes: ["handler", "runtime", "layers", "architectures", "image_config"],
      tell: (changed) => phrase`the function starts otherwise: ${listed(changed)}`,
    },
  ],
  aws_launch_template: [
    {
      attributes: ["user_data"],
      tell: () => [
        "machines boot with other user data, from the next launch on: the template gets a new version, and no machine that runs is touched",
      ],
    },
  ],
  aws_instance: [
    { attributes: ["user_data", "user_data_base64"], tell: () => ["the machine boots with other user data"] },
  ],
};

const differs = ({ before, after, unknown }: Change, name: string): boolean =>
  (unknown[name] === true && before[name] !== undefined) ||
  JSON.stringify(before[name] ?? null) !== JSON.stringify(after[name] ?? null);

/** Code that stood before and is another afterwards. What is new is told as new. */
export const code = (plan: Plan): readonly Matter[] =>
  plan.changes
    .filter(({ action }) => action === "update" || action === "replace")
    .flatMap((change) =>
      (CODE[change.type] ?? []).flatMap(({ attributes, tell }): readonly Matter[] => {
        const changed = attributes.filter((name) => differs(change, name));
        return changed.length === 0
          ? []
          : [{ kind: "code-changed", level: "attention", address: change.address, text: tell(changed) }];
      }),
    );
