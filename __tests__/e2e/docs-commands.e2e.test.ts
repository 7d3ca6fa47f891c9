/** The `aws` commands of the documentation, held against the models of AWS's own CLI, which come with the emulator. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { codeBlocks, commandsIn } from "../support/markdown";
import { installMoto } from "../support/moto";

const ask = async (commands: readonly string[]): Promise<readonly (readonly string[])[]> => {
  const words = commands.map((command) => command.match(/"[^"]*"|'[^']*'|\S+/g)?.slice(1) ?? []);
  const answer = execFileSync(await installMoto(), [join(__dirname, "../support/aws-commands.py")], {
    input: JSON.stringify(words),
    encoding: "utf8",
  });
  return JSON.parse(answer) as string[][];
};

describe("the aws commands of the documentation", () => {
  const commands = codeBlocks("sh")
    .flatMap(commandsIn)
    .filter((command) => command.startsWith("aws "));

  it("are operations of AWS, with parameters that they have and all that they need", async () => {
    const found = await ask(commands);

    expect(commands.length).toBeGreaterThan(3);
    expect(commands.map((command, index) => [command, found[index]])).toEqual(
      commands.map((command) => [command, []]),
    );
  });

  it.each([
    ["aws sqs start-message-move --source-arn a", "sqs has no operation start-message-move"],
    ["aws sqs purge-queue --queue-name a", "sqs purge-queue has no --queue-name"],
    ["aws sqs purge-queue", "sqs purge-queue needs --queue-url"],
    ["aws s3q ls", "no service s3q"],
  ])("would not pass as %s", async (command, mistake) => {
    expect((await ask([command]))[0]).toContain(mistake);
  });
});
