import type { GithubSettings, ManagedWebhook } from "../shared/contract";
import { GithubError } from "../shared/github";
import { skewOf } from "../shared/github-clock";
import { logger } from "../shared/logger";
import type { Delivery } from "./deliveries";
import { hookClient, hookSentences } from "./hook";
import type { Rotation } from "./rotate-tokens";
import { explained } from "./setup-error";

/** Ten thousand deliveries: some 20 seconds of the function's minute. */
const MOST_PAGES = 100;
const DELIVERIES_A_PAGE = 100;
const TRIES_A_PAGE = 3;

/** The only event that anything here waits for. */
const EVENT = "workflow_job";

/** That a job waits for its gate is worth nothing once it may have opened: the sweep asks GitHub instead. */
const WORTHLESS = "waiting";

/**
 * https://docs.github.com/en/rest/orgs/webhooks, https://docs.github.com/en/rest/repos/webhooks,
 * https://docs.github.com/en/rest/apps/webhooks
 */
const paths: Readonly<Record<ManagedWebhook["kind"], string>> = {
  organization: "/orgs/{owner}/hooks/{hook_id}/deliveries",
  repository: "/repos/{owner}/{repo}/hooks/{hook_id}/deliveries",
  app: "/app/hook/deliveries",
};

/** The fields of GitHub's answer that are read. */
interface DeliveryAnswer {
  /** Greater than an integer of JavaScript can be. */
  readonly id: number | bigint;
  readonly guid: string;
  readonly delivered_at: string;
  readonly redelivery: boolean;
  readonly event: string;
  readonly action?: string | null;
  /** 0: nobody answered in time. */
  readonly status_code: number;
}

/** The deliveries of the webhook. */
export interface HookDeliveries {
  /**
   * Attempts since then, newest first. Undefined: GitHub's limit is met.
   *
   * @param since epoch milliseconds
   * @throws SetupError, GithubError
   */
  list(since: number): Promise<Delivery[] | undefined>;
  /** @throws SetupError, GithubError */
  sendAgain(id: string): Promise<void>;
}

export const openDeliveries = async (
  rotation: Rotation,
  webhook: ManagedWebhook,
): Promise<HookDeliveries> => {
  const client = await hookClient(rotation, webhook);
  const sentences = hookSentences(rotation, webhook);
  const path = paths[webhook.kind];
  const hook = placeOf(rotation.settings.github, webhook);

  const read = async (since: number): Promise<Delivery[]> => {
    const found: Listed[] = [];
    const pages = client.paginate.iterator(`GET ${path}`, { ...hook, per_page: DELIVERIES_A_PAGE });
    let page = 0;
    for await (const { data, headers } of patiently(pages)) {
      const skew = skewOf(headers.date, rotation.now());
      const listed = (data as DeliveryAnswer[]).map((answer) => toListed(answer, skew));
      found.push(...listed);
      if ((listed.at(-1)?.delivery.at ?? since) < since) break;
      if (++page < MOST_PAGES) continue;
      logger.warn("older deliveries not looked at", { since: new Date(since).toISOString(), page });
      break;
    }
    return found
      .filter(({ isWanted, delivery }) => isWanted && delivery.at >= since)
      .map(({ delivery }) => delivery);
  };

  return {
    list: (since) => explained(read(since), sentences).catch(unlessLimited),
    sendAgain: async (id) => {
      // 404 is said of the delivery.
      await explained(client.request(`POST ${path}/{delivery_id}/attempts`, { ...hook, delivery_id: id }), {
        ...sentences,
        404: undefined,
      });
    },
  };
};

interface Page {
  readonly data: unknown;
  readonly headers: { readonly date?: string };
}

/**
 * The pages, each asked for until the answer is clear: the list is long just when many deliveries failed, and one page
 * that is missing would keep all of them from being sent again.
 */
async function* patiently(pages: AsyncIterable<Page>): AsyncGenerator<Page> {
  const iterator = pages[Symbol.asyncIterator]();
  let tries = 1;
  for (;;) {
    try {
      const next = await iterator.next();
      if (next.done) return;
      yield next.value;
      tries = 1;
    } catch (error) {
      if (!(error instanceof GithubError) || !error.unclear || tries++ === TRIES_A_PAGE) throw error;
    }
  }
}

const placeOf = ({ owner, repository }: GithubSettings, { kind, hookId }: ManagedWebhook) =>
  kind === "app" ? {} : { owner, repo: repository, hook_id: hookId };

interface Listed {
  readonly delivery: Delivery;
  readonly isWanted: boolean;
}

/** @param skew milliseconds by which GitHub's clock, which `delivered_at` goes by, is ahead of ours */
const toListed = (answer: DeliveryAnswer, skew: number): Listed => ({
  delivery: {
    id: String(answer.id),
    guid: answer.guid,
    at: Date.parse(answer.delivered_at) - skew,
    redelivery: answer.redelivery,
    succeeded: answer.status_code >= 200 && answer.status_code < 300,
  },
  isWanted: answer.event === EVENT && answer.action !== WORTHLESS,
});

const unlessLimited = (error: unknown): undefined => {
  if (error instanceof GithubError && error.limited) return undefined;
  throw error;
};
