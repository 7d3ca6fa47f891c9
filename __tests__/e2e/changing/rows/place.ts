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
  /** Types that the plan makes anew and does not destroy: what stands of them is in no state any more. */
  readonly forgets?: readonly string[];
  /** Types that the plan destroys. */
  readonly destroys?: readonly string[];
  /** The plan fails, with this. */
  readonly refused?: string;
}

const HOOK = "github_organization_webhook";

export const moves: readonly Move[] = [
  {
    key: "region",
    to: { region: "eu-west-1" },
    forgets: ["aws_lambda_function", "aws_dynamodb_table", "aws_sqs_queue", "aws_ssm_parameter"],
  },
  // The provider has the credentials of one account, and stops: the installation is in no danger.
  { key: "account", to: { account: "210987654321" }, refused: "AWS account ID not allowed: 123456789012" },
  {
    key: "runners.prefix",
    to: { "runners.prefix": "other" },
    destroys: ["aws_lambda_function", "aws_dynamodb_table", "aws_sqs_queue", "aws_ssm_parameter"],
  },
  { key: "runners.github.org", to: { "runners.github.org": "other-org" }, forgets: [HOOK] },
  {
    key: "runners.github.repository",
    to: { "runners.github.org": undefined, "runners.github.repository": `${ORGANIZATION}/Hello-World` },
    destroys: [HOOK],
  },
  {
    key: "runners.github.baseUrl",
    to: { "runners.github.baseUrl": "https://github.example.com" },
    forgets: [HOOK],
  },
  // With its state moved, which ../../backends.e2e.test.ts shows of every backend, nothing changes.
  { key: "backend", to: { backend: { type: "local", path: "moved.tfstate" } } },
  // There is no such stack any more, and so nothing that would destroy it.
  { key: "stacks", to: { stacks: { other: { runners: { prefix: "other" } } } } },
];
