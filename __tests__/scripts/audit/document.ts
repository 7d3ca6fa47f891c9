/** A stack or a plan that tests change, in the same words for both forms. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createApp } from "../../../main";
import { audit } from "../../../scripts/audit/audit";
import { parseInput } from "../../../scripts/audit/read-input";
import type { Audit } from "../../../scripts/audit/audit";
import type { Result } from "../../../scripts/audit/finding";

export type Values = Record<string, unknown>;

interface PlanJson {
  resource_changes: { address: string; type: string; mode: string; change: { after: Values } }[];
  configuration: { root_module: { resources: { address: string; expressions: Values }[] } };
}
interface StackJson {
  resource: Record<string, Record<string, Values>>;
  module?: Record<string, Values>;
}

export interface Policy {
  Statement: Statement[];
}
export interface Statement {
  Sid?: string;
  Effect: string;
  Action: string[];
  Resource: string[];
  Condition?: Record<string, Record<string, unknown>>;
}

type Pick = (values: Values) => boolean;

/** When the runner that the package brings was young. */
export const NOW = new Date("2026-10-20T00:00:00Z");

export class Document {
  constructor(
    readonly form: "stack" | "plan",
    private readonly json: PlanJson | StackJson,
  ) {}

  static parse(form: Document["form"], text: string): Document {
    return new Document(form, JSON.parse(text) as PlanJson | StackJson);
  }

  copy(): Document {
    return Document.parse(this.form, this.text());
  }

  text(): string {
    return JSON.stringify(this.json, null, 2);
  }

  /** All resources of a type, to be changed in place. */
  all(type: string): Values[] {
    return "resource" in this.json
      ? Object.values(this.json.resource[type] ?? {})
      : this.json.resource_changes.filter((one) => one.type === type).map(({ change }) => change.after);
  }

  /** The one resource of the type that is meant. */
  one(type: string, pick: Pick = () => true): Values {
    const found = this.all(type).filter(pick);
    if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} are meant, not one.`);
    return found[0]!;
  }

  add(type: string, name: string, values: Values): void {
    if ("resource" in this.json) (this.json.resource[type] ??= {})[name] = values;
    else
      this.json.resource_changes.push({
        address: `${type}.${name}`,
        type,
        mode: "managed",
        change: { after: values },
      });
  }

  /** Writes an attribute into the configuration, where a plan keeps that apart. */
  write(values: Values, attribute: string, value: unknown): void {
    values[attribute] = this.asBlock(value as Values);
    if ("resource" in this.json) return;
    const { resource_changes, configuration } = this.json;
    const { address } = resource_changes.find(({ change }) => change.after === values)!;
    const written = configuration.root_module.resources.find((one) => one.address === address)!;
    written.expressions[attribute] = [{}];
  }

  /** A call of a module with these arguments, in a synthesized stack. */
  addModule(values: Values): void {
    const json = this.json as StackJson;
    json.module = { ...json.module, Theirs: { source: "./theirs", ...values } };
  }

  remove(type: string, pick: Pick = () => true): void {
    const gone = this.all(type).filter(pick);
    if (gone.length === 0) throw new Error(`There is no ${type} to remove.`);
    if ("resource" in this.json) {
      const all = this.json.resource[type]!;
      for (const [name, values] of Object.entries(all)) if (gone.includes(values)) delete all[name];
    } else
      this.json.resource_changes = this.json.resource_changes.filter(
        ({ change }) => !gone.includes(change.after),
      );
  }

  /** The name that the resource has in a synthesized stack. */
  nameOf(type: string, values: Values): string {
    const all = "resource" in this.json ? Object.entries(this.json.resource[type] ?? {}) : [];
    const found = all.find(([, one]) => one === values);
    if (!found) throw new Error(`It is no ${type} of a synthesized stack.`);
    return found[0];
  }

  /** Gives the role of a function, or that of the machines, a policy of AWS's own. */
  attach(role: string, policy: string): void {
    const found = this.one("aws_iam_role", ({ name }) =>
      role === "runner" ? String(name).endsWith("_runner") : name === `runners-${role}`,
    );
    this.add("aws_iam_role_policy_attachment", "Managed", {
      role: this.form === "plan" ? found.name : `\${aws_iam_role.${this.nameOf("aws_iam_role", found)}.name}`,
      policy_arn: `arn:aws:iam::aws:policy/${policy}`,
    });
  }

  /** A nested block, which a plan lists. */
  block(values: Values, name: string): Values {
    const value = values[name] ?? (values[name] = this.form === "plan" ? [{}] : {});
    return (Array.isArray(value) ? value[0] : value) as Values;
  }

  /** The value of a block as this form writes it. */
  asBlock(values: Values): unknown {
    return this.form === "plan" ? [values] : values;
  }

  /** The function of a bundle. */
  function(bundle: string): Values {
    return this.one("aws_lambda_function", ({ filename }) => String(filename).endsWith(`/${bundle}.zip`));
  }

  variables(bundle: string): Values {
    return this.block(this.function(bundle), "environment").variables as Values;
  }

  settings(bundle: string, change: (settings: Values) => void): void {
    const variables = this.variables(bundle);
    variables.SETTINGS = changed(variables.SETTINGS, change);
  }

  fleet(change: (settings: Values) => void): void {
    const parameter = this.one("aws_ssm_parameter", ({ name }) => String(name).includes("/fleets/"));
    parameter.insecure_value = changed(parameter.insecure_value, change);
  }

  /** The inline policy of a role: `runner` is that of the machines. */
  policy(role: string, change: (policy: Policy) => void): void {
    const found = this.one("aws_iam_role_policy", ({ name }) =>
      role === "runner" ? String(name).endsWith("_runner") : name === `runners-${role}`,
    );
    found.policy = changed(found.policy, change);
  }

  /** The first statement of a role that allows the action. */
  statement(role: string, action: string, change: (statement: Statement) => void): void {
    this.policy(role, ({ Statement }) => {
      const found = Statement.find(({ Action }) => [Action].flat().includes(action));
      if (!found) throw new Error(`${role} may not ${action}.`);
      found.Action = [found.Action].flat();
      found.Resource = [found.Resource].flat();
      change(found);
    });
  }

  allow(role: string, ...actions: string[]): { on: (...resources: string[]) => void } {
    return {
      on: (...resources) =>
        this.policy(role, ({ Statement }) =>
          Statement.push({ Effect: "Allow", Action: actions, Resource: resources }),
        ),
    };
  }

  /** Changes what machines run at boot; `line` is how this form writes a line of its own. */
  userData(change: (text: string, line: (text: string) => string) => string): void {
    const template = this.template();
    const before = String(template.user_data);
    const plan = this.form === "plan";
    const text = plan ? Buffer.from(before, "base64").toString() : before;
    const after = change(text, (line) => (plan ? `${line}\n` : `${line.replaceAll('"', '\\"')}\\n`));
    if (after === text) throw new Error("The user data is as it was.");
    template.user_data = plan ? Buffer.from(after).toString("base64") : after;
  }

  /** Puts a line before the settings. */
  bootLine(line: string): void {
    this.userData((text, written) => text.replace("ROLE_ID='", () => `${written(line)}ROLE_ID='`));
  }

  template(): Values {
    return this.one("aws_launch_template");
  }

  audit(now = NOW): Audit {
    return audit(parseInput(this.text(), "input.json"), { now });
  }

  results(now = NOW): Record<number, Result> {
    return resultsOf(this.audit(now));
  }
}

export const resultsOf = ({ controls }: Audit): Record<number, Result> =>
  Object.fromEntries(controls.map(({ id, result }) => [id, result]));

const changed = <T>(text: unknown, change: (value: T) => void): string => {
  const value = JSON.parse(String(text)) as T;
  change(value);
  return JSON.stringify(value);
};

const root = resolve(__dirname, "../../..");

/** The reference app, with changes to its context. */
export const synthesizeApp = (changes: Values = {}): Document => {
  const outdir = mkdtempSync(join(tmpdir(), "audit-"));
  const { context } = JSON.parse(readFileSync(join(root, "cdktf.json"), "utf8")) as {
    context: { runners: Values };
  };
  createApp({ ...context, runners: { ...context.runners, ...changes } }, outdir).synth();
  return Document.parse(
    "stack",
    readFileSync(join(outdir, "stacks", "ephemeral-runners", "cdk.tf.json"), "utf8"),
  );
};

/** A plan as the real `terraform` showed it: see record-plans.ts. */
export const recordedPlan = (name: "first" | "standing"): Document =>
  Document.parse("plan", readFileSync(join(__dirname, "plans", `${name}-plan.json`), "utf8"));
