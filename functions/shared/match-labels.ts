import { createHash } from "node:crypto";
import type { FleetRoute } from "./contract";

/**
 * The one fleet that a job with these labels is for, or undefined. GitHub compares labels without regard to case.
 *
 * A fleet that matches exactly goes first, in the order of the routes. Then, of those that match by `subset`, the one
 * with the fewest labels that the job did not ask for: a plain job gets a plain machine.
 */
export const matchLabels = (
  labels: readonly string[],
  routes: readonly FleetRoute[],
): FleetRoute | undefined => {
  const job = asSet(labels);
  if (job.size === 0) return undefined;
  const candidates = routes
    .map((route) => ({ route, fleet: asSet(route.labels) }))
    .filter(({ fleet }) => [...job].every((label) => fleet.has(label)))
    .map(({ route, fleet }) => ({ route, extra: fleet.size - job.size }));
  const exact = candidates.find(({ route, extra }) => route.match === "exact" && extra === 0);
  const [closest] = candidates
    .filter(({ route }) => route.match === "subset")
    .sort((one, other) => one.extra - other.extra);
  return (exact ?? closest)?.route;
};

/** Whether GitHub gives a job with these labels to a runner with those: it has all of them. */
export const fits = (job: readonly string[], runner: readonly string[]): boolean => {
  const has = asSet(runner);
  return [...asSet(job)].every((label) => has.has(label));
};

/** The same for the same labels in any order and case, and short enough to stand in each machine's item. */
export const labelsKey = (labels: readonly string[]): string =>
  createHash("sha256")
    .update(JSON.stringify([...asSet(labels)].sort()))
    .digest("hex")
    .slice(0, 8);

const asSet = (labels: readonly string[]): Set<string> => new Set(labels.map((label) => label.toLowerCase()));
