/** Every change of the lane "ground", one after the other on one installation. */
import { drive } from "./drive";
import { LANES } from "./rows";

drive(LANES.ground);
