import { COMMENT_LIMIT } from "../plan-review/markdown/fit";
import { InputError } from "../read-file";
import type { Github } from "./github";

export interface CommentTarget {
  /** `owner/name` */
  readonly repository: string;
  /** Of the pull request. */
  readonly number: number;
  /** Tells several comments of one pull request apart. */
  readonly key: string;
  /** Login under which comments are written: only its own are touched. */
  readonly login: string;
}

interface Comment {
  readonly id: number;
  readonly body?: string;
  readonly html_url: string;
  readonly user: { readonly login: string } | null;
}

/** https://docs.github.com/en/rest/issues/comments#list-issue-comments: 100 at most */
const PAGE = 100;

const markOf = (key: string): string => `<!-- ephemeral-runners plan-review: ${key} -->`;

/** By its last line, where nothing of the report can stand, and by who wrote it. */
const isOwn = ({ body, user }: Comment, { key, login }: CommentTarget): boolean =>
  user?.login === login && (body ?? "").trimEnd().endsWith(`\n${markOf(key)}`);

const findOwn = async (github: Github, target: CommentTarget): Promise<Comment | undefined> => {
  for (let page = 1; ; page += 1) {
    const comments = await github.call<Comment[]>(
      "GET",
      `/repos/${target.repository}/issues/${target.number}/comments?per_page=${PAGE}&page=${page}`,
    );
    const found = comments.find((one) => isOwn(one, target));
    if (found !== undefined || comments.length < PAGE) return found;
  }
};

/**
 * Writes the text as a comment of the pull request, or over the one that an earlier run wrote.
 *
 * @returns the comment's address
 * @throws InputError for a text that GitHub would not take; GithubRefusal
 */
export const postComment = async (text: string, target: CommentTarget, github: Github): Promise<string> => {
  const body = `${text.trimEnd()}\n\n${markOf(target.key)}`;
  if (body.length > COMMENT_LIMIT)
    throw new InputError(
      `The text has ${body.length} characters, and GitHub takes ${COMMENT_LIMIT}: leave --limit of plan-review as it is.`,
    );
  const own = await findOwn(github, target);
  const comments = `/repos/${target.repository}/issues`;
  const { html_url } =
    own === undefined
      ? await github.call<Comment>("POST", `${comments}/${target.number}/comments`, { body })
      : await github.call<Comment>("PATCH", `${comments}/comments/${own.id}`, { body });
  return html_url;
};
