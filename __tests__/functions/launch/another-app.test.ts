/** The App, the organization or the access token of a standing installation is another from one apply to the next. */
import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { takeMessages } from "../../../functions/launch/take-messages";
import { rotateTokens } from "../../../functions/rotate-tokens/rotate-tokens";
import type { AppCredential, LaunchSettings, RotateTokensSettings } from "../../../functions/shared/contract";
import { createParts } from "../../../functions/shared/parts";
import { ssmMemory, type SsmMemory } from "../../support/ssm-memory";
import { event, FLEET, fleetSettings, HANDOFF_TABLE, START } from "../../support/fleet-world";
import { GithubServer } from "../../support/github-server";
import { FLEET_PREFIX, launchSettings } from "../../support/launch-settings";
import { launchWorld, recordOf, type LaunchWorld } from "../../support/launch-world";
import { captureLogs, type CapturedLogs } from "../../support/logs";
import { further, key, furtherKey, parameter } from "../rotate-tokens/fixture";

const JOBS = [1, 2, 3, 4, 5];
const first = { appId: "123", privateKeyParameter: parameter.key };
const second = { appId: further.appId, privateKeyParameter: parameter.furtherKey };
type App = Pick<AppCredential, "appId" | "privateKeyParameter">;

let world: LaunchWorld;
let github: GithubServer;
let ssm: SsmMemory;
let logs: CapturedLogs;
let rotations: number;

beforeEach(async () => {
  world = await launchWorld();
  github = await GithubServer.start({
    apps: [
      { id: first.appId, publicKey: key.publicKey, installations: [{ id: 7, owner: "acme" }] },
      {
        id: second.appId,
        publicKey: furtherKey.publicKey,
        installations: [
          { id: 8, owner: "acme" },
          { id: 9, owner: "octo" },
        ],
      },
    ],
    pats: ["ghp_owner"],
  });
  ssm = ssmMemory({
    [parameter.key]: key.privateKey,
    [parameter.furtherKey]: furtherKey.privateKey,
    [parameter.pat]: "ghp_owner",
    [parameter.installation]: "unset",
    [parameter.registration]: "unset",
    [`${FLEET_PREFIX}${FLEET}`]: JSON.stringify(fleetSettings()),
  });
  rotations = 0;
  logs = captureLogs();
});

afterEach(async () => {
  logs.restore();
  await Promise.all([github.stop(), world.server.stop()]);
});

const githubOf = (owner: string) => ({ apiUrl: github.url, webUrl: github.url, owner });

const rotation = (app: App | "token", owner: string): RotateTokensSettings => ({
  installation: "runners",
  github: githubOf(owner),
  ...(app === "token"
    ? {
        credential: { kind: "token", tokenParameter: parameter.pat },
        registrationTokenParameter: parameter.registration,
      }
    : { credential: { kind: "app", ...app }, installationTokenParameter: parameter.installation }),
});

const rotate = (settings: RotateTokensSettings) => {
  rotations++;
  return rotateTokens({ ssm: ssm.client, settings, now: Date.now });
};

/** A new sandbox of the launch function takes five jobs, with the settings of the latest apply. */
const launch = async (app: App | "token", owner = "acme"): Promise<void> => {
  const mode = app === "token" ? "token" : "jit";
  const tokens = app === "token" ? [] : [{ name: app.appId, parameter: parameter.installation }];
  const settings: LaunchSettings = {
    ...launchSettings({ mode, fleets: [FLEET], apiUrl: github.url, tokens }),
    github: githubOf(owner),
    registrationTokenParameter: parameter.registration,
  };
  const parts = createParts(settings, {
    documents: world.database.client(),
    ec2: world.client(),
    readParameters: ssm.read,
    invoke: async () => {
      await rotate(rotation(app, owner));
      return { payload: "{}" };
    },
    wake: () => Promise.resolve(),
    now: Date.now,
  });
  const seconds = Math.floor((Date.now() - START) / 1000);
  const jobs = JOBS.map((id) => recordOf(event("queued", id, seconds)));
  await takeMessages(parts, jobs, Date.now() + 60_000);
};

/** Machines that were launched for nothing. */
const lost = (): number =>
  world.ec2.commandCalls(TerminateInstancesCommand).flatMap(({ args: [{ input }] }) => input.InstanceIds)
    .length;
const alarms = () => logs.lines().filter(({ Alarms }) => Alarms === 1);
const handoffs = () => world.database.items(HANDOFF_TABLE);

it("loses no machine to a token of the App before, whose installation is suspended", async () => {
  await rotate(rotation(first, "acme"));
  github.state.suspended.add(7);

  await launch(second);

  expect({ lost: lost(), alarms: alarms().length, registered: handoffs().length }).toEqual({
    lost: 0,
    alarms: 0,
    registered: 5,
  });
  expect(rotations).toBe(2);
});

it("loses no machine to a token of the organization before", async () => {
  await rotate(rotation(second, "acme"));

  await launch(second, "octo");

  expect({ lost: lost(), alarms: alarms().length, registered: handoffs().length }).toEqual({
    lost: 0,
    alarms: 0,
    registered: 5,
  });
  expect(github.state.runnersOf("orgs/octo")).toHaveLength(5);
});

it("hands no machine a registration token of the organization before", async () => {
  await rotate(rotation("token", "acme"));

  await launch("token", "octo");

  const scopes = handoffs().map(({ environment }) => {
    const [, token = ""] = /TOKEN=(\w+)/.exec(String(environment)) ?? [];
    return github.state.registrationTokens.get(token)?.scope;
  });
  expect(scopes).toEqual(JOBS.map(() => "orgs/octo"));
});

it("asks for another token once only, and for none after a rotation that ran first", async () => {
  await rotate(rotation(first, "acme"));
  await rotate(rotation(second, "acme"));

  await launch(second);

  expect(rotations).toBe(2);
  expect(handoffs()).toHaveLength(5);
});
