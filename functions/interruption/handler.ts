import type { InterruptionSettings } from "../shared/contract";
import { createDocuments } from "../shared/documents";
import { createLedger } from "../shared/ledger";
import { readSettings } from "../shared/settings";
import { createWake } from "../shared/wake";
import { takeNotice, type InterruptionParts, type Notice } from "./interruption";

const { installation, fleets, ledgerTable, queueUrl } = readSettings<InterruptionSettings>();
const parts: InterruptionParts = {
  installation,
  fleets,
  ledger: createLedger({
    client: createDocuments(),
    table: ledgerTable,
    // Registrations are no matter of this function, and its role does not let it touch them.
    handoffTable: "none",
    installation,
  }),
  wake: createWake(queueUrl),
};

export const handler = (notice: Notice): Promise<void> => takeNotice(parts, notice);
