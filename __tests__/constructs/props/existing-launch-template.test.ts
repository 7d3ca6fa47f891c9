import { EphemeralRunners } from "../../../constructs";
import { mistakes } from "../../support/synth";
import { CONSTRUCTS, fleet } from "./constructs";
import { FLEET_ROWS, MACHINE_ROWS } from "./fleet-rows";

const told = (more: Readonly<Record<string, unknown>>): string[] =>
  mistakes((stack) => {
    const existingLaunchTemplate = FLEET_ROWS.existingLaunchTemplate.value;
    new EphemeralRunners(stack, "It", {
      ...CONSTRUCTS.EphemeralRunners.least(stack),
      fleets: [{ ...fleet, existingLaunchTemplate, ...more } as never],
    });
  });

describe("beside existingLaunchTemplate", () => {
  const props = Object.entries(MACHINE_ROWS).filter(([prop]) => prop !== "architecture");

  it("the architecture is the fleet's to say", () => {
    expect(told({ architecture: "arm64" })).toEqual([]);
  });

  it.each(props)("%s, which would be of no use, is refused by its name", (prop, { value, beside }) => {
    expect(told({ ...beside, [prop]: value })[0]).toMatch(
      new RegExp(
        `^fleets\\[0\\]\\.existingLaunchTemplate and .*fleets\\[0\\]\\.${prop}\\b.* exclude each other`,
      ),
    );
  });
});
