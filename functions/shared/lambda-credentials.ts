/**
 * In a bundle, this stands in for `@aws-sdk/credential-provider-node`, which looks for credentials in nine places: in
 * files, at single sign-on, at metadata services. Lambda puts them into the environment.
 */
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
