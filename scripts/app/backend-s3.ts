import { S3Backend } from "cdktf";
import { FLAG, NUMBER, TAGS, TEXT, TEXTS } from "./backend-form";
import type { Backend } from "./backend-form";
import type { S3BackendConfig } from "cdktf";

const ASSUMED_ROLE = {
  duration: TEXT,
  policy: TEXT,
  policyArns: TEXTS,
  roleArn: TEXT,
  sessionName: TEXT,
} as const;

/** https://developer.hashicorp.com/terraform/language/backend/s3 */
export const S3: Backend = {
  keys: {
    bucket: TEXT,
    key: TEXT,
    region: TEXT,
    useLockfile: FLAG,
    dynamodbTable: TEXT,
    encrypt: FLAG,
    kmsKeyId: TEXT,
    acl: TEXT,
    workspaceKeyPrefix: TEXT,
    profile: TEXT,
    assumeRole: {
      keys: {
        ...ASSUMED_ROLE,
        externalId: TEXT,
        sourceIdentity: TEXT,
        tags: TAGS,
        transitiveTagKeys: TEXTS,
      },
      required: ["roleArn"],
    },
    assumeRoleWithWebIdentity: {
      keys: {
        ...ASSUMED_ROLE,
        webIdentityTokenFile: TEXT,
        webIdentityToken: { secret: "AWS_WEB_IDENTITY_TOKEN_FILE" },
      },
    },
    allowedAccountIds: TEXTS,
    forbiddenAccountIds: TEXTS,
    sharedConfigFiles: TEXTS,
    sharedCredentialsFiles: TEXTS,
    endpoints: { keys: { dynamodb: TEXT, iam: TEXT, s3: TEXT, sso: TEXT, sts: TEXT } },
    usePathStyle: FLAG,
    stsRegion: TEXT,
    maxRetries: NUMBER,
    retryMode: { oneOf: ["standard", "adaptive"] },
    httpProxy: TEXT,
    httpsProxy: TEXT,
    noProxy: TEXT,
    insecure: FLAG,
    customCaBundle: TEXT,
    ec2MetadataServiceEndpoint: TEXT,
    ec2MetadataServiceEndpointMode: { oneOf: ["IPv4", "IPv6"] },
    skipCredentialsValidation: FLAG,
    skipRegionValidation: FLAG,
    skipRequestingAccountId: FLAG,
    skipMetadataApiCheck: FLAG,
    skipS3Checksum: FLAG,
  },
  required: ["bucket", "key"],
  secrets: {
    accessKey: "AWS_ACCESS_KEY_ID",
    secretKey: "AWS_SECRET_ACCESS_KEY",
    token: "AWS_SESSION_TOKEN",
    sseCustomerKey: "AWS_SSE_CUSTOMER_KEY",
  },
  // `useLockfile` is younger than CDKTF, which hands it on all the same.
  create: (stack, given: S3BackendConfig) => new S3Backend(stack, given),
};
