export type JsonObject = Record<string, unknown>;

/** The object that `text` holds as JSON; undefined for text that is no JSON, or JSON of another kind. */
export const parseJsonObject = (text: string | undefined): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
