import { found, same, ROTATION, WEBHOOK, settingsChange, STANDING, withSettings } from "./plans";
import type { Values } from "./plans";

describe("an installation that moves", () => {
  const drift = (...addresses: readonly string[]): Values => ({
    resource_drift: addresses.map((address) => ({
      address,
      mode: "managed",
      type: address.split(".")[0],
      change: { actions: ["delete"], before: {}, after: null },
    })),
  });
  const queues = ["a", "b", "c", "d", "e", "f"].map((name) => `aws_sqs_queue.${name}`);
  const anew = Object.fromEntries(queues.map((address) => [address, { after: { name: address } }]));

  it("is told when most of its state is not found", () => {
    expect(found({ ...STANDING, ...anew }, drift(...queues))).toEqual([
      expect.stringMatching(
        /^moved-away danger : 6 of 7 resources that the state knows are not there, where this plan looked\. Is it another region, account or state\?/,
      ),
    ]);
  });

  it("is not suspected when somebody deleted a few things", () => {
    const rest = Object.fromEntries(
      ["k", "l", "m", "n", "o"].map((name) => [`aws_sqs_queue.${name}`, same({ name })]),
    );

    expect(found({ ...STANDING, ...anew }, drift(...queues.slice(0, 2)))).toEqual([]);
    expect(found({ ...STANDING, ...rest, ...anew }, drift(...queues))).toEqual([]);
  });

  it("is told of one installation, where another stands in the same stack", () => {
    const tags = (prefix: string): Values => ({ tags_all: { "ephemeral-runners:installation": prefix } });
    const others = Object.fromEntries(
      [...queues, ...queues.map((one) => `${one}2`)].map((address) => [`${address}x`, same(tags("other"))]),
    );
    const away = queues.map((address) => ({
      address,
      mode: "managed",
      type: "aws_sqs_queue",
      change: { actions: ["delete"], before: tags("runners"), after: null },
    }));

    expect(found({ ...others, ...anew }, { resource_drift: away })).toEqual([
      expect.stringMatching(/^moved-away danger : 6 of 6 resources/),
    ]);
    expect(found({ ...others, ...anew }, drift(...queues))).toEqual([]);
  });

  it("is told by the address of GitHub, and by the repository, which may be renamed", () => {
    const place = (github: Values): Values => ({
      credential: {},
      github: { apiUrl: "https://api.github.com", owner: "acme", repository: "a", ...github },
      webhook: { kind: "app" },
    });
    const matters = (github: Values): readonly string[] =>
      found(settingsChange(ROTATION, place({}), place(github)));

    expect(matters({ apiUrl: "https://ghe.acme.com/api/v3" })).toEqual([
      expect.stringMatching(
        /^moved-away danger .*: calls https:\/\/ghe\.acme\.com\/api\/v3 in place of https:\/\/api\.github\.com/,
      ),
    ]);
    expect(matters({ repository: "b" })).toEqual([
      expect.stringMatching(
        /^moved-away attention .*: serves b in place of a, if it is not the same, renamed/,
      ),
    ]);
    expect(matters({ repository: undefined })).toEqual([
      expect.stringMatching(/serves the organization in place of a/),
    ]);
    expect(matters({ repository: "A" })).toEqual([]);
  });

  it("is none of the function of another tool", () => {
    const other = (owner: string): Values => ({
      ...withSettings({ owner, publicRepositories: true }),
      tags: {},
    });

    expect(found({ "aws_lambda_function.x": { before: other("a"), after: other("b") } })).toEqual([]);
  });

  it("leaves a webhook behind when GitHub does not find it", () => {
    const hook = "github_organization_webhook.h";

    expect(found({ ...STANDING, [hook]: { after: { name: "h" } } }, drift(hook))).toEqual([
      expect.stringMatching(
        /^hook-left danger : not found at GitHub, where this plan looked: github_organization_webhook\.h\./,
      ),
      expect.stringMatching(/^events-gap/),
    ]);
  });

  it("is told by the owner, whose case does not count", () => {
    const owner = (name: string): Values => ({ owner: name, publicRepositories: false });

    expect(found(settingsChange(WEBHOOK, owner("acme"), owner("Acme")))).toEqual([]);
    expect(found(settingsChange(WEBHOOK, owner("acme"), owner("other")))).toEqual([
      expect.stringMatching(
        /^moved-away danger aws_lambda_function\.webhook: serves other in place of acme: webhook/,
      ),
    ]);
  });

  it("is told by the prefix", () => {
    const queue = (prefix: string): Values => ({
      tags: { "ephemeral-runners:installation": prefix, team: "a" },
    });

    expect(
      found({ "aws_sqs_queue.q": { before: queue("a"), after: queue("b"), actions: ["delete", "create"] } }),
    ).toEqual([
      expect.stringMatching(
        /^moved-away danger : the prefix changes from a to b: queue, ledger and tokens are destroyed/,
      ),
    ]);
    expect(found({ "aws_sqs_queue.q": { before: queue("a"), after: { ...queue("a"), name: "x" } } })).toEqual(
      [],
    );
  });
});
