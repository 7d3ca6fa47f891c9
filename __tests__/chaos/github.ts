import { Github } from "../support/github-core";
import type { App } from "../support/github-credentials";
import { GithubLimits } from "../support/github-limits";
import { runnerRoutes } from "../support/github-routes-runners";
import type { Answer, Route } from "../support/github-route";
import type { Runner } from "../support/github-state";
import type { Clock } from "./clock";
import { LATENCY_MS } from "./web";

export interface Watcher {
  /** Epoch milliseconds from which a runner is shown as busy, by id. */
  readonly busyShownAt: ReadonlyMap<number, number>;
  removed(runner: Runner): void;
  /** Whether a list leaves out a runner that is there. */
  overlooks(): boolean;
}

/**
 * The local GitHub, whose `busy` flag lags, and which tells when a runner's record is deleted.
 *
 * @param skew milliseconds by which its own clock is ahead: all times that it writes go by that, and what it takes of a JWT
 */
export const makeGithub = (
  clock: Clock,
  skew: number,
  apps: readonly App[],
  watcher: () => Watcher,
): Github => {
  const now = (): number => clock.now + skew;
  const shown = (runner: Runner): Runner => ({
    ...runner,
    busy: runner.busy && (watcher().busyShownAt.get(runner.id) ?? 0) <= clock.now,
  });
  const lagging = (answer: Answer): Answer => {
    const body = answer.body as { runners?: Runner[]; id?: number } | undefined;
    if (answer.status !== 200 || !body) return answer;
    const listed = body.runners?.filter(() => !watcher().overlooks()).map(shown);
    return { ...answer, body: listed ? { ...body, runners: listed } : shown(body as Runner) };
  };
  const watched = (route: Route): Route => {
    if (route.route.startsWith("GET")) return { ...route, answer: (call) => lagging(route.answer(call)) };
    if (!route.route.startsWith("DELETE")) return route;
    return {
      ...route,
      answer: (call) => {
        const all = [...call.state.runners.values()].flat();
        const runner = all.find(({ id }) => String(id) === call.params.runner_id);
        const answer = route.answer(call);
        if (runner && answer.status === 204) watcher().removed(runner);
        return answer;
      },
    };
  };
  return new Github({
    apps,
    routes: runnerRoutes.map(watched),
    limits: new GithubLimits(now),
    underWay: () => clock.sleep(LATENCY_MS[1]),
    now,
    sleep: (milliseconds) => clock.sleep(milliseconds),
  });
};
