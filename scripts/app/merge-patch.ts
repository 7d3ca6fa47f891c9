import { isObject } from "../../constructs/schema/kinds";

/** JSON Merge Patch: objects key by key, null takes a key away, anything else replaces. https://www.rfc-editor.org/rfc/rfc7396 */
export const mergePatch = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch;
  const merged = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch))
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  return Object.fromEntries(merged);
};
