import { createHash } from "node:crypto";
import { SsmParameter } from "@cdktf/provider-aws/lib/ssm-parameter";
import { nameOf, tagsOf } from "../common";
import { newBeforeOld } from "../new-before-old";
import { likelyBytes, REFERENCE } from "../validation";
import type { NamedProps } from "../common";
import type { Construct } from "constructs";

/** A standard parameter: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const MAXIMUM_PARAMETER_BYTES = 4096;

/** Three calls of the function, which it makes at once. */
const MAXIMUM_PARAMETERS = 30;

/** No more than this can be moved out of a function's environment; references count as {@link likelyBytes} has it. */
export const MAXIMUM_MOVED_BYTES = MAXIMUM_PARAMETER_BYTES * MAXIMUM_PARAMETERS;

export interface SettingsParametersProps extends NamedProps {
  /** Last part of the function's name. */
  readonly bundle: string;
  readonly settings: object;
}

/** Path under which all of a function's parameters stand. */
export const settingsPath = (props: Pick<SettingsParametersProps, "bundle" | "prefix">): string =>
  `/${props.prefix}/settings/${props.bundle}/`;

/**
 * The settings as JSON, in as many parameters as it takes. Their names change with what is in them, and the old ones go
 * after the function knows the new ones: so a function that starts during an apply reads all of the one or all of the
 * other.
 */
export const settingsParameters = (
  scope: Construct,
  props: SettingsParametersProps,
): readonly SsmParameter[] => {
  const text = JSON.stringify(props.settings);
  // The numbers of CDKTF's references depend on all that was made before.
  const known = text.split(REFERENCE).map((piece) => (REFERENCE.test(piece) ? "reference" : piece));
  const revision = createHash("sha256").update(known.join("")).digest("hex").slice(0, 8);
  return piecesOf(text).map(
    (insecureValue, index) =>
      new SsmParameter(scope, `Settings-${revision}-${index}`, {
        name: `${settingsPath(props)}${revision}/${index}`,
        description: `Settings of the Lambda function ${nameOf(props, props.bundle)}`,
        type: "String",
        // Nothing in it is secret, and this way the plan shows it.
        insecureValue,
        tags: tagsOf(props),
        lifecycle: newBeforeOld,
      }),
  );
};

/** A reference is never cut. */
const piecesOf = (text: string): readonly string[] => {
  const pieces: string[] = [];
  let piece = "";
  let bytes = 0;
  for (const part of text.split(REFERENCE).flatMap((one) => (REFERENCE.test(one) ? [one] : [...one]))) {
    const more = likelyBytes(part);
    if (bytes + more > MAXIMUM_PARAMETER_BYTES) {
      pieces.push(piece);
      piece = "";
      bytes = 0;
    }
    piece += part;
    bytes += more;
  }
  return [...pieces, piece];
};
