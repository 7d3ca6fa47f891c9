import type { Part } from "../figure";
import { boot } from "./boot";
import { burst } from "./burst";
import { cold } from "./cold";
import { launch } from "./launch";
import { sustained } from "./sustained";
import { synth } from "./synth";
import { tuning } from "./tuning";
import { webhook } from "./webhook";

/** In the order in which they run: first those that a busy machine would disturb most. */
export const parts: Readonly<Record<string, Part>> = {
  cold,
  webhook,
  synth,
  launch,
  boot,
  burst,
  sustained,
  tuning,
};
