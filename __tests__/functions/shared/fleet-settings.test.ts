import { GetParametersCommand } from "@aws-sdk/client-ssm";
import { createFleetSettings, FleetSettingsError } from "../../../functions/shared/fleet-settings";
import { FLEET, fleetSettings } from "../../support/fleet-world";
import { ssmMemory } from "../../support/ssm-memory";

const PREFIX = "/runners/fleets/";
const TOKENS = ["/runners/token", "/runners/second-token"];
const settingsWorld = () => {
  const ssm = ssmMemory({
    [`${PREFIX}${FLEET}`]: JSON.stringify(fleetSettings()),
    [`${PREFIX}broken`]: "{",
    "/runners/token": "a token",
  });
  const primed: Record<string, string | undefined> = {};
  const tokens = TOKENS.map((parameter) => ({
    parameter,
    source: { prime: (value: string | undefined) => void (primed[parameter] = value) },
  }));
  const options = { fleets: [FLEET, "missing", "broken"], fleetParameterPrefix: PREFIX };
  const calls = () =>
    ssm.stub
      .commandCalls(GetParametersCommand)
      .map(({ args }) => (args[0].input as { Names: string[] }).Names);
  return { ssm, primed, calls, source: createFleetSettings(ssm.read, options, tokens) };
};

describe("the settings of fleets", () => {
  it("are read in one call with the tokens that the work will need, and kept", async () => {
    const { source, primed, calls } = settingsWorld();

    const settings = await source.load([FLEET, FLEET]);
    await source.load([FLEET]);

    expect(settings.get(FLEET)).toEqual(fleetSettings());
    expect(calls()).toEqual([[`${PREFIX}${FLEET}`, ...TOKENS]]);
    expect(primed).toEqual({ "/runners/token": "a token", "/runners/second-token": undefined });
  });

  it("are never asked for of a fleet that the function was not told of", async () => {
    const { source, calls } = settingsWorld();

    expect((await source.load(["foreign", ""])).size).toBe(0);

    expect(calls()).toEqual([]);
  });

  it.each(["missing", "broken"])("that are %s are said to be so, and read again", async (fleet) => {
    const { source, ssm } = settingsWorld();
    await expect(source.get(fleet)).rejects.toThrow(FleetSettingsError);
    await expect(source.get(fleet)).rejects.toThrow(`${PREFIX}${fleet} holds no settings of a fleet`);

    ssm.put(`${PREFIX}${fleet}`, JSON.stringify(fleetSettings()));

    expect(await source.get(fleet)).toEqual(fleetSettings());
  });

  it("are read anew once they are forgotten", async () => {
    const { source, ssm } = settingsWorld();
    await source.get(FLEET);
    const moved = { ...fleetSettings(), subnetIds: ["subnet-new"] };
    ssm.put(`${PREFIX}${FLEET}`, JSON.stringify(moved));
    expect(await source.get(FLEET)).toEqual(fleetSettings());

    source.forget(FLEET);

    expect(await source.get(FLEET)).toEqual(moved);
  });
});
