import type { Part } from "../figure";
import { memoryFigures } from "../tuning/memory";
import { queueFigures } from "../tuning/queue";

/** How the queue is best read, and how much memory each function is best given: docs/scale.md tells by what rules. */
export const tuning: Part = async (options) => ({
  figures: [...(await memoryFigures(options)), ...(await queueFigures(options))],
});
