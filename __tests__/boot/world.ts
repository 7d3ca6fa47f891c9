/** What the tests of this folder share: the emulator, figures, and the rules that hold for every machine. */
import { startMoto } from "../support/moto";
import type { Moto } from "../support/moto";
import { jitConfig, play, prepareAws, registrationToken } from "./scenario";
import type { Outcome, Scenario } from "./scenario";
import { instanceCredentials } from "./stand-ins";

/** A boot without any limit in it takes less, on a busy computer too; what a limit adds comes on top. */
export const BOOT_SECONDS = 30;

/** From the runner's end to power-off: the logs are shipped in between. */
export const FINISH_SECONDS = 6;

export interface World {
  readonly live: (scenario: Scenario) => Promise<Outcome>;
  readonly note: (figure: string) => void;
}

/** Starts and stops what the machines of one test file need, and prints their times at the end. */
export function useWorld(): World {
  let moto: Moto;
  const figures: string[] = [];
  beforeAll(async () => {
    moto = await startMoto();
    await prepareAws(moto.endpoint);
  });
  afterAll(async () => {
    await moto.stop();
    process.stdout.write(`${figures.join("\n")}\n`);
  });
  return {
    note: (figure) => figures.push(figure),
    live: async (scenario) => {
      const outcome = await play(moto.endpoint, scenario);
      const since = outcome.secondsSinceRunner?.toFixed(1);
      figures.push(
        `${outcome.seconds.toFixed(1)} s${since ? `, ${since} s from the runner's start` : ""}: ${expect.getState().currentTestName ?? "its group"}`,
      );
      expectNoSecrets(outcome);
      return outcome;
    },
  };
}

const expectNoSecrets = ({ watch, journal, shipped }: Outcome): void => {
  expect([...watch.commandLines].join("\n")).toContain("/usr/bin/cloud-init modules --mode=final");
  expect(watch.sightings.filter(({ where }) => where === "cmdline")).toEqual([]);
  for (const secret of [jitConfig, registrationToken, ...Object.values(instanceCredentials)]) {
    expect(journal).not.toContain(secret);
    expect(shipped.join("\n")).not.toContain(secret);
  }
};

export const ran = (outcome: Outcome): boolean => outcome.told.has("run-environ");

export interface Step {
  readonly status: number;
  readonly milliseconds: number;
}

/** The boot's steps, as they stand in the shipped logs. */
export const stepsOf = (outcome: Outcome): Readonly<Record<string, Step>> =>
  Object.fromEntries(
    outcome.shipped
      .flatMap((line) => /\{"message":"boot step".*\}/.exec(line) ?? [])
      .map((json) => JSON.parse(json) as Step & { step: string })
      .map(({ step, status, milliseconds }) => [step, { status, milliseconds }]),
  );
