import { FLEET_CHANGES } from "./changes/fleets";
import { FUNCTION_CHANGES } from "./changes/functions";
import { PLACE_CHANGES } from "./changes/place";
import type { Changes } from "./changes/effect";

export { EFFECTS } from "./changes/effect";
export type { Change, Changes, Effect, Steps } from "./changes/effect";

/**
 * What happens when a key of a standing installation changes, by its path below `context`; "[]" stands for an element of a
 * list. docs/changing.md and the descriptions in the schema are made of it (`npm run update-schema`).
 */
export const CHANGES: Changes = { ...PLACE_CHANGES, ...FLEET_CHANGES, ...FUNCTION_CHANGES };
