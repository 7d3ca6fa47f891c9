import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fn, TerraformOutput, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { renderUserData, userDataScript } from "../../constructs/user-data";
import type { UserDataProps } from "../../constructs/user-data";

/** What Terraform or a shell could take for something else. */
const awkward = [
  'echo "double" \'single\' `date` $(date) \\ \\\\ \\n \\t \\" \\${x}',
  "echo ${x} $${x} $$${x} %{if} %%{if} %%%{if} ${x//\\\\/\\\\\\\\} ${#x} $ { % {",
  "\techo tab; echo é ü; echo ${TfToken[not a token]}",
];

const props: UserDataProps = {
  roleId: "AROAEXAMPLE0000000000",
  handoffTable: "acme-handoff",
  logGroup: "/acme/runners",
  architecture: "x64",
  setupCommands: awkward,
};

const folder = mkdtempSync(join(tmpdir(), "rendering-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The values of the outputs, as the real `terraform` gives them. */
const apply = (build: (stack: TerraformStack) => void): Record<string, { value: string }> => {
  const stack = new TerraformStack(Testing.app(), "test");
  build(stack);
  writeFileSync(join(folder, "cdk.tf.json"), Testing.synth(stack));
  const terraform = (...words: string[]): string =>
    execFileSync("terraform", words, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  terraform("init", "-input=false");
  terraform("apply", "-input=false", "-auto-approve");
  return JSON.parse(terraform("output", "-json")) as Record<string, { value: string }>;
};

it("reaches the machine byte for byte, with what Terraform fills in", () => {
  const outputs = apply((stack) => {
    const variable = (name: string, value: string): string =>
      new TerraformVariable(stack, name, { type: "string", default: value }).stringValue;
    const references = {
      roleId: variable("role", props.roleId),
      handoffTable: variable("table", props.handoffTable),
      logGroup: Fn.join("/", ["", variable("group", "acme"), "runners"]),
    };
    const output = (name: string, value: string): TerraformOutput =>
      new TerraformOutput(stack, name, { value, staticId: true });
    output("plain", renderUserData(props));
    output("references", renderUserData({ ...props, ...references }));
  });
  const decoded = (name: string): string => Buffer.from(outputs[name]?.value ?? "", "base64").toString();
  expect(decoded("plain")).toBe(userDataScript(props));
  expect(decoded("references")).toBe(userDataScript(props));
});
