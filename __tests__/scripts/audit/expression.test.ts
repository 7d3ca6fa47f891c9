import { evaluate } from "../../../scripts/audit/expression";

describe("an expression of Terraform", () => {
  it.each([
    ["plain", "plain"],
    ['${base64encode("a\\nb\\t\\"c\\" \\\\ \\u00e9")}', 'a\nb\t"c" \\ é'],
    [
      '${base64gzip(join("", ["x=", aws_iam_role.R-1.unique_id, "$${HOME} %%{if}"]))}',
      "x=${aws_iam_role.R-1.unique_id}${HOME} %{if}",
    ],
    ['${join(", ", ["a", "b"])} and ${trimspace(" c ")}', "a, b and c"],
    ['${base64encode("in ${aws_sqs_queue.Q[0].name} out")}', "in ${aws_sqs_queue.Q[0].name} out"],
    ['${textencodebase64("a", "UTF-8")}', "a"],
  ])("%s is read", (source, text) => {
    expect(evaluate(source)).toBe(text);
  });

  it.each([
    ['${file("x")}', "file()"],
    ["%{ if true }a%{ endif }", "a template directive"],
    ['${join("", ["a"}', '"," is missing'],
    ["${1 ? 2 : 3}", '"}" is missing'],
    ["${!x}", "!x}"],
  ])("%s is left to Terraform", (source, what) => {
    expect(() => evaluate(source)).toThrow(`an expression that only Terraform can evaluate: ${what}`);
  });
});
