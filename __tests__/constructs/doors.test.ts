import { runSimulation } from "@cloud-copilot/iam-simulate";
import { ACCOUNT } from "../support/applied";
import { DOORS } from "../support/rights/doors";
import { ofType } from "../support/rights/installation";
import { variants } from "../support/rights/variants";

const all = variants();

describe.each(all)("with $what", ({ resources }) => {
  it.each(DOORS)("%s let in those that come, and nobody else", (_kind, open, used) => {
    expect(open(resources).length).toBeGreaterThan(0);
    expect(open(resources).sort()).toEqual(used(resources).sort());
  });

  it.each([
    ["take a message that came over TLS", "true", "Allowed"],
    ["refuse one that came in clear", "false", "ExplicitlyDenied"],
  ])("queues %s", async (_what, secure, expected) => {
    const policies = ofType(resources, "aws_sqs_queue_policy");

    const answers = policies.map(async ({ policy, queue_url: url }) => {
      const queue = ofType(resources, "aws_sqs_queue").find(({ id }) => id === url);
      const answer = await runSimulation(
        {
          request: {
            principal: `arn:aws:iam::${ACCOUNT}:role/sender`,
            action: "sqs:SendMessage",
            resource: { resource: String(queue?.arn), accountId: ACCOUNT },
            contextVariables: { "aws:SecureTransport": secure },
          },
          identityPolicies: [{ name: "sender", policy: MAY_SEND }],
          resourcePolicy: JSON.parse(String(policy)) as object,
          serviceControlPolicies: [],
          resourceControlPolicies: [],
        },
        {},
      );
      return answer.resultType === "error" ? answer.errors : answer.overallResult;
    });

    expect(await Promise.all(answers)).toEqual([expected, expected]);
  });
});

const MAY_SEND = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: "*" }],
};
