import { DynamodbTable } from "@cdktf/provider-aws/lib/dynamodb-table";
import { Construct } from "constructs";
import { HANDOFF, LEDGER } from "../functions/shared/contract";
import { checkCommon, nameOf, tagsOf } from "./common";
import { RUNNER_TABLES } from "./parts-shape";
import { checkProps } from "./schema/check-props";
import type { CommonProps } from "./common";

export interface RunnerTablesProps extends CommonProps {
  /**
   * Whether AWS refuses to delete the ledger, and Terraform with it.
   * @default false: what the ledger holds of the present can be asked of GitHub and EC2 again
   */
  readonly ledgerDeletionProtection?: boolean;
}

/** What is remembered of jobs and machines (the ledger), and one registration for each machine that boots (the handoff). */
export class RunnerTables extends Construct {
  /** Jobs, machines, launches and tasks, a partition for each fleet. */
  public readonly ledger: DynamodbTable;
  /** One registration an instance, gone with the first read. */
  public readonly handoff: DynamodbTable;

  public constructor(scope: Construct, id: string, props: RunnerTablesProps) {
    super(scope, id);
    checkProps(this, props, RUNNER_TABLES);
    checkCommon(this, props);
    const common = {
      billingMode: "PAY_PER_REQUEST",
      // Said in both cases: the provider takes a block that is missing for the key that is there.
      serverSideEncryption: { enabled: props.kmsKeyArn !== undefined, kmsKeyArn: props.kmsKeyArn },
      tags: tagsOf(props),
    };

    this.ledger = new DynamodbTable(this, "Ledger", {
      ...common,
      name: nameOf(props, "ledger"),
      hashKey: LEDGER.partitionKey,
      rangeKey: LEDGER.sortKey,
      attribute: [LEDGER.partitionKey, LEDGER.sortKey, LEDGER.openKey].map((name) => ({ name, type: "S" })),
      localSecondaryIndex: [{ name: LEDGER.openIndex, rangeKey: LEDGER.openKey, projectionType: "ALL" }],
      ttl: { enabled: true, attributeName: LEDGER.expiry },
      pointInTimeRecovery: { enabled: true },
      deletionProtectionEnabled: props.ledgerDeletionProtection,
    });
    // No point-in-time recovery here: a registration that was taken must not be found in a backup.
    this.handoff = new DynamodbTable(this, "Handoff", {
      ...common,
      name: nameOf(props, "handoff"),
      hashKey: HANDOFF.partitionKey,
      attribute: [{ name: HANDOFF.partitionKey, type: "S" }],
      ttl: { enabled: true, attributeName: HANDOFF.expiry },
    });
  }
}
