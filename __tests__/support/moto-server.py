"""moto's server, made to keep what this project sets and relies on where moto itself does not."""

import json
import sys
import threading

# No folder of compiled modules is left beside the tests.
sys.dont_write_bytecode = True

import moto_keys  # noqa: E402, F401: it changes moto as it is loaded
import moto_networks  # noqa: E402, F401
import moto_stages  # noqa: E402, F401
from moto.dynamodb.models import DynamoDBBackend
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.fleets import FleetsBackend
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.server import main
from moto.sqs.models import Queue

# RedriveAllowPolicy is taken and never shown again; the AWS provider waits until it is shown. An empty one takes it away, and
# the provider (seen with 5.100) waits until it is not shown any more.
Queue.redrive_allow_policy = None
Queue.BASE_ATTRIBUTES.append("RedriveAllowPolicy")

# Setting any attribute of a queue removes its policy.
set_attributes = Queue._set_attributes


def keep_policy(queue, attributes, now=None):
    kept = getattr(queue, "policy", None)
    set_attributes(queue, attributes, now)
    if "Policy" not in attributes:
        queue.policy = kept


Queue._set_attributes = keep_policy

# RedrivePolicy comes back with spaces in it.
attributes_of = Queue.attributes.fget


def redrive_policies_as_set(queue):
    shown = attributes_of(queue)
    if not shown["RedriveAllowPolicy"]:
        del shown["RedriveAllowPolicy"]
    if "RedrivePolicy" in shown:
        shown["RedrivePolicy"] = json.dumps(queue.redrive_policy, separators=(",", ":"))
    return shown


Queue.attributes = property(redrive_policies_as_set)

# The tags of a launch template itself come back as tags of what it launches.
create_version = LaunchTemplateVersion.__init__


def without_own_tags(version, template, number, data, description):
    specifications = data.get("TagSpecifications", [])
    own = [one for one in specifications if one["ResourceType"] == "launch-template"]
    data["TagSpecifications"] = [one for one in specifications if one not in own]
    create_version(version, template, number, data, description)


LaunchTemplateVersion.__init__ = without_own_tags

# Tags that a launch template gets later are never shown.
LaunchTemplate.tags = property(lambda template: template.get_tags(), lambda template, tags: None)

# A fleet that names one type twice in one zone is launched all the same; EC2 refuses the whole request.
# https://github.com/aws-samples/aws-plugin-for-slurm/issues/19
create_fleet = FleetsBackend.create_fleet


def without_duplicate_pools(backend, *arguments, **options):
    # The configurations are the fourth parameter.
    configs = options.get("launch_template_configs") or arguments[3]
    overrides = [one for config in configs for one in config.get("Overrides") or []]
    pools = [
        (one.get("InstanceType"), backend.get_subnet(one["SubnetId"]).availability_zone)
        for one in overrides
        if one.get("SubnetId")
    ]
    if len(set(pools)) < len(pools):
        raise EC2ClientError("InvalidFleetConfig", "The fleet configuration contains duplicate instance pools.")
    return create_fleet(backend, *arguments, **options)


FleetsBackend.create_fleet = without_duplicate_pools

# Calls are served side by side, and the condition of a write is looked at before the write: DynamoDB does both at once.
writing = threading.RLock()


def one_at_a_time(write):
    def locked(*arguments, **options):
        with writing:
            return write(*arguments, **options)

    return locked


for name in ("put_item", "update_item", "delete_item", "transact_write_items"):
    setattr(DynamoDBBackend, name, one_at_a_time(getattr(DynamoDBBackend, name)))

# moto is Lambda's poller too, takes each message at once and hands it to a function that does not run.
Queue.lambda_event_source_mappings = property(lambda queue: {}, lambda queue, mappings: None)

if __name__ == "__main__":
    sys.exit(main())
