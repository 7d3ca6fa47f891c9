import {
  fleet,
  found,
  tagged,
  same,
  withSettings,
  ROTATION,
  settingsChange,
  STANDING,
  PROVIDER,
} from "./plans";
import type { Made } from "../small-plan";
import type { Resources, Values } from "./plans";

describe("events", () => {
  const KIND = (kind?: string): Values => ({
    credential: {},
    ...(kind !== undefined && { webhook: { kind } }),
  });
  const HOOK = "github_organization_webhook.h";
  const hook = { id: "1", configuration: [{ url: "https://a" }] };

  it.each<[string, string | undefined, string | undefined, RegExp]>([
    ["to the App's", "organization", "app", /from organization to app: for a second or two no event/],
    ["to one of the team's own", "organization", undefined, /to manual: .*"terraform state rm" before/],
    ["from one of the team's own to the App's", undefined, "app", /from manual to app: switch your own/],
    ["from the App's", "app", "organization", /no event is lost; switch the App's webhook off/],
  ])("have a word when the webhook changes %s", (_, before, after, text) => {
    const matters = found(
      {
        ...settingsChange(ROTATION, KIND(before), KIND(after)),
        [HOOK]: { before: hook },
      },
      PROVIDER,
    );

    expect(matters).toEqual([
      expect.stringMatching(new RegExp(`^events-gap attention ${ROTATION}: .*${text.source}`)),
    ]);
  });

  it.each([
    ["app", /from app to organization: no event is lost/],
    [undefined, /from manual to organization: import/],
  ])("know the kind that comes by the webhook that is made, from %s", (kind, text) => {
    const rotation = {
      before: withSettings(KIND(kind)),
      after: tagged({ environment: [{ variables: {} }] }),
      unknown: { environment: [{ variables: { SETTINGS: true } }] },
    };

    expect(found({ [ROTATION]: rotation, [HOOK]: { after: { events: [] } } })).toEqual([
      expect.stringMatching(text),
    ]);
  });

  it("have nothing to say of one of the team's own that is imported", () => {
    const change = settingsChange(ROTATION, KIND(), KIND("organization"));

    expect(found({ ...change, [HOOK]: same(hook) })).toEqual([]);
    expect(found({ ...change, [HOOK]: { after: hook } })).toEqual([
      expect.stringMatching(/from manual to organization: import/),
    ]);
  });

  it("go on from a webhook that the state has lost with its provider", () => {
    const credential = { credential: {} };
    const lost = settingsChange(
      ROTATION,
      { ...credential, webhook: { kind: "repository", hookId: "17" } },
      { ...credential, webhook: { kind: "app" } },
    );

    expect(found(lost)).toContainEqual(
      expect.stringMatching(
        /^hook-left danger aws_lambda_function\.rotation: webhook 17 is not in the plan.*keepGithubProvider/,
      ),
    );
    expect(found({ ...lost, [HOOK]: { before: hook } }, PROVIDER).join()).not.toContain("hook-left");
  });

  it("know a webhook that the team takes over", () => {
    const taken = settingsChange(
      ROTATION,
      { credential: {}, webhook: { kind: "organization", hookId: "17" } },
      { credential: {} },
    );

    expect(found(taken)).toEqual([
      expect.stringMatching(
        /^hook-left attention .*: webhook 17 .*that is right if you took it out of the state/,
      ),
      expect.stringMatching(/^events-gap/),
    ]);
  });

  it("are none of an installation that goes as a whole while another stands", () => {
    const of = (prefix: string, values: Values): Values => ({
      ...values,
      tags: { "ephemeral-runners:installation": prefix },
    });
    const gone: Resources = {
      "aws_lambda_function.gone": {
        before: of("gone", withSettings({ credential: {}, webhook: { kind: "organization", hookId: "17" } })),
      },
      "aws_ssm_parameter.f": {
        before: { ...fleet("x64", { runnerGroupId: "8" }), name: "/gone/fleets/x64" },
      },
      "aws_vpc.v": { before: of("gone", { id: "vpc-1" }) },
      "aws_subnet.s": { before: { id: "subnet-1", vpc_id: "vpc-1" } },
      "aws_apigatewayv2_api.a": { before: of("gone", { id: "api" }) },
      "aws_apigatewayv2_route.r": { before: { id: "route", api_id: "api" } },
      [HOOK]: { before: { ...hook, id: "17" } },
      "github_actions_runner_group.g": { before: { id: "8" } },
    };

    expect(found({ ...STANDING, ...gone }, PROVIDER)).toEqual([]);
    expect(found({ ...STANDING, ...gone, [HOOK]: { before: hook } }, PROVIDER)).toEqual([
      expect.stringMatching(/^events-gap/),
    ]);
  });

  it("have machines wait in the default group for a while, when their own group goes", () => {
    const gone = { "github_actions_runner_group.g": { before: { id: "7" } } };
    const word: unknown = expect.stringMatching(
      /^public-access attention github_actions_runner_group\.g: .*default group/,
    );

    expect(found({ ...STANDING, ...gone }, PROVIDER)).toEqual([word]);
    expect(found(gone, PROVIDER)).toEqual([]);
  });

  it("have none while the webhook stays, whatever else the rotation is told", () => {
    expect(
      found({
        ...settingsChange(ROTATION, KIND("app"), { ...KIND("app"), rerunInterrupted: false }),
        [HOOK]: same(hook),
      }),
    ).toEqual([]);
  });

  it.each<[string, Made]>([
    ["is made anew", { before: hook, after: hook, actions: ["delete", "create"] }],
    ["is made", { after: hook }],
  ])("have a gap when the webhook %s", (_, made) => {
    expect(found({ ...STANDING, [HOOK]: made })).toEqual([
      expect.stringMatching(/^events-gap attention github_organization_webhook\.h: no event is taken until/),
    ]);
    // With the whole installation it is no gap.
    expect(found({ "aws_lambda_function.sweep": { after: withSettings({}) }, [HOOK]: made })).toEqual([]);
  });

  it("go to an old address for a while when the API is made anew", () => {
    const api = tagged({ id: "api" });

    expect(
      found({
        ...STANDING,
        "aws_apigatewayv2_api.a": { before: api, after: api, actions: ["delete", "create"] },
      }),
    ).toEqual([
      expect.stringMatching(/^events-gap attention aws_apigatewayv2_api\.a: GitHub sends to the old address/),
    ]);
    expect(
      found({ ...STANDING, "aws_apigatewayv2_api.a": { before: api, after: { ...api, name: "b" } } }),
    ).toEqual([]);
  });

  it("go on from a webhook that is forgotten", () => {
    const forgotten = { before: hook, actions: ["forget"] };

    expect(found({ ...STANDING, [HOOK]: forgotten }, PROVIDER)).toEqual([
      expect.stringMatching(/^hook-left danger github_organization_webhook\.h: goes on sending/),
    ]);
  });

  it("go on from what is destroyed without its provider", () => {
    const gone = { ...STANDING, "github_actions_runner_group.g": { before: { id: "7" } } };

    const left: unknown = expect.stringMatching(
      /^hook-left danger github_actions_runner_group\.g: .*"is a user".*keepGithubProvider/,
    );

    expect(found(gone)).toContainEqual(left);
    expect(found(gone, PROVIDER)).not.toContainEqual(left);
    // The environment configures it, then: the others could not be read otherwise.
    expect(found({ ...gone, "github_team.t": same({ id: "1" }) })).not.toContainEqual(left);
  });
});
