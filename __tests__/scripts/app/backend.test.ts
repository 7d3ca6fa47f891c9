import { TerraformStack, Testing } from "cdktf";
import { createBackend } from "../../../scripts/app/backend";
import { checkContext } from "../../../scripts/app/context";
import { BACKENDS, least } from "./contexts";
import type { BackendContext } from "../../../scripts/app/backend";

const synthesize = (backend?: BackendContext): unknown => {
  const stack = new TerraformStack(Testing.app(), "runners");
  createBackend(stack, backend);
  const { terraform } = JSON.parse(Testing.synth(stack)) as { terraform: Record<string, object> };
  return terraform.backend ?? { cloud: terraform.cloud };
};

const tell = (backend: unknown): string[] => {
  try {
    checkContext({ backend, runners: least });
    return [];
  } catch (error) {
    return (error as Error).message.split("\n").map((line) => line.replace(/^cdktf\.json: /, ""));
  }
};

describe("the state's backend", () => {
  it("is a file beside cdktf.json by default, wherever the project is", () => {
    const local = { local: { path: "../../../terraform.runners.tfstate" } };

    expect(synthesize()).toEqual(local);
    expect(synthesize({ type: "local" })).toEqual(local);
  });

  it.each(BACKENDS)("may be $type", ({ given, written }) => {
    expect(tell(given)).toEqual([]);
    expect(synthesize(given)).toEqual(written);
  });
});

describe("a mistake in the backend", () => {
  const s3 = { type: "s3", bucket: "b", key: "k" };
  it.each<[object, string]>([
    [
      { bucket: "b" },
      "backend.type is missing: it must be one of local, s3, cloud, remote, gcs, azurerm, http, pg, consul.",
    ],
    [
      { type: "S3" },
      'backend.type must be one of local, s3, cloud, remote, gcs, azurerm, http, pg, consul, and is "S3": did you mean "s3"?',
    ],
    [
      { type: "toString" },
      'backend.type must be one of local, s3, cloud, remote, gcs, azurerm, http, pg, consul, and is "toString".',
    ],
    [{ type: "s3", bucket: "b" }, "backend.key is missing: it must be a text."],
    [{ ...s3, encrypt: "yes" }, 'backend.encrypt must be true or false, and is "yes".'],
    [{ ...s3, use_lockfile: true }, "backend.use_lockfile is unknown: did you mean backend.useLockfile?"],
    [
      { ...s3, assumeRole: { role: "r", roleArn: "a" } },
      "backend.assumeRole.role is unknown: did you mean backend.assumeRole.roleArn?",
    ],
    [{ ...s3, retryMode: "never" }, 'backend.retryMode must be one of standard, adaptive, and is "never".'],
    [
      { type: "pg", database: "s" },
      "backend.database is unknown. Known are: type, connStr, schemaName, skipSchemaCreation, skipTableCreation, skipIndexCreation.",
    ],
    [{ type: "cloud", organization: "acme" }, "backend.workspaces is missing: it must be an object."],
    [
      { type: "cloud", organization: "acme", workspaces: { name: "a", tags: ["b"] } },
      "backend.workspaces.name and backend.workspaces.tags exclude each other: leave one of them out.",
    ],
    [
      { type: "remote", organization: "acme", workspaces: {} },
      'backend.workspaces.name or backend.workspaces.prefix is missing: give one, such as "runners" or "runners-".',
    ],
  ])("is told: %j", (backend, line) => {
    expect(tell(backend)).toEqual([line]);
  });

  const SECRETS = [
    ["s3", "accessKey", "AWS_ACCESS_KEY_ID"],
    ["s3", "secret_key", "AWS_SECRET_ACCESS_KEY"],
    ["s3", "token", "AWS_SESSION_TOKEN"],
    ["s3", "sseCustomerKey", "AWS_SSE_CUSTOMER_KEY"],
    ["cloud", "token", "TF_TOKEN_app_terraform_io (or what its name is for your hostname)"],
    ["remote", "token", "TF_TOKEN_app_terraform_io (or what its name is for your hostname)"],
    ["gcs", "credentials", "GOOGLE_BACKEND_CREDENTIALS"],
    ["gcs", "access_token", "GOOGLE_OAUTH_ACCESS_TOKEN"],
    ["gcs", "encryptionKey", "GOOGLE_ENCRYPTION_KEY"],
    ["azurerm", "accessKey", "ARM_ACCESS_KEY"],
    ["azurerm", "sas_token", "ARM_SAS_TOKEN"],
    ["azurerm", "clientSecret", "ARM_CLIENT_SECRET"],
    ["azurerm", "clientCertificatePassword", "ARM_CLIENT_CERTIFICATE_PASSWORD"],
    ["azurerm", "oidcToken", "ARM_OIDC_TOKEN"],
    ["azurerm", "oidcRequestToken", "ARM_OIDC_REQUEST_TOKEN"],
    ["http", "password", "TF_HTTP_PASSWORD"],
    ["http", "clientPrivateKeyPem", "TF_HTTP_CLIENT_PRIVATE_KEY_PEM"],
    ["consul", "accessToken", "CONSUL_HTTP_TOKEN"],
    ["consul", "http_auth", "CONSUL_HTTP_AUTH"],
  ] as const;

  it.each(SECRETS)("in %s is a secret: %s, for which there is %s", (type, key, variable) => {
    const given = BACKENDS.find((backend) => backend.type === type)?.given;

    expect(tell({ ...given, [key]: "hush" })).toEqual([
      `backend.${key} is a secret, and would be written into cdk.tf.json: leave it out, and set ${variable} in the environment.`,
    ]);
  });

  it.each([
    [{ type: "pg", connStr: "postgres://user:hush@db/state" }, "connStr", "PGPASSWORD"],
    [{ type: "pg", connStr: "host=db password = hush" }, "connStr", "PGPASSWORD"],
    [{ type: "pg", connStr: "postgres://user@db/state?PASSWORD=hush" }, "connStr", "PGPASSWORD"],
    [{ type: "http", address: "https://user:hush@host/state" }, "address", "TF_HTTP_PASSWORD"],
  ])("is a password in %j, which is not shown", (backend, key, variable) => {
    expect(tell(backend)).toEqual([
      `backend.${key} holds a password, which would be written into cdk.tf.json: take it out, and set ${variable} in the environment.`,
    ]);
  });
});
