import { ConfigurationError } from "./validation";
import type { Construct } from "constructs";
/* eslint-disable @typescript-eslint/ban-ts-comment, @typescript-eslint/no-require-imports --
   The provider is an optional peer: the declarations compile where it is not installed, and it is loaded when one of its
   constructs is made. "expect" in place of "ignore" would be a mistake wherever it is installed, and of the comments before
   an import only those of two stars come into the declarations. */
/** @ts-ignore: an optional peer */
import type { ActionsRunnerGroup } from "@cdktf/provider-github/lib/actions-runner-group";
/** @ts-ignore: an optional peer */
import type { OrganizationWebhook } from "@cdktf/provider-github/lib/organization-webhook";
/** @ts-ignore: an optional peer */
import type { RepositoryWebhook } from "@cdktf/provider-github/lib/repository-webhook";

export type { ActionsRunnerGroup, OrganizationWebhook, RepositoryWebhook };

interface Provider {
  readonly ActionsRunnerGroup: typeof ActionsRunnerGroup;
  readonly OrganizationWebhook: typeof OrganizationWebhook;
  readonly RepositoryWebhook: typeof RepositoryWebhook;
}

/** Each by a path that is written out, so that a bundler finds it. */
const LOAD: { readonly [Name in keyof Provider]: () => Pick<Provider, Name> } = {
  ActionsRunnerGroup: () => require("@cdktf/provider-github/lib/actions-runner-group") as Provider,
  OrganizationWebhook: () => require("@cdktf/provider-github/lib/organization-webhook") as Provider,
  RepositoryWebhook: () => require("@cdktf/provider-github/lib/repository-webhook") as Provider,
};

const isMissing = (error: unknown): boolean => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "MODULE_NOT_FOUND" && message.includes("@cdktf/provider-github");
};

/**
 * A class of the GitHub provider, for `scope`, which makes one of it.
 *
 * @throws ConfigurationError where the provider is not installed
 */
export const fromGithubProvider = <Name extends keyof Provider>(
  scope: Construct,
  name: Name,
): Provider[Name] => {
  try {
    return LOAD[name]()[name];
  } catch (error) {
    if (!isMissing(error)) throw error;
    throw new ConfigurationError(
      `[${scope.node.path}] This is made with the GitHub provider, which is not installed: npm install @cdktf/provider-github@15. ` +
        'Or have nothing made at GitHub: with webhook "app" or "manual", and a runnerGroup by its id (RunnerGroup.fromId).',
    );
  }
};
