import type { Market } from "../../functions/shared/contract";
import { SPOT_PAUSES } from "../../functions/shared/losses";
import type { Clock } from "./clock";
import type { Random } from "./random";

export interface BootTroubleRules {
  /** Times in which every machine of a fleet dies at boot: a setup command fails, or the image is broken. */
  readonly fleetSpells: number;
  /** Times in which EC2 ends every spot machine of a fleet as it launches it: it may not use the volume's key. */
  readonly spotSpells: number;
  /** Milliseconds that one lasts. */
  readonly length: readonly [from: number, to: number];
}

/** How a machine dies. */
export interface Death {
  /** Milliseconds after its launch. */
  readonly after: number;
  /** As EC2 tells it, or in our own words. */
  readonly reason: string;
  /** What the machine writes to its log before. */
  readonly log?: readonly string[];
}

/** Epoch milliseconds. */
export interface Spell {
  readonly fleet: string;
  /** Absent: machines of all markets die. */
  readonly market?: Market;
  readonly from: number;
  readonly to: number;
  /** When the first of its deaths was known to the functions. */
  knownAt?: number;
  /** When a person was told. */
  readonly toldAt: number[];
}

/** From the launch until a boot step fails; and until EC2 gives up. */
const BOOT_FAILS_MS = [10_000, 50_000] as const;
const LAUNCH_FAILS_MS = [2000, 15_000] as const;

/** As `functions/boot/aws.py` ships it; the step's name is what a stranger made of it. */
const FAILED_BOOT: readonly string[] = [
  'bash: {"message":"boot step","step":"user","status":0,"milliseconds":12}',
  "bash: /opt/ephemeral-runner/setup.sh: line 1: no-such-command: command not found",
  'bash: {"message":"boot step","step":"setup\\u001b[31m\\u202e","status":127,"milliseconds":20}',
  'bash: {"message":"boot step","step":"registration","status":143,"milliseconds":9000}',
];

/** After the end of a spell its machines are found, and told of, for so long. */
const AFTERMATH_MS = 15 * 60_000;
/** Spot is tried once in a pause, of an hour in the end, and what is not tried cannot be known to be over. */
const SPOT_AFTERMATH_MS = AFTERMATH_MS + Math.max(...SPOT_PAUSES);

/** What is logged when losses are found, and what rings. */
const FOUND = "machines lost before a job";
const RUNG = "machines die before a job";

/** Times in which machines die before they can take a job, each in one fleet. */
export class BootTrouble {
  readonly spells: Spell[] = [];
  /** Alarms of fleets whose machines were well. */
  falseAlarms = 0;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly rules: BootTroubleRules,
  ) {}

  /** @param span milliseconds from now in which jobs come: all spells begin in the first half */
  begin(span: number, fleets: readonly string[]): void {
    const { fleetSpells, spotSpells, length } = this.rules;
    const order = this.random.shuffle(fleets);
    const markets = [
      ...Array.from({ length: fleetSpells }, () => undefined),
      ...Array.from({ length: spotSpells }, () => "spot" as const),
    ];
    for (const [index, market] of markets.entries()) {
      const from = this.clock.now + this.random.next() * (span / 2);
      const fleet = order[index % order.length] ?? "";
      this.spells.push({ fleet, market, from, to: from + this.random.between(length), toldAt: [] });
    }
  }

  /** The spell that this machine, which is launched now, dies of; and how. */
  strike(fleet: string, market: Market): { readonly spell: Spell; readonly death: Death } | undefined {
    const { now } = this.clock;
    const spell = this.spells.find(
      (one) => one.fleet === fleet && (one.market ?? market) === market && one.from <= now && now < one.to,
    );
    if (!spell) return undefined;
    const death = spell.market
      ? { after: this.random.between(LAUNCH_FAILS_MS), reason: "Client.InternalError" }
      : { after: this.random.between(BOOT_FAILS_MS), reason: "a boot step failed", log: FAILED_BOOT };
    return { spell, death };
  }

  /** What the functions log. */
  hear(message: string, { fleet }: { readonly fleet?: unknown }): void {
    const { now } = this.clock;
    const begun = this.spells.filter(
      (one) =>
        one.fleet === fleet &&
        one.from <= now &&
        now < one.to + (one.market === "spot" ? SPOT_AFTERMATH_MS : AFTERMATH_MS),
    );
    if (message === FOUND) for (const spell of begun) spell.knownAt ??= now;
    if (message !== RUNG) return;
    for (const spell of begun) spell.toldAt.push(now);
    if (begun.length === 0) this.falseAlarms++;
  }
}
