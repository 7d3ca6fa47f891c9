/** What a command is run with, and where it writes. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  readonly exit: (code: number) => void;
  /** All of standard input: its bytes, in whatever encoding, or a text. */
  readonly input: () => string | Promise<Uint8Array>;
  /** Whether colours are wanted. */
  readonly color: boolean;
  /** Of this package. */
  readonly version: string;
  readonly environment: NodeJS.ProcessEnv;
}

export type Style = (text: string) => string;

export type Styles = Readonly<Record<"bold" | "dim" | "red" | "green" | "yellow", Style>>;

/** Styles for a terminal that wants colours; else they leave the text as it is. */
export const stylesFor = (color: boolean): Styles => {
  const style = (on: number, off: number): Style =>
    color ? (text) => `\u001b[${on}m${text}\u001b[${off}m` : (text) => text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    green: style(32, 39),
    yellow: style(33, 39),
  };
};
