import { fail, hidden } from "../finding";
import { blocks, isObject, jsonIn, strings, textOf } from "../model";
import type { Finding } from "../finding";
import type { Resource } from "../model";

const isService = (principal: unknown, service: string): boolean =>
  isObject(principal) &&
  Object.keys(principal).join() === "Service" &&
  strings(principal.Service).every((one) => one.replace(/\.cn$/, "") === `${service}.amazonaws.com`);

/** Whoever else may take the role may what its service may. */
export const takenByOthers = (role: Resource, service: string): readonly Finding[] => {
  const policy = jsonIn(textOf(role.attributes.assume_role_policy) ?? "");
  if (!isObject(policy)) return [hidden(role, "assume_role_policy", "it is made by an expression")];
  return blocks(policy.Statement)
    .filter(({ Effect, Principal }) => Effect === "Allow" && !isService(Principal, service))
    .map(({ Principal }) =>
      fail(role, "assume_role_policy", `not only ${service} may take the role: ${JSON.stringify(Principal)}`),
    );
};
