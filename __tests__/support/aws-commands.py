"""Reads commands of the AWS CLI, a JSON list of lists of words, and writes what AWS's own models say against each."""

import json
import re
import sys

import botocore.session
from botocore import xform_name

GLOBAL = {"region", "query", "output", "profile", "endpoint-url", "no-cli-pager"}
# A program of the CLI's own, which calls nothing.
LOCAL = {"configure"}
session = botocore.session.get_session()


def kebab(name):
    return xform_name(name, "-")


def mistakes(words):
    service, operation, *rest = words
    if service in LOCAL:
        return []
    if service not in session.get_available_services():
        return [f"no service {service}"]
    model = session.get_service_model(service)
    names = {kebab(name): name for name in model.operation_names}
    if operation not in names:
        return [f"{service} has no operation {operation}"]
    shape = model.operation_model(names[operation]).input_shape
    members = {kebab(name) for name in shape.members} if shape else set()
    booleans = {kebab(name) for name, member in shape.members.items() if member.type_name == "boolean"} if shape else set()
    required = {kebab(name) for name in shape.required_members} if shape else set()
    flags = {re.sub("=.*", "", word[2:]) for word in rest if word.startswith("--")}
    plain = {re.sub("^no-", "", flag) if re.sub("^no-", "", flag) in booleans else flag for flag in flags}
    return [f"{service} {operation} has no --{flag}" for flag in sorted(plain - members - GLOBAL)] + [
        f"{service} {operation} needs --{flag}" for flag in sorted(required - plain)
    ]


print(json.dumps([mistakes(words) for words in json.load(sys.stdin)]))
