import { newDatabase } from "../../support/fleet-world";
import { permitsSuite } from "../../support/suites/permits";

describe("permits, taken by two functions in whatever order", () =>
  permitsSuite(() => {
    const database = newDatabase();
    return (around) => database.client(around);
  }, 60));
