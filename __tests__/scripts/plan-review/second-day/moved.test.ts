import { found, same, WEBHOOK, settingsChange, STANDING } from "./plans";
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
