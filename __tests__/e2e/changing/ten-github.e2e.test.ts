/** Of the ten most dangerous changes those of keys and of the way to GitHub. */
import { drive } from "./drive";
import { TEN } from "./rows";

drive(TEN.github);
