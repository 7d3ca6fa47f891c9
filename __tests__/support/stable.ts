/** Code and boot script have tests of their own, and would change every golden file with each edit. */
const HIDDEN: Readonly<Record<string, string>> = { source_code_hash: "CODE", user_data: "USER DATA" };

/** A stack without what its golden file leaves out. */
export const stable = (stack: unknown): unknown =>
  JSON.parse(
    JSON.stringify(
      stack,
      (key, value: unknown) =>
        HIDDEN[key] ?? (key === "filename" ? String(value).replace(/[0-9A-F]{32}/, "HASH") : value),
    ),
  );

/**
 * One line an argument: a quarter of the lines that indented JSON has, and a change still shows by the argument. Where
 * each resource comes from is said by its name, so the metadata is left out.
 */
export const compact = (stack: unknown): string => {
  const blocks = (value: unknown, depth: number, indent: string): string => {
    if (depth === 0 || typeof value !== "object" || value === null || Array.isArray(value))
      return JSON.stringify(value);
    const lines = Object.entries(value)
      .filter(([key]) => key !== "//")
      .map(([key, inner]) => `${indent}  ${JSON.stringify(key)}: ${blocks(inner, depth - 1, `${indent}  `)}`);
    return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n${indent}}`;
  };
  // The stack, its sections, their types, the resources of a type.
  return `${blocks(stable(stack), 4, "")}\n`;
};
