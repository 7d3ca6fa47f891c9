import { LedgerWorld } from "../../support/ledger-world";
import { leaseSuite } from "../../support/suites/lease";

describe("the lease of a fleet", () => leaseSuite(() => new LedgerWorld()));
