import * as cdktf from "cdktf";
import { FLAG, NUMBER, TEXT, TEXTS } from "./backend-form";
import { S3 } from "./backend-s3";
import { exactlyOne } from "./rules";
import type { Backend } from "./backend-form";

/**
 * The places that Terraform's state may have, with CDKTF's names for their keys. What Terraform 1.11 no longer takes is
 * left out: https://developer.hashicorp.com/terraform/language/backend
 */

/** HCP Terraform and Terraform Enterprise: https://developer.hashicorp.com/terraform/cli/config/config-file#environment-variable-credentials */
const HCP = {
  keys: { organization: TEXT, hostname: TEXT },
  required: ["organization", "workspaces"],
  secrets: { token: "TF_TOKEN_app_terraform_io (or what its name is for your hostname)" },
} as const;

interface Workspaces {
  readonly workspaces: {
    readonly name?: string;
    readonly tags?: string[];
    readonly prefix?: string;
    readonly project?: string;
  };
}

const CLOUD: Backend = {
  ...HCP,
  keys: {
    ...HCP.keys,
    workspaces: {
      keys: { name: TEXT, tags: TEXTS, project: TEXT },
      rules: [exactlyOne(["name", "tags"], `"runners" or ["runners"]`)],
    },
  },
  create: (
    stack,
    { workspaces: { name, tags = [], project }, ...given }: cdktf.CloudBackendConfig & Workspaces,
  ) =>
    new cdktf.CloudBackend(stack, {
      ...given,
      workspaces:
        name === undefined
          ? new cdktf.TaggedCloudWorkspaces(tags, project)
          : new cdktf.NamedCloudWorkspace(name, project),
    }),
};

const REMOTE: Backend = {
  ...HCP,
  keys: {
    ...HCP.keys,
    workspaces: {
      keys: { name: TEXT, prefix: TEXT },
      rules: [exactlyOne(["name", "prefix"], `"runners" or "runners-"`)],
    },
  },
  create: (stack, { workspaces: { name, prefix = "" }, ...given }: cdktf.RemoteBackendConfig & Workspaces) =>
    new cdktf.RemoteBackend(stack, {
      ...given,
      workspaces:
        name === undefined
          ? new cdktf.PrefixedRemoteWorkspaces(prefix)
          : new cdktf.NamedRemoteWorkspace(name),
    }),
};

const GCS: Backend = {
  keys: {
    bucket: TEXT,
    prefix: TEXT,
    kmsEncryptionKey: TEXT,
    impersonateServiceAccount: TEXT,
    impersonateServiceAccountDelegates: TEXTS,
    // CDKTF writes "storeage", which Terraform does not know.
    storageCustomEndpoint: TEXT,
  },
  required: ["bucket"],
  secrets: {
    credentials: "GOOGLE_BACKEND_CREDENTIALS",
    accessToken: "GOOGLE_OAUTH_ACCESS_TOKEN",
    encryptionKey: "GOOGLE_ENCRYPTION_KEY",
  },
  create: (stack, given: cdktf.GcsBackendConfig) => new cdktf.GcsBackend(stack, given),
};

const AZURERM: Backend = {
  keys: {
    storageAccountName: TEXT,
    containerName: TEXT,
    key: TEXT,
    resourceGroupName: TEXT,
    subscriptionId: TEXT,
    tenantId: TEXT,
    clientId: TEXT,
    clientCertificatePath: TEXT,
    useAzureadAuth: FLAG,
    useOidc: FLAG,
    oidcRequestUrl: TEXT,
    oidcTokenFilePath: TEXT,
    useMsi: FLAG,
    msiEndpoint: TEXT,
    environment: TEXT,
    metadataHost: TEXT,
    snapshot: FLAG,
  },
  required: ["storageAccountName", "containerName", "key"],
  secrets: {
    accessKey: "ARM_ACCESS_KEY",
    sasToken: "ARM_SAS_TOKEN",
    clientSecret: "ARM_CLIENT_SECRET",
    clientCertificatePassword: "ARM_CLIENT_CERTIFICATE_PASSWORD",
    oidcToken: "ARM_OIDC_TOKEN",
    oidcRequestToken: "ARM_OIDC_REQUEST_TOKEN",
  },
  create: (stack, given: cdktf.AzurermBackendConfig) => new cdktf.AzurermBackend(stack, given),
};

const HTTP: Backend = {
  keys: {
    address: TEXT,
    updateMethod: TEXT,
    lockAddress: TEXT,
    lockMethod: TEXT,
    unlockAddress: TEXT,
    unlockMethod: TEXT,
    username: TEXT,
    skipCertVerification: FLAG,
    retryMax: NUMBER,
    retryWaitMin: NUMBER,
    retryWaitMax: NUMBER,
    clientCaCertificatePem: TEXT,
    clientCertificatePem: TEXT,
  },
  required: ["address"],
  passwordVariable: "TF_HTTP_PASSWORD",
  secrets: { password: "TF_HTTP_PASSWORD", clientPrivateKeyPem: "TF_HTTP_CLIENT_PRIVATE_KEY_PEM" },
  create: (stack, given: cdktf.HttpBackendConfig) => new cdktf.HttpBackend(stack, given),
};

const PG: Backend = {
  // Terraform reads PG_CONN_STR where connStr is left out, and PGPASSWORD as every client of PostgreSQL does.
  keys: {
    connStr: TEXT,
    schemaName: TEXT,
    skipSchemaCreation: FLAG,
    skipTableCreation: FLAG,
    skipIndexCreation: FLAG,
  },
  passwordVariable: "PGPASSWORD",
  create: (stack, given: cdktf.PgBackendConfig) => new cdktf.PgBackend(stack, given),
};

const CONSUL: Backend = {
  keys: {
    path: TEXT,
    address: TEXT,
    scheme: { oneOf: ["http", "https"] },
    datacenter: TEXT,
    gzip: FLAG,
    lock: FLAG,
    caFile: TEXT,
    certFile: TEXT,
    keyFile: TEXT,
  },
  required: ["path"],
  secrets: { accessToken: "CONSUL_HTTP_TOKEN", httpAuth: "CONSUL_HTTP_AUTH" },
  create: (stack, given: cdktf.ConsulBackendConfig) => new cdktf.ConsulBackend(stack, given),
};

const LOCAL: Backend = {
  keys: { path: TEXT, workspaceDir: TEXT },
  create: (stack, given: cdktf.LocalBackendConfig) =>
    // The project's folder, seen from cdktf.out/stacks/<stack>. With no path CDKTF writes that folder's own.
    new cdktf.LocalBackend(stack, { path: `../../../terraform.${stack.node.id}.tfstate`, ...given }),
};

export const BACKENDS = {
  local: LOCAL,
  s3: S3,
  cloud: CLOUD,
  remote: REMOTE,
  gcs: GCS,
  azurerm: AZURERM,
  http: HTTP,
  pg: PG,
  consul: CONSUL,
} as const satisfies Readonly<Record<string, Backend>>;

export type BackendType = keyof typeof BACKENDS;

interface HcpConfig {
  /** Name of the organization. */
  readonly organization: string;
  /**
   * Where Terraform Enterprise is.
   * @default "app.terraform.io"
   */
  readonly hostname?: string;
}

/** Whose doc comments describe the keys. */
export interface BackendConfigs extends Record<BackendType, object> {
  readonly local: cdktf.LocalBackendConfig;
  readonly s3: cdktf.S3BackendConfig & {
    /** Whether S3 itself keeps a lock beside the state; Terraform has no other that is not deprecated. */
    readonly useLockfile?: boolean;
  };
  readonly cloud: HcpConfig & {
    /** `name` of one workspace, or `tags` that workspaces have; `project` in either case. */
    readonly workspaces: object;
  };
  readonly remote: HcpConfig & {
    /** `name` of one workspace, or the `prefix` of several. */
    readonly workspaces: object;
  };
  readonly gcs: cdktf.GcsBackendConfig & {
    /** Address of another service than Google's own. */
    readonly storageCustomEndpoint?: string;
  };
  readonly azurerm: cdktf.AzurermBackendConfig;
  readonly http: cdktf.HttpBackendConfig;
  readonly pg: cdktf.PgBackendConfig;
  readonly consul: cdktf.ConsulBackendConfig;
}
