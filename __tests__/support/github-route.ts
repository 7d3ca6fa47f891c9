import type { Authorization, AuthorizationKind, Permissions } from "./github-credentials";
import type { GithubState } from "./github-state";

export interface Call {
  readonly state: GithubState;
  readonly authorization: Authorization;
  /** What the placeholders of the path stand for, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** As it was asked for: what links to further pages begin with. */
  readonly url: URL;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Route {
  /** Method and path with placeholders, e.g. `GET /orgs/{org}/actions/runners`. */
  readonly route: string;
  readonly allow: readonly AuthorizationKind[];
  /** One of these is needed (installation tokens and fine-grained personal access tokens). */
  readonly permissions?: Permissions;
  readonly answer: (call: Call) => Answer;
}

export const tokens = ["installation", "pat"] as const;
export const jwt = ["app"] as const;

export const message = (status: number, text: string): Answer => ({ status, body: { message: text } });

export const notFound = message(404, "Not Found");

/** In GitHub's words as others met them: https://github.com/octokit/octokit.rb/pull/1307 */
export const suspended = message(403, "This installation has been suspended");

/** `orgs/acme`, or `repos/acme/app`. */
export const scopeOf = ({ params: { org, owner, repo } }: Call): string =>
  org ? `orgs/${org}` : `repos/${owner ?? ""}/${repo ?? ""}`;

/** https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const PAGE = 30;
const LONGEST_PAGE = 100;

export const pageSize = (query: URLSearchParams): number =>
  Math.min(Number(query.get("per_page") ?? PAGE), LONGEST_PAGE);

/** One page of a list with a count, and the links to the pages beside it. */
export const listed = ({ query, url }: Call, name: string, all: readonly unknown[]): Answer => {
  const size = pageSize(query);
  const page = Number(query.get("page") ?? 1);
  const last = Math.max(Math.ceil(all.length / size), 1);
  const links = [
    ...(page > 1 ? [linkTo(url, "page", page - 1, "prev")] : []),
    ...(page < last ? [linkTo(url, "page", page + 1, "next"), linkTo(url, "page", last, "last")] : []),
  ];
  const items = all.slice((page - 1) * size, page * size);
  return { status: 200, body: { total_count: all.length, [name]: items }, headers: linkHeader(links) };
};

export const linkTo = (url: URL, parameter: string, value: string | number, rel: string): string => {
  const target = new URL(url);
  target.searchParams.set(parameter, String(value));
  return `<${target.href}>; rel="${rel}"`;
};

export const linkHeader = (links: readonly string[]): Readonly<Record<string, string>> =>
  links.length > 0 ? { link: links.join(", ") } : {};

/** One verb at both levels. */
export const atBothLevels = (
  method: string,
  rest: string,
  permissions: readonly [organization: Permissions, repository: Permissions],
  answer: Route["answer"],
): Route[] => [
  { route: `${method} /orgs/{org}${rest}`, allow: tokens, permissions: permissions[0], answer },
  { route: `${method} /repos/{owner}/{repo}${rest}`, allow: tokens, permissions: permissions[1], answer },
];
