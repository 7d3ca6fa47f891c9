import type { Part } from "../figure";
import { burst } from "./burst";
import { launch } from "./launch";

/** In the order in which they run: first those that a busy machine would disturb most. */
export const parts: Readonly<Record<string, Part>> = { launch, burst };
