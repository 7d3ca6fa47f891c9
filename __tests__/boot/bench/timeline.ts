/** The times of one boot, out of the machine's journal. */

/** Said to the journal by the first line of user data. */
export const USER_DATA_BEGINS = "user data begins";

/** Milliseconds. Those of the steps overlap: the registration is waited for while the rest is made ready. */
export type Timeline = Readonly<Record<string, number>>;

/** A stretch between two lines of the journal. */
type Stretch = readonly [name: string, from: RegExp, to: RegExp];

/** `own` is what the boot script answers for; the rest of the machine's boot is the image's. */
const stretches: readonly Stretch[] = [
  ["system and cloud-init", /Journal started/, new RegExp(USER_DATA_BEGINS)],
  ["own", new RegExp(USER_DATA_BEGINS), /Started ephemeral-runner\.service/],
  ["hand over to systemd", new RegExp(USER_DATA_BEGINS), /Starting ephemeral-runner-boot\.service/],
  ["make ready", /Starting ephemeral-runner-boot\.service/, /Finished ephemeral-runner-boot\.service/],
  ["start the runner", /Finished ephemeral-runner-boot\.service/, /Started ephemeral-runner\.service/],
];

interface Step {
  readonly step: string;
  readonly milliseconds: number;
}

/** @param journal in the form `short-iso-precise` @throws Error when the runner did not start */
export const timelineOf = (journal: string): Timeline => {
  const lines = journal.split("\n");
  const timeOf = (event: RegExp): number => {
    const line = lines.find((text) => event.test(text));
    if (line === undefined) throw new Error(`the boot did not come to ${String(event)}:\n${journal}`);
    return Date.parse(line.slice(0, line.indexOf(" ")));
  };
  const steps = lines
    .flatMap((line) => /\{"message":"boot step".*\}/.exec(line) ?? [])
    .map((json) => JSON.parse(json) as Step);
  return {
    ...Object.fromEntries(stretches.map(([name, from, to]) => [name, timeOf(to) - timeOf(from)])),
    ...Object.fromEntries(steps.map(({ step, milliseconds }) => [`step ${step}`, milliseconds])),
  };
};
