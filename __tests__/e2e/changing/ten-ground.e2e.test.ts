/** Of the ten most dangerous changes those of the ground and the machines. */
import { drive } from "./drive";
import { TEN } from "./rows";

drive(TEN.ground);
