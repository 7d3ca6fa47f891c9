import { randomBytes } from "node:crypto";
import type { Octokit } from "@octokit/rest";
import type { GithubSettings, ManagedWebhook, WebhookSecrets } from "../shared/contract";
import { parseObject } from "../shared/json";
import { logger } from "../shared/logger";
import { readParameters } from "../shared/parameters";
import { parametersOf } from "./read-parameters";
import { hookClient, hookSentences } from "./hook";
import type { Rotation } from "./rotate-tokens";
import { explained, SetupError } from "./setup-error";
import { writeParameter } from "./write-parameter";

/** Runs at the same time can overtake each other; more than a few rounds means that something else is wrong. */
const ROUNDS = 5;

/**
 * Sets the address and the current secret of the webhook at GitHub, whatever stands there, and makes the first secret
 * if there is none. The secret is stored before GitHub gets it: cut off in between, the next run sets it.
 *
 * Runs at the same time, as after a first apply, may each make a secret. The last one stored counts, so each run
 * looks again after it has set one, and sets the other if that came in between.
 *
 * @throws SetupError when GitHub does not let us, and says what to do
 */
export const setWebhook = async (rotation: Rotation, webhook: ManagedWebhook): Promise<void> => {
  const { settings, ssm, values } = rotation;
  const { secretParameter, kind, hookId, url } = webhook;
  let secret = currentSecret(values[secretParameter]) ?? (await makeSecret(rotation, secretParameter));
  const github = await hookClient(rotation, webhook);
  for (let round = 0; round < ROUNDS; round++) {
    const config = { url, secret, content_type: "json", insecure_ssl: "0" };
    await explained(
      update[kind](github, settings.github, Number(hookId), config),
      hookSentences(rotation, webhook),
    );
    const stored = currentSecret(
      (await readParameters(parametersOf(ssm), [secretParameter]))[secretParameter],
    );
    if (stored === undefined || stored === secret) {
      logger.info("webhook set", { kind, hookId, url, secretParameter });
      return;
    }
    secret = stored;
  }
  throw new SetupError(`${secretParameter} changes all the time: see who else writes it, and stop that.`);
};

const makeSecret = async (rotation: Rotation, parameter: string): Promise<string> => {
  const secrets: WebhookSecrets = {
    ...parseObject(rotation.values[parameter]),
    current: randomBytes(32).toString("hex"),
  };
  await writeParameter(rotation, parameter, JSON.stringify(secrets));
  logger.info("webhook secret made", { parameter });
  return secrets.current;
};

/** What is not JSON was set by hand, and is the secret itself. */
const currentSecret = (value: string | undefined): string | undefined => {
  const { current } = parseObject(value) ?? { current: value };
  return typeof current === "string" && current !== "" ? current : undefined;
};

interface HookConfig {
  readonly url: string;
  readonly secret: string;
  readonly content_type: string;
  readonly insecure_ssl: string;
}

type Update = (github: Octokit, at: GithubSettings, hook: number, config: HookConfig) => Promise<unknown>;

/** `data` is the body as it is: given beside it, `url` would be taken for the address to call. */
const update: Readonly<Record<ManagedWebhook["kind"], Update>> = {
  organization: (github, { owner }, hook_id, data) =>
    github.request("PATCH /orgs/{org}/hooks/{hook_id}/config", { org: owner, hook_id, data }),
  repository: (github, { owner, repository = "" }, hook_id, data) =>
    github.request("PATCH /repos/{owner}/{repo}/hooks/{hook_id}/config", {
      owner,
      repo: repository,
      hook_id,
      data,
    }),
  app: (github, _at, _hook, data) => github.request("PATCH /app/hook/config", { data }),
};
