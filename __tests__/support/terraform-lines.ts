/** What Terraform tells with `-json`, line by line: https://developer.hashicorp.com/terraform/internals/machine-readable-ui */

export interface Planned {
  readonly address: string;
  readonly type: string;
  readonly action: "create" | "update" | "replace" | "delete" | "move" | "import" | "remove";
}

interface Line {
  readonly type?: string;
  readonly change?: {
    readonly resource: { readonly addr: string; readonly resource_type: string; readonly mode?: string };
    readonly action: string;
  };
  readonly diagnostic?: {
    readonly severity: string;
    readonly summary: string;
    readonly detail?: string;
    readonly address?: string;
  };
}

const linesOf = (text: string): readonly Line[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);

/** The changes of a plan, without what is only read. */
export const plannedIn = (text: string): Planned[] =>
  linesOf(text)
    .filter(({ type, change }) => type === "planned_change" && !/^(noop|read)$/.test(change!.action))
    .map(({ change }) => ({
      address: change!.resource.addr,
      type: change!.resource.resource_type,
      action: change!.action as Planned["action"],
    }));

/** Errors, each in a line. */
export const refusalsIn = (text: string): readonly string[] =>
  linesOf(text)
    .filter(({ diagnostic }) => diagnostic?.severity === "error")
    .map(({ diagnostic: { address, summary, detail } = { severity: "", summary: "" } }) =>
      `${address ? `${address}: ` : ""}${summary} ${detail ?? ""}`.replace(/\s+/g, " ").trim(),
    );
