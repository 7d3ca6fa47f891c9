/**
 * What an installation is known by: with another value Terraform makes a second one, and forgets the first or part of it. The
 * table says of these "destroy first", and so they are changed here; before that, the plan is looked at that whoever does not
 * read it would apply.
 */
import { ORGANIZATION } from "../../world";
import type { Json } from "../row";

export interface Move {
  readonly key: string;
  /** Laid at the paths; undefined: taken out. */
  readonly to: Json;
  /** What stays in no state, should it be applied without a destroy: types that the plan makes anew and does not delete. */
  readonly forgets: readonly string[];
  /** What the plan destroys and makes anew. */
  readonly replaces: readonly string[];
}

const HOOK = "github_organization_webhook";

export const moves: readonly Move[] = [
  {
    key: "region",
    to: { region: "eu-west-1" },
    forgets: ["aws_lambda_function", "aws_dynamodb_table", "aws_sqs_queue", "aws_ssm_parameter"],
    replaces: [],
  },
  // Refused by the provider, which is given the credentials of one account: the old one is in no danger.
  { key: "account", to: { account: "210987654321" }, forgets: [], replaces: [] },
  {
    key: "runners.prefix",
    to: { "runners.prefix": "other" },
    forgets: [],
    replaces: ["aws_lambda_function", "aws_dynamodb_table", "aws_sqs_queue", "aws_ssm_parameter"],
  },
  { key: "runners.github.org", to: { "runners.github.org": "other-org" }, forgets: [HOOK], replaces: [] },
  {
    key: "runners.github.repository",
    to: { "runners.github.org": undefined, "runners.github.repository": `${ORGANIZATION}/Hello-World` },
    forgets: [],
    replaces: [HOOK],
  },
  {
    key: "runners.github.baseUrl",
    to: { "runners.github.baseUrl": "https://github.example.com" },
    forgets: [HOOK],
    replaces: [],
  },
  { key: "backend", to: { backend: { type: "local", path: "moved.tfstate" } }, forgets: [], replaces: [] },
  { key: "stacks", to: { stacks: { other: { runners: { prefix: "other" } } } }, forgets: [], replaces: [] },
];
