import { SSMClient } from "@aws-sdk/client-ssm";
import type { Invocation, Invoke } from "../../functions/shared/invoke-function";
import type { RotationRequest } from "../../functions/shared/token";
import type { AwsCall } from "../../functions/shared/call-aws";
import type { Sandbox } from "./lambda";
import type { Queue } from "./queue";
import type { Wire } from "./wire";

interface Command {
  readonly input: object;
  readonly constructor: { readonly name: string };
}

/** Parameter Store in memory: names and values. */
export class Parameters {
  readonly values = new Map<string, string>();

  client(sandbox: Sandbox, wire: Wire): SSMClient {
    const calls: Readonly<
      Record<
        string,
        [name: "GetParameters" | "PutParameter" | "AddTagsToResource", run: (input: never) => unknown]
      >
    > = {
      GetParametersCommand: ["GetParameters", (input) => this.get(input)],
      PutParameterCommand: ["PutParameter", (input) => this.put(input)],
      AddTagsToResourceCommand: ["AddTagsToResource", () => ({})],
    };
    const send = ({ input, constructor }: Command): Promise<unknown> => {
      const [name, run] = calls[constructor.name] ?? [];
      if (!name || !run) throw new Error(`${constructor.name} is not known here`);
      return wire.send(sandbox, name, () => run(input as never));
    };
    return Object.assign(new SSMClient({ region: "eu-central-1" }), { send });
  }

  private get({ Names = [] }: { Names?: string[] }): unknown {
    return {
      Parameters: Names.flatMap((Name) =>
        this.values.has(Name) ? [{ Name, Value: this.values.get(Name) }] : [],
      ),
    };
  }

  private put({ Name, Value }: { Name: string; Value: string }): unknown {
    this.values.set(Name, Value);
    return {};
  }
}

/** Invokes the rotation function, and waits for its end. */
export const invokeFunction = (
  sandbox: Sandbox,
  wire: Wire,
  rotate: (request: RotationRequest) => Promise<unknown>,
): Invoke => {
  const run = async (payload: string): Promise<Invocation> => {
    try {
      const answer = await rotate(JSON.parse(payload) as RotationRequest);
      return { payload: JSON.stringify(answer) };
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : String(error);
      return { failure: "Unhandled", payload: JSON.stringify({ errorMessage }) };
    }
  };
  return async (_functionName, payload) => {
    const answer = await wire.send(sandbox, "Invoke", () => run(payload));
    await wire.step(sandbox);
    return answer;
  };
};

/** What reads a machine's log: `GetLogEvents` of CloudWatch Logs. */
export const getLogEvents =
  (sandbox: Sandbox, wire: Wire, logs: ReadonlyMap<string, readonly string[]>): AwsCall =>
  (input) => {
    const { logStreamName = "" } = input as { logStreamName?: string };
    return wire.send(sandbox, "GetLogEvents", () => {
      const lines = logs.get(logStreamName);
      if (lines) return { events: lines.map((message) => ({ message })) };
      throw Object.assign(new Error("no such stream"), { name: "ResourceNotFoundException" });
    });
  };

/** What puts a message on the queue: `SendMessage` of SQS. */
export const sendMessage =
  (sandbox: Sandbox, wire: Wire, queue: Queue): AwsCall =>
  (input) => {
    const { MessageBody, DelaySeconds } = input as { MessageBody: string; DelaySeconds?: number };
    return wire.send(sandbox, "SendMessage", () => {
      queue.send(MessageBody, DelaySeconds);
      return {};
    });
  };
