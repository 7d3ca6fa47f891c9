import { tokenPlace, type GithubSettings, type TokenUse } from "../../functions/shared/contract";

interface Minted {
  readonly token: string;
  readonly expiresAt: string;
}

/** What the rotation function stores of a token, in its parameter. */
export const storedToken = (
  { token, expiresAt }: Minted,
  github: GithubSettings,
  app = "app",
  use: TokenUse = { app, place: tokenPlace(github), terms: "" },
): string => JSON.stringify({ token, expiresAt, madeFor: use });
