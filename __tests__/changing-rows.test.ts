/** The matrix of changes is run by `npm run test:changing`; that it has a row for every key is told at once. */
import { CHANGES } from "../scripts/app/changes";
import { contextKeys } from "./e2e/changing/keys";
import { LANES, rowKeys, TEN } from "./e2e/changing/rows";

it("has a row for every key of the schema: give a new one a value in e2e/changing/rows, and what it shows", () => {
  expect(contextKeys.filter((key) => !rowKeys().includes(key))).toEqual([]);
});

it("knows of every key what docs/changing.md says of a change", () => {
  for (const key of contextKeys) expect([key, CHANGES[key]]).toEqual([key, expect.anything()]);
});

it("looks at what is applied with each value", () => {
  for (const { key, what, values, shows } of Object.values(LANES).flatMap((steps) =>
    steps.flatMap(({ rows }) => rows),
  )) {
    expect([key, what, shows.length]).toEqual([key, what, values.length]);
    for (const [type, text] of shows) expect([key, type, text]).not.toContain("");
  }
});

it("tries the most dangerous ones with every change of the code", () => {
  const ten = Object.values(TEN).flatMap((lane) => lane.flatMap(({ rows }) => rows.map(({ key }) => key)));
  expect(ten.sort()).toEqual([
    "runners.fleets",
    "runners.fleets[].labels",
    "runners.fleets[].name",
    "runners.github.appId",
    "runners.kmsKeyArn",
    "runners.network.cidrBlock",
    "runners.network.zones",
    "runners.permissionsBoundaryArn",
    "runners.runnerGroup",
    "runners.tags",
    "runners.webhook",
  ]);
});
