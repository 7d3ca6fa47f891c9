/**
 * DynamoDB's condition and update expressions, as far as this project writes them, and stricter: every name has to
 * stand as `#name` and every value as `:value`, so that no reserved word can slip through.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export type Item = Record<string, unknown>;

export interface ExpressionContext {
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

export class ValidationException extends Error {
  override readonly name = "ValidationException";
}

type Predicate = (item: Item) => boolean;

const comparisons: Record<string, (a: never, b: never) => boolean> = {
  "=": (a, b) => a === b,
  "<>": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** Reads expressions of one request, and remembers which names and values they used. */
export class ExpressionReader {
  private readonly used = new Set<string>();
  private tokens: string[] = [];

  constructor(private readonly context: ExpressionContext) {
    const empty = Object.values(context).some(
      (one) => one !== undefined && Object.keys(one as Item).length === 0,
    );
    if (empty) throw new ValidationException("Names and values must not be empty");
  }

  condition(expression: string): Predicate {
    this.tokenize(expression);
    const predicate = this.or();
    this.end(expression);
    return predicate;
  }

  /** Changes a copy of the item. */
  update(expression: string): (item: Item) => Item {
    this.tokenize(expression);
    const changes: ((item: Item) => void)[] = [];
    const clauses: Record<string, () => (item: Item) => void> = {
      SET: () => {
        const name = this.attribute();
        this.take("=");
        const value = this.value();
        return (item) => (item[name] = structuredClone(value));
      },
      REMOVE: () => {
        const name = this.attribute();
        return (item) => delete item[name];
      },
      ADD: () => {
        const name = this.attribute();
        const value = this.value();
        return (item) => (item[name] = Number(item[name] ?? 0) + Number(value));
      },
    };
    while (this.tokens.length > 0) {
      const clause = clauses[this.next()];
      if (!clause) throw new ValidationException(`Syntax error in ${expression}`);
      do changes.push(clause());
      while (this.skip(","));
    }
    return (item) => {
      const copy = structuredClone(item);
      for (const change of changes) change(copy);
      return copy;
    };
  }

  /** As DynamoDB does, refuses names and values that no expression uses. */
  assertAllUsed(): void {
    const given = [...Object.keys(this.context.names ?? {}), ...Object.keys(this.context.values ?? {})];
    const unused = given.filter((name) => !this.used.has(name));
    if (unused.length > 0) throw new ValidationException(`Unused in expressions: ${unused.join(", ")}`);
  }

  private or(): Predicate {
    const parts = [this.and()];
    while (this.skip("OR")) parts.push(this.and());
    return (item) => parts.some((part) => part(item));
  }

  private and(): Predicate {
    const parts = [this.term()];
    while (this.skip("AND")) parts.push(this.term());
    return (item) => parts.every((part) => part(item));
  }

  private term(): Predicate {
    if (this.skip("(")) {
      const inner = this.or();
      this.take(")");
      return inner;
    }
    if (this.skip("attribute_exists")) return this.existence(true);
    if (this.skip("attribute_not_exists")) return this.existence(false);
    const name = this.attribute();
    const compare = comparisons[this.next()];
    if (!compare) throw new ValidationException(`No comparison after ${name}`);
    const value = this.value();
    // A comparison with an attribute that is absent, or of another type, does not hold (`<>` does).
    return (item) =>
      typeof item[name] === typeof value
        ? compare(item[name] as never, value as never)
        : compare === comparisons["<>"];
  }

  private existence(wanted: boolean): Predicate {
    this.take("(");
    const name = this.attribute();
    this.take(")");
    return (item) => (item[name] !== undefined) === wanted;
  }

  private attribute(): string {
    const token = this.next();
    this.used.add(token);
    const name = this.context.names?.[token];
    if (name === undefined) throw new ValidationException(`${token} is not among the names`);
    return name;
  }

  private value(): unknown {
    const token = this.next();
    this.used.add(token);
    const value = this.context.values?.[token];
    if (value === undefined) throw new ValidationException(`${token} is not among the values`);
    return value;
  }

  private tokenize(expression: string): void {
    this.tokens = expression.match(/[#:]?\w+|<>|<=|>=|[=<>(),]/g) ?? [];
  }

  private next(): string {
    return this.tokens.shift() ?? "end of expression";
  }

  private skip(token: string): boolean {
    if (this.tokens[0] !== token) return false;
    this.tokens.shift();
    return true;
  }

  private take(token: string): void {
    if (!this.skip(token))
      throw new ValidationException(`Expected ${token}, found ${this.tokens[0] ?? "the end"}`);
  }

  private end(expression: string): void {
    if (this.tokens.length > 0) throw new ValidationException(`Syntax error in ${expression}`);
  }
}
