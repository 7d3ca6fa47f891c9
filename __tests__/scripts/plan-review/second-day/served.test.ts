import { found, WEBHOOK, settingsChange, fleet } from "./plans";
import type { Resources, Values } from "./plans";

describe("whom an installation serves", () => {
  const SERVED = {
    owner: "acme",
    publicRepositories: false,
    repositories: ["acme/a"],
    sourceAddresses: ["1.2.3.0/24"],
  };

  it.each<[string, Values, readonly string[]]>([
    ["as before is no matter", {}, []],
    ["by another list is no matter", { repositories: ["acme/b"], sourceAddresses: ["1.2.4.0/24"] }, []],
    [
      "without a list of repositories",
      { repositories: undefined },
      [
        `allow-list-lost danger ${WEBHOOK}: repositories is taken out: all repositories of the organization are served`,
      ],
    ],
    [
      "without a list of addresses",
      { sourceAddresses: undefined },
      [
        `allow-list-lost danger ${WEBHOOK}: sourceAddresses is taken out: deliveries may come from anywhere, and their signature alone decides`,
      ],
    ],
    [
      "in public",
      { publicRepositories: true },
      [
        `public-access danger ${WEBHOOK}: jobs of public repositories are served: whoever opens a pull request there runs code on the machines`,
      ],
    ],
  ])("%s", (_, after, matters) => {
    expect(found(settingsChange(WEBHOOK, SERVED, { ...SERVED, ...after }))).toEqual(matters);
  });

  const pieces = (address: string, revision: string, settings: Values): Resources => {
    const text = JSON.stringify(settings);
    const cut = Math.ceil(text.length / 2);
    return Object.fromEntries(
      [text.slice(0, cut), text.slice(cut)].map((insecure_value, index) => {
        const values = {
          name: `/runners/settings/webhook/${revision}/${index}`,
          type: "String",
          insecure_value,
        };
        return [
          `aws_ssm_parameter.${address}${index}`,
          revision === "old" ? { before: values } : { after: values },
        ];
      }),
    );
  };
  const movedTo = (revision: string): Values => ({
    owner: "acme",
    publicRepositories: false,
    settingsParameters: [0, 1].map((index) => `/runners/settings/webhook/${revision}/${index}`),
  });
  const listsOf = ({ repositories, sourceAddresses }: Values): Values => ({ repositories, sourceAddresses });

  it("is read where the lists stand in parameters", () => {
    const moves = (after: Values): Resources => ({
      ...settingsChange(WEBHOOK, movedTo("old"), movedTo("new")),
      ...pieces("old", "old", listsOf(SERVED)),
      ...pieces("new", "new", after),
    });

    expect(found(moves({ ...listsOf(SERVED), repositories: ["acme/b"] }))).toEqual([]);
    expect(found(moves({ repositories: ["acme/a"] }))).toEqual([
      expect.stringContaining("sourceAddresses is taken out"),
    ]);
  });

  it("is not guessed where a piece is known after the apply only", () => {
    const [[address, piece] = ["", {}]] = Object.entries(pieces("new", "new", {}));

    expect(
      found({
        ...settingsChange(WEBHOOK, movedTo("old"), movedTo("new")),
        ...pieces("old", "old", listsOf(SERVED)),
        [address]: piece,
      }),
    ).toEqual([]);
  });

  it("is told when machines join the group that all share", () => {
    const change = (after: Values, before: Values = {}): Resources => ({
      "aws_ssm_parameter.f": { before: fleet("x64", before), after: fleet("x64", after) },
    });

    expect(found(change({ runnerGroupId: "1" }))).toEqual([
      "public-access attention aws_ssm_parameter.f: machines join GitHub's default group: look at GitHub whether it serves public repositories",
    ]);
    expect(found(change({ runnerGroupId: "8" }))).toEqual([]);
    expect(found(change({ runnerGroupId: "1", maximumMachines: 2 }, { runnerGroupId: "1" }))).toEqual([]);
  });
});
