import type { FleetRoute, FleetSettings, LaunchSettings } from "./contract";
import { RunnersError } from "./errors";
import { parseObject } from "./json";
import { readParameters, type ReadParameters } from "./parameters";
import type { TokenSource } from "./token";

/** A fleet's settings cannot be had. */
export class FleetSettingsError extends RunnersError {}

export interface FleetSettingsSource {
  /** Whether the function was told of a fleet of this name. */
  knows(fleet: string): boolean;
  /**
   * The settings of each fleet that has some, kept for the life of the sandbox: those that are missing are read in
   * one call, together with the tokens and the runner's version that the work will need. A failed read is never kept. A fleet that the function was
   * not told of has none: IAM refuses the whole call for one such name.
   */
  load(fleets: Iterable<string>): Promise<ReadonlyMap<string, FleetSettings>>;
  /** Which labels lead to which fleet. Undefined unless all fleets have settings. */
  routes(): Promise<readonly FleetRoute[] | undefined>;
  /** @throws FleetSettingsError when the fleet has none */
  get(fleet: string): Promise<FleetSettings>;
  /** They are read anew by whoever needs them next. */
  forget(fleet: string): void;
}

/** A token, or the runner's version, whose parameter is read together with the settings. */
export interface Primed {
  readonly parameter: string;
  readonly source: Pick<TokenSource, "prime">;
}

export const createFleetSettings = (
  read: ReadParameters,
  { fleets: names, fleetParameterPrefix }: Pick<LaunchSettings, "fleets" | "fleetParameterPrefix">,
  others: readonly Primed[],
): FleetSettingsSource => {
  const kept = new Map<string, FleetSettings>();
  const nameOf = (fleet: string): string => `${fleetParameterPrefix}${fleet}`;

  const knows = (fleet: string): boolean => names.includes(fleet);

  const load: FleetSettingsSource["load"] = async (fleets) => {
    const missing = [...new Set(fleets)].filter((fleet) => knows(fleet) && !kept.has(fleet));
    if (missing.length === 0) return kept;
    const parameters = [...missing.map(nameOf), ...others.map(({ parameter }) => parameter)];
    const values = await readParameters(read, parameters);
    for (const { parameter, source } of others) source.prime(values[parameter]);
    for (const fleet of missing) {
      const settings = parseObject(values[nameOf(fleet)]);
      if (settings) kept.set(fleet, settings as unknown as FleetSettings);
    }
    return kept;
  };

  const routes: FleetSettingsSource["routes"] = async () => {
    const all = await load(names);
    const known = names.flatMap((fleet) => {
      const { labels, labelMatch: match = "exact" } = all.get(fleet) ?? {};
      return labels ? [{ fleet, labels, match }] : [];
    });
    return known.length === names.length ? known : undefined;
  };

  const get: FleetSettingsSource["get"] = async (fleet) => {
    const settings = (await load([fleet])).get(fleet);
    if (settings) return settings;
    throw new FleetSettingsError(
      `The parameter ${nameOf(fleet)} holds no settings of a fleet: apply the stack again.`,
    );
  };
  return { knows, load, routes, get, forget: (fleet) => void kept.delete(fleet) };
};
