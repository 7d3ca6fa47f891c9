import { awsCall, GET_PARAMETERS, type AwsCall } from "../shared/call-aws";

/**
 * Reads one parameter, decrypted; undefined: there is none of this name.
 * https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export const parameterReader = (name: string, call: AwsCall = awsCall(GET_PARAMETERS)) => {
  return async (): Promise<string | undefined> => {
    const { Parameters } = await call({ Names: [name], WithDecryption: true });
    return (Parameters as readonly { readonly Value: string }[])[0]?.Value;
  };
};
