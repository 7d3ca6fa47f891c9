/** The user's own steps that docs/changing.md names, done as a user does them. */
import { PutParameterCommand } from "@aws-sdk/client-ssm";
import type { World } from "../world";

const SECRET_BY_HAND = "a-secret-that-a-person-made-up";

/** A hook that nobody but a person knows of: made at GitHub with a secret, which is stored in its parameter. */
export const secretByHand = async (world: World, value: unknown): Promise<void> => {
  const made = [...world.github.state.hooks.keys()].find((path) => path.endsWith("/hooks/99"));
  if (value !== "manual") {
    if (made) world.github.state.hooks.delete(made);
    return;
  }
  const outputs = world.terraform.outputs();
  const url = String(Object.entries(outputs).find(([name]) => name.endsWith("webhook-url"))?.[1]);
  const Name = String(
    Object.entries(outputs).find(([name]) => name.endsWith("webhook-secret-parameter"))?.[1],
  );
  await world.clients.ssm.send(
    new PutParameterCommand({ Name, Value: SECRET_BY_HAND, Type: "SecureString", Overwrite: true }),
  );
  world.github.state.hooks.set("orgs/octo-org/hooks/99", {
    url,
    content_type: "json",
    insecure_ssl: "0",
    secret: SECRET_BY_HAND,
  });
};

export const PERSONAL_TOKEN = "ghp_of_a_machine_user";

export const tokenAtHand = async (world: World, value: unknown): Promise<void> => {
  if (typeof value !== "string") return;
  world.github.state.addPat(PERSONAL_TOKEN);
  await world.clients.ssm.send(
    new PutParameterCommand({
      Name: value,
      Value: PERSONAL_TOKEN,
      Type: "SecureString",
      Overwrite: true,
    }),
  );
};

/** The same key under another name. */
export const keyAtHand = async (world: World, value: unknown): Promise<void> => {
  if (typeof value === "string") await world.storePrivateKey(value);
};
