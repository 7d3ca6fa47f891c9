/** The text that a Terraform expression comes to, as far as it can be told without Terraform. */

/** An expression that calls what is not known here, such as a file. */
export class ExpressionError extends Error {
  public constructor(what: string) {
    super(`an expression that only Terraform can evaluate: ${what}`);
    this.name = "ExpressionError";
  }
}

type Value = string | readonly Value[];

const text = (value: Value | undefined): string => {
  if (typeof value !== "string") throw new ExpressionError("a list where a text is wanted");
  return value;
};

/** Encodings are left out: what is looked at is what they encode. */
const functions: Readonly<Record<string, (...values: readonly Value[]) => Value>> = {
  base64encode: (value) => text(value),
  base64gzip: (value) => text(value),
  textencodebase64: (value) => text(value),
  join: (separator, ...lists) => lists.flat().map(text).join(text(separator)),
  trimspace: (value) => text(value).trim(),
};

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

class Reader {
  private at = 0;

  public constructor(private readonly source: string) {}

  /** A string's content up to `end`, which is not taken; references stay as `${...}`. */
  public template(end: '"' | ""): string {
    let result = "";
    while (this.at < this.source.length && (end === "" || this.source[this.at] !== end)) {
      const next = this.source.slice(this.at, this.at + 3);
      if (next === "$${" || next === "%%{") result += this.skip(3).slice(1);
      else if (next.startsWith("${")) result += this.interpolation();
      else if (next.startsWith("%{")) throw new ExpressionError("a template directive");
      else if (end !== "" && next.startsWith("\\")) result += this.escape();
      else result += this.skip(1);
    }
    return result;
  }

  private interpolation(): string {
    this.skip(2);
    const value = text(this.expression());
    this.expect("}");
    return value;
  }

  private expression(): Value {
    this.space();
    const next = this.source[this.at];
    if (next === '"') return this.string();
    if (next === "[") return this.list("[", "]");
    const word = /^[\w.-]+(\[[^\]]*\][\w.-]*)*/.exec(this.source.slice(this.at))?.[0];
    if (word === undefined) throw new ExpressionError(this.source.slice(this.at, this.at + 20));
    this.skip(word.length);
    if (this.source[this.at] !== "(") return /^\d+$/.test(word) ? word : `\${${word}}`;
    const call = functions[word];
    if (!call) throw new ExpressionError(`${word}()`);
    return call(...this.list("(", ")"));
  }

  private list(open: string, close: string): readonly Value[] {
    this.expect(open);
    const values: Value[] = [];
    for (this.space(); this.source[this.at] !== close; this.space()) {
      values.push(this.expression());
      this.space();
      if (this.source[this.at] !== close) this.expect(",");
    }
    this.expect(close);
    return values;
  }

  private string(): string {
    this.expect('"');
    const content = this.template('"');
    this.expect('"');
    return content;
  }

  private escape(): string {
    const escaped = this.skip(2)[1] ?? "";
    if (escaped === "u") return String.fromCodePoint(Number.parseInt(this.skip(4), 16));
    return ESCAPES[escaped] ?? escaped;
  }

  private expect(what: string): void {
    this.space();
    if (this.skip(what.length) !== what) throw new ExpressionError(`"${what}" is missing`);
  }

  private space(): void {
    while (/\s/.test(this.source[this.at] ?? "")) this.at += 1;
  }

  private skip(length: number): string {
    const skipped = this.source.slice(this.at, this.at + length);
    this.at += length;
    return skipped;
  }
}

/**
 * @param source a string attribute of Terraform's JSON form
 * @throws ExpressionError where it calls a function that is not known here
 */
export const evaluate = (source: string): string => new Reader(source).template("");
