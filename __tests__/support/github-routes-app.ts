import { allPermissions, covers, type App, type Permissions } from "./github-credentials";
import { jwt, message, notFound, suspended, type Answer, type Call, type Route } from "./github-route";

const findInstallation = ({ authorization: { app }, params }: Call): Answer => {
  const owner = (params.org ?? params.owner ?? params.username ?? "").toLowerCase();
  const found = installationsOf(app).find((installation) => installation.owner.toLowerCase() === owner);
  return found ? { status: 200, body: shown(app, found) } : notFound;
};

const getInstallation = ({ authorization: { app }, params }: Call): Answer => {
  const found = installationsOf(app).find(({ id }) => String(id) === params.installation_id);
  return found ? { status: 200, body: shown(app, found) } : notFound;
};

const createAccessToken = ({ state, authorization: { app }, params, body }: Call): Answer => {
  const found = installationsOf(app).find(({ id }) => String(id) === params.installation_id);
  if (!found) return notFound;
  if (state.suspended.has(found.id)) return suspended;
  const granted = grantedBy(app);
  const asked = (body.permissions as Permissions | undefined) ?? granted;
  if (!covers(granted, asked)) {
    return message(422, "The permissions requested are not granted to this installation.");
  }
  const { token, expiresAt } = state.mintInstallationToken(asked, found.id, found.owner);
  return {
    status: 201,
    // Whole seconds, without milliseconds: as GitHub writes it.
    body: {
      token,
      expires_at: expiresAt.replace(".000Z", "Z"),
      permissions: asked,
      repository_selection: "all",
    },
  };
};

/** Whether the App's webhook is active, GitHub shows to people only. */
const getApp = ({ state, authorization: { app } }: Call): Answer => ({
  status: 200,
  body: {
    id: Number(app?.id),
    slug: "runners",
    permissions: grantedBy(app),
    events: state.subscriptionOf("app").events,
  },
});

const shown = (app: App | undefined, { id, owner }: { id: number; owner: string }): unknown => ({
  id,
  account: { login: owner },
  permissions: grantedBy(app),
});

const installationsOf = (app: App | undefined): readonly { id: number; owner: string }[] =>
  app?.installations ?? [{ id: 7, owner: "acme" }];

const grantedBy = (app: App | undefined): Permissions => app?.permissions ?? allPermissions;

/** https://docs.github.com/en/rest/apps/apps */
export const appRoutes: readonly Route[] = [
  { route: "GET /app", allow: jwt, answer: getApp },
  { route: "GET /orgs/{org}/installation", allow: jwt, answer: findInstallation },
  { route: "GET /repos/{owner}/{repo}/installation", allow: jwt, answer: findInstallation },
  { route: "GET /users/{username}/installation", allow: jwt, answer: findInstallation },
  { route: "GET /app/installations/{installation_id}", allow: jwt, answer: getInstallation },
  { route: "POST /app/installations/{installation_id}/access_tokens", allow: jwt, answer: createAccessToken },
];
