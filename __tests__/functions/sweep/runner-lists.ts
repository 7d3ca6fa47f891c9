import { runnerName } from "../../../functions/shared/contract";
import { FLEET, INSTALLATION } from "../../support/fleet-world";
import type { SweepWorld } from "./sweep-world";

export const GROUP = "GET /orgs/{org}/actions/runner-groups/{runner_group_id}/runners";
export const ALL = "GET /orgs/{org}/actions/runners";
export const ONE = "GET /orgs/{org}/actions/runners/{runner_id}";

/** A machine that is nowhere. */
export const stray = (index: number): string => `i-${index.toString(16).padStart(17, "0")}`;

/** What happens in a world with many runners, ours and those of others. */
export const runnerLists = (world: () => SweepWorld) => {
  const routes = () => world().github.requests.map(({ route }) => route);
  return {
    routes,
    /** The routes that the next sweep asks for. */
    asks: async (): Promise<(string | undefined)[]> => {
      world().github.requests.length = 0;
      await world().sweeps(1);
      return routes();
    },
    others: (count: number, group: number, scope?: string): void => {
      for (let index = 0; index < count; index++)
        world().register(`others-${group}-${index}`, { busy: true, runner_group_id: group }, scope);
    },
    /** So many machines of ours, up and free. */
    idle: async (count: number): Promise<string[]> => {
      const ids = await world().launch(...Array.from({ length: count }, (_, index) => index + 1));
      for (const id of ids) world().online(id);
      return ids;
    },
    /** The record of a machine that is nowhere. */
    leave: (index: number): void => {
      world().register(runnerName(INSTALLATION, FLEET, stray(index)), { status: "offline" });
    },
    /** The job that was waited for has been cancelled, and the machine is gone. */
    endAll: async (): Promise<void> => {
      for (const [id] of world().cloud.machines) world().cloud.stop(id, "Client.InstanceInitiatedShutdown");
      for (const job of world().github.state.actions.jobs.values()) {
        world().github.state.actions.cancel(job);
        await world().tell("completed", job);
      }
    },
  };
};
