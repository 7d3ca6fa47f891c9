import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { block, jsonIn, numberOf } from "../audit/model";
import { EXIT, exitCodesHelp } from "../exit-codes";
import { InputError, readText } from "../read-file";
import { createGithub, GithubRefusal } from "./github";
import { postComment } from "./post-comment";
import { retry } from "./retry";
import type { Terminal } from "../terminal";
import type { CommentTarget } from "./post-comment";
import type { WaitAfter } from "./retry";

interface Options {
  readonly pullRequest?: number;
  readonly key: string;
  readonly login: string;
}

const WANTED = "Give the Markdown that plan-review wrote, or - for standard input.";

const positive = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It is a number such as 17.");
  return Number(text);
};

const key = (text: string): string => {
  if (!/^[\w./-]{1,100}$/.test(text))
    throw new InvalidArgumentError("It is made of letters, digits, dots, slashes, hyphens and underscores.");
  return text;
};

const HELP = `
In a workflow on "pull_request" it needs GITHUB_TOKEN with the permission "pull-requests: write", and nothing else: where the
repository, the API and the pull request are, GitHub tells by GITHUB_REPOSITORY, GITHUB_API_URL and GITHUB_EVENT_PATH. For a
pull request from a fork that token can only read: GitHub refuses, and this ends with 1.

${exitCodesHelp({
  accepted: "the comment was written, or the one of an earlier run was updated",
  refused: "GitHub refused the comment: standard error says why",
})}

Examples:
  ephemeral-runners plan-review plan.json | ephemeral-runners post-comment -
  ephemeral-runners post-comment review.md --pull-request 17 --key production
`;

/** `post-comment <file>`: the review in the pull request, in one comment that later runs update. */
export const postCommentCommand = (terminal: Terminal): Command =>
  new Command("post-comment")
    .summary("write a review into its pull request, over the one of an earlier run")
    .description(
      "Writes Markdown as a comment of a pull request at GitHub, and updates its own comment later.",
    )
    .argument("<file>", "the Markdown that plan-review wrote; - for standard input")
    .option("--pull-request <number>", "which one (default: that of the workflow's event)", positive)
    .option("--key <key>", "tells the comments of several stacks apart", key, "default")
    .option("--login <name>", "who writes: comments of others are never touched", "github-actions[bot]")
    .addHelpText("after", HELP)
    .action((file: string, options: Options) => run(file, options, terminal));

const needed = (environment: NodeJS.ProcessEnv, name: string, hint: string): string => {
  const value = environment[name];
  if (value === undefined || value === "") throw new InputError(`${name} is not set: ${hint}`);
  return value;
};

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request */
const numberInEvent = ({ GITHUB_EVENT_PATH: path }: NodeJS.ProcessEnv): number => {
  const event = path === undefined || path === "" ? undefined : jsonIn(readFileSync(path, "utf8"));
  const number = numberOf(block(block(event).pull_request).number);
  if (number === undefined)
    throw new InputError("The event is no pull request: give its number with --pull-request.");
  return number;
};

const targetOf = ({ pullRequest, ...options }: Options, environment: NodeJS.ProcessEnv): CommentTarget => {
  const repository = needed(environment, "GITHUB_REPOSITORY", 'set it to "owner/name".');
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository))
    throw new InputError(`GITHUB_REPOSITORY is ${repository}: set it to "owner/name".`);
  return { repository, number: pullRequest ?? numberInEvent(environment), ...options };
};

const run = async (file: string, options: Options, terminal: Terminal): Promise<void> => {
  const { environment } = terminal;
  const token = needed(environment, "GITHUB_TOKEN", "in a workflow, set it to ${{ github.token }}.");
  const target = targetOf(options, environment);
  const github = createGithub(environment.GITHUB_API_URL ?? "https://api.github.com", token);
  try {
    const text = await readText(file, WANTED, terminal);
    // As a whole: what GitHub wrote before it failed is found, and updated.
    const address = await retry(() => postComment(text, target, github), waitAfter);
    terminal.out(`${address}\n`);
  } catch (error) {
    if (!(error instanceof GithubRefusal)) throw error;
    terminal.error(`${error.message}. ${adviceOn(error)}\n`);
    terminal.exit(EXIT.refused);
  }
};

/** A review that is not posted leaves that of an earlier push standing. */
const WAITS_MS = [500, 2_000, 8_000];

/** A job that waits is paid for: what lasts longer is left to the next run. */
const MOST_WAIT_MS = 3 * 60_000;
const MOST_LIMITS = 3;

/** What may pass by itself: a failure of GitHub, and a rate limit, each time with twice the wait that it asked for. */
export const waitAfter: WaitAfter = (error, failures) => {
  if (!(error instanceof GithubRefusal)) return undefined;
  const { status, limitedMs } = error;
  if (limitedMs === undefined) return status >= 500 ? WAITS_MS[failures - 1] : undefined;
  const wait = limitedMs * 2 ** (failures - 1);
  return failures < MOST_LIMITS && wait <= MOST_WAIT_MS ? wait : undefined;
};

const MAY_NOT_WRITE =
  'The token needs "pull-requests: write", which it never has for a pull request from a fork.';

const ADVICE: Readonly<Record<number, string>> = {
  401: "The token is wrong, or has expired.",
  403: MAY_NOT_WRITE,
  404: MAY_NOT_WRITE,
};

/** GitHub's own words: https://docs.github.com/en/communities/moderating-comments-and-conversations/locking-conversations */
const LOCKED = /\block(?:ed)?\b/i;

const adviceOn = ({ status, reason, limitedMs }: GithubRefusal): string => {
  if (limitedMs !== undefined)
    return `It is a rate limit: run it again in ${Math.max(1, Math.ceil(limitedMs / 60_000))} min.`;
  if (status === 403 && LOCKED.test(reason))
    return "The conversation of the pull request is locked: unlock it, and run it again.";
  return ADVICE[status] ?? "Run it again.";
};
