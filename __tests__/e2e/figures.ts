import type { Logged } from "../support/lambda-runtime";
import { countByName, type Call } from "../support/proxy";

/** Calls that functions made, and the time it took. */
export interface Measured {
  readonly aws: readonly Call[];
  readonly github: readonly Call[];
  readonly milliseconds: number;
}

/** What a run measured, for the report at its end. */
export class Figures {
  private readonly lines = new Map<string, string>();

  note(name: string, text: string): void {
    this.lines.set(name, text);
  }

  /** Notes the calls of a stretch of the road, and how long launch took for it. */
  count(name: string, webhook: Measured, launch: Measured): void {
    const of = ({ aws, github }: Measured): string => `${aws.length} AWS + ${github.length} GitHub`;
    const names = Object.entries(countByName([...launch.aws, ...launch.github]));
    const list = names.map(([call, times]) => `${times} ${call}`).join(", ");
    this.note(
      name,
      `webhook ${of(webhook)} in ${webhook.milliseconds} ms; launch ${of(launch)} in ${launch.milliseconds} ms (${list})`,
    );
  }

  report(invocations: readonly Logged[]): string {
    const inits = new Map<string, number[]>();
    for (const { name, initMilliseconds } of invocations) {
      if (initMilliseconds !== undefined) inits.set(name, [...(inits.get(name) ?? []), initMilliseconds]);
    }
    const loading = [...inits].map(([name, times]) => `${name} ${Math.round(Math.min(...times))} ms`);
    const lines = [...this.lines, ["loading a bundle, fastest", loading.join(", ")]].map(
      ([name, text]) => `  ${name}: ${text}`,
    );
    return `\nFigures\n${lines.join("\n")}\n`;
  }
}
