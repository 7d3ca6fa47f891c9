import type { GithubTokenSettings, LaunchSettings, RegistrationMode } from "../../functions/shared/contract";
import { HANDOFF_TABLE, INSTALLATION, LEDGER_TABLE } from "./fleet-world";

export const FLEET_PREFIX = "/runners/fleets/";
export const TOKEN_PARAMETER = "/runners/token";

export interface LaunchSettingsOptions {
  readonly mode: RegistrationMode;
  /** Names */
  readonly fleets: readonly string[];
  readonly apiUrl: string;
  readonly repository?: string;
  /** In JIT mode. Default: one, in {@link TOKEN_PARAMETER}, where token mode has its registration token, too */
  readonly tokens?: readonly GithubTokenSettings[];
}

/** What the construct would give the launch function. */
export const launchSettings = ({
  mode,
  fleets,
  apiUrl,
  repository,
  tokens = [{ name: "app", parameter: TOKEN_PARAMETER }],
}: LaunchSettingsOptions): LaunchSettings => ({
  installation: INSTALLATION,
  ledgerTable: LEDGER_TABLE,
  handoffTable: HANDOFF_TABLE,
  queueUrl: "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs",
  fleets,
  fleetParameterPrefix: FLEET_PREFIX,
  github: { apiUrl, webUrl: "https://github.com", owner: "acme", repository },
  registration: mode,
  githubTokens: mode === "jit" ? tokens : [],
  registrationTokenParameter: mode === "token" ? TOKEN_PARAMETER : undefined,
  rotateFunction: "rotate",
});
