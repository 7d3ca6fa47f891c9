"""What moto leaves out of keys of KMS: which key a table and a parameter lie under when that changes. It enforces no key: see key-guard.ts."""

from moto.dynamodb.exceptions import DynamodbException, MockValidationException
from moto.dynamodb.responses import DynamoHandler
from moto.logs.responses import LogsResponse
from moto.ssm.models import SimpleSystemManagerBackend

# Changes of a table's encryption within a day; after them one in 6 hours.
# https://github.com/crossplane/crossplane/issues/3249
MAXIMUM_CHANGES = 4

# UpdateTable leaves the key out. AWS takes it, and refuses what changes nothing: the very ARN that is there, or no key where
# there is none. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_SSESpecification.html, and the words of the
# refusals: https://github.com/aws-controllers-k8s/community/issues/2136
update_table = DynamoHandler.update_table


def update_key(handler):
    wanted = handler.body.get("SSESpecification")
    if wanted is None:
        return update_table(handler)
    table = handler.dynamodb_backend.get_table(handler.body["TableName"])
    present = table.sse_specification or {}
    has_key = present.get("Enabled") is True
    if not wanted.get("Enabled") and not has_key:
        raise MockValidationException("One or more parameter values were invalid: Table is already encrypted by default")
    key = wanted.get("KMSMasterKeyId")
    if wanted.get("Enabled") and has_key and key is not None and key == present.get("KMSMasterKeyId"):
        raise MockValidationException(
            "One or more parameter values were invalid: Table is already encrypted with given KMSMasterKeyId."
        )
    changes = getattr(table, "encryption_changes", 0)
    if changes >= MAXIMUM_CHANGES:
        raise DynamodbException(
            "LimitExceededException",
            "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window.",
        )
    table.encryption_changes = changes + 1
    answer = update_table(handler)
    if wanted.get("Enabled"):
        default = table._get_default_encryption_key(table.account_id, table.region_name)
        table.sse_specification = {**wanted, "KMSMasterKeyId": key or default}
    else:
        table.sse_specification = None
    return answer


DynamoHandler.update_table = update_key

# A parameter that is written without a key keeps the one that it had. At AWS it lies under the account's own from then on: "If you
# don't specify a key ID, the system uses the default key associated with your Amazon Web Services account".
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
put_parameter = SimpleSystemManagerBackend.put_parameter


def put_under_named_key(backend, name, description, value, parameter_type, allowed_pattern, keyid, *rest, **named):
    versions = backend._parameters[name]
    kind = parameter_type or (versions[-1].parameter_type if versions else None)
    key = keyid or ("alias/aws/ssm" if kind == "SecureString" else None)
    return put_parameter(backend, name, description, value, parameter_type, allowed_pattern, key, *rest, **named)


SimpleSystemManagerBackend.put_parameter = put_under_named_key

# A log group takes a key when it is made, and not later.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html


def associate_kms_key(handler):
    handler.logs_backend.groups[handler._get_param("logGroupName")].kms_key_id = handler._get_param("kmsKeyId")
    return ""


def disassociate_kms_key(handler):
    handler.logs_backend.groups[handler._get_param("logGroupName")].kms_key_id = None
    return ""


LogsResponse.associate_kms_key = associate_kms_key
LogsResponse.disassociate_kms_key = disassociate_kms_key
