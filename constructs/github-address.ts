import type { GithubSettings } from "../functions/shared/contract";

/** The addresses of one GitHub. */
export interface GithubAddresses extends Pick<GithubSettings, "apiUrl" | "webUrl"> {
  /** `base_url` of Terraform's GitHub provider; ends in a slash. */
  readonly providerBaseUrl: string;
}

export const PUBLIC_URL = "https://github.com";

/** https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/feature-overview-for-github-enterprise-cloud-with-data-residency */
const DATA_RESIDENCY = /^https:\/\/([a-z0-9-]+\.ghe\.com)$/;

/**
 * The addresses that follow from a `baseUrl`. Version 6.9 of the GitHub provider takes any `base_url` but
 * `https://api.github.com/` as it is and adds `api/v3/`, except for hosts that begin with `api.` under `ghe.com`: it is
 * always told, in the form that this version and later ones take alike.
 */
export const githubAddresses = (baseUrl: string): GithubAddresses => {
  const webUrl = originOf(baseUrl);
  const resident = DATA_RESIDENCY.exec(webUrl)?.[1];
  const apiHost = webUrl === PUBLIC_URL ? "api.github.com" : resident && `api.${resident}`;
  return apiHost === undefined
    ? { webUrl, apiUrl: `${webUrl}/api/v3`, providerBaseUrl: `${webUrl}/` }
    : { webUrl, apiUrl: `https://${apiHost}`, providerBaseUrl: `https://${apiHost}/` };
};

/** In lower case, and without the port that goes without saying. What is no address is told as a mistake. */
const originOf = (baseUrl: string): string => (URL.canParse(baseUrl) ? new URL(baseUrl).origin : baseUrl);
