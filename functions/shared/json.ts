/** The object that `text` holds as JSON; an empty one for anything else. */
export const parseObject = (text: string | undefined): Record<string, unknown> => {
  try {
    const parsed: unknown = JSON.parse(text ?? "");
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};
