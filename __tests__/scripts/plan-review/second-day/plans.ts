import { plainText } from "../../../../scripts/plan-review/phrase";
import { SECOND_DAY_KINDS } from "../recorded";
import { smallReview } from "../small-plan";
import type { Made } from "../small-plan";

/** Plans of an installation that stands, and what the review tells of them. */

export type Resources = Readonly<Record<string, Made>>;
export type Values = Readonly<Record<string, unknown>>;

export const found = (resources: Resources, more?: Values): readonly string[] =>
  smallReview(resources, more)
    .matters.filter(({ kind }) => SECOND_DAY_KINDS.includes(kind))
    .map(({ kind, level, address, text }) => `${kind} ${level} ${address}: ${plainText(text)}`);

export const TAGS = { "ephemeral-runners:installation": "runners" };
export const tagged = (values: Values): Values => ({ ...values, tags: TAGS });
export const same = (values: Values): Made => ({ before: values, after: values });

export const withSettings = (settings: Values): Values =>
  tagged({
    environment: [{ variables: { SETTINGS: JSON.stringify({ installation: "runners", ...settings }) } }],
  });

export const WEBHOOK = "aws_lambda_function.webhook";
export const ROTATION = "aws_lambda_function.rotation";

export const settingsChange = (address: string, before: Values, after: Values): Resources => ({
  [address]: { before: withSettings(before), after: withSettings(after) },
});

/** A function that stays as it is, so that something stands. */
export const STANDING: Resources = { "aws_lambda_function.sweep": same(withSettings({})) };

export const fleet = (name: string, settings: Values): Values => ({
  name: `/runners/fleets/${name}`,
  type: "String",
  insecure_value: JSON.stringify({
    labels: ["linux"],
    runnerGroupId: "7",
    subnetIds: ["subnet-1"],
    ...settings,
  }),
});

/** That the configuration has a GitHub provider. */
export const PROVIDER: Values = {
  configuration: {
    provider_config: { github: { name: "github", expressions: { owner: { constant_value: "acme" } } } },
    root_module: {},
  },
};
