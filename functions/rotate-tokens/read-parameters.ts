import { GetParametersCommand, type SSMClient } from "@aws-sdk/client-ssm";
import type { ReadParameters } from "../shared/parameters";

export const parametersOf =
  (ssm: SSMClient): ReadParameters =>
  (input) =>
    ssm.send(new GetParametersCommand(input));
