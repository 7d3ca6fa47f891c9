/**
 * Which rules an event meets, as far as this project writes patterns: lists of values, nested objects and `$or`.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
type Pattern = Readonly<Record<string, unknown>>;

export function matches(pattern: Pattern, event: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === "$or") return (wanted as Pattern[]).some((one) => matches(one, event));
    if (Array.isArray(wanted)) return wanted.includes(event[key]);
    return matches(wanted as Pattern, (event[key] ?? {}) as Record<string, unknown>);
  });
}

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-cwe.html */
export function parameterEvent(
  name: string,
  operation: "Create" | "Update" | "Delete",
): Record<string, unknown> {
  return {
    version: "0",
    id: "6a7e4feb-b491-4cf7-a9f1-bf3703497718",
    "detail-type": "Parameter Store Change",
    source: "aws.ssm",
    account: "123456789012",
    time: new Date().toISOString(),
    region: "eu-central-1",
    resources: [`arn:aws:ssm:eu-central-1:123456789012:parameter${name}`],
    detail: { operation, name, type: "SecureString", description: "" },
  };
}
