import type { Route } from "./github-route";
import { actionsRoutes } from "./github-routes-actions";
import { appRoutes } from "./github-routes-app";
import { hookRoutes } from "./github-routes-hooks";
import { runnerRoutes } from "./github-routes-runners";

export type { Answer, Call, Route } from "./github-route";

/** As much of GitHub's REST API as this project calls. */
export const routes: readonly Route[] = [...runnerRoutes, ...actionsRoutes, ...hookRoutes, ...appRoutes];
