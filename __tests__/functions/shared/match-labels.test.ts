import type { FleetRoute, LabelMatch } from "../../../functions/shared/contract";
import { matchLabels } from "../../../functions/shared/match-labels";

const route = (fleet: string, match: LabelMatch, ...labels: string[]): FleetRoute => ({
  fleet,
  match,
  labels,
});

const exact = route("exact", "exact", "self-hosted", "linux", "x64");
const other = route("other", "exact", "self-hosted", "linux", "arm64");
const wide = route("wide", "subset", "self-hosted", "linux", "x64", "gpu");
const wider = route("wider", "subset", "self-hosted", "linux", "x64", "gpu", "large");
const twin = route("twin", "subset", "self-hosted", "linux", "x64", "fast");

describe("matchLabels", () => {
  it.each<[string, string[], FleetRoute[], string | undefined]>([
    ["equal labels", ["self-hosted", "linux", "x64"], [exact], "exact"],
    ["equal labels in another order", ["x64", "self-hosted", "linux"], [exact], "exact"],
    ["equal labels in another case", ["Self-Hosted", "LINUX", "X64"], [exact], "exact"],
    ["equal labels, one twice", ["self-hosted", "linux", "x64", "X64"], [exact], "exact"],
    ["fewer labels than an exact fleet has", ["self-hosted", "linux"], [exact, other], undefined],
    ["more labels than an exact fleet has", ["self-hosted", "linux", "x64", "gpu"], [exact], undefined],
    ["as many labels, but others", ["self-hosted", "linux", "riscv"], [exact], undefined],
    ["the labels of the second fleet", ["self-hosted", "linux", "arm64"], [exact, other], "other"],
    ["the labels of a hosted runner", ["ubuntu-latest"], [exact, wide], undefined],
    ["no labels", [], [exact, wide], undefined],
    [
      "no labels, and a fleet without labels",
      [],
      [route("none", "exact"), route("any", "subset")],
      undefined,
    ],
    ["an empty label", [""], [exact, wide], undefined],
    ["some labels of a subset fleet", ["gpu"], [exact, wide], "wide"],
    ["all labels of a subset fleet", ["self-hosted", "linux", "x64", "gpu"], [wide], "wide"],
    ["a label that a subset fleet has not", ["gpu", "linux", "tpu"], [wide, wider], undefined],
    ["exact before subset, whatever the order", ["self-hosted", "linux", "x64"], [wide, exact], "exact"],
    ["the subset fleet with fewer labels beside", ["linux", "gpu"], [wider, wide], "wide"],
    ["the first of two subset fleets as near", ["linux"], [wider, twin, wide], "twin"],
    ["a subset fleet that is wider, if only that has all", ["linux", "large"], [wide, wider], "wider"],
    ["no fleets", ["linux"], [], undefined],
  ])("%s", (_, labels, routes, fleet) => {
    expect(matchLabels(labels, routes)?.fleet).toBe(fleet);
  });
});
