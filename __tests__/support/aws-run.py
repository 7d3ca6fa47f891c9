"""Runs one command of the AWS CLI against an emulator, by AWS's own models: the words behind `aws`, after the endpoint."""

import json
import re
import sys

import botocore.session
import jmespath
from botocore import xform_name


def pairs(text):
    """The CLI's shorthand: Key=a,Values=b,c"""
    found = {}
    name = None
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if equals:
            name = key
        found.setdefault(name, []).append(value if equals else part)
    return found


def value_of(shape, words):
    if shape.type_name == "list":
        return [value_of(shape.member, [word]) for word in words]
    if shape.type_name == "structure":
        return {name: value_of(shape.members[name], values) for name, values in pairs(words[0]).items()}
    return words[0]


def main(endpoint, service, operation, *words):
    session = botocore.session.get_session()
    given = {}
    for word in words:
        if word.startswith("--"):
            flag = given.setdefault(word[2:], [])
        else:
            flag.append(re.sub("^[\"'](.*)[\"']$", r"\1", word))
    region = given.pop("region", ["eu-central-1"])[0]
    query = given.pop("query", ["@"])[0]
    model = session.get_service_model(service)
    names = {xform_name(name, "-"): name for name in model.operation_names}
    members = model.operation_model(names[operation]).input_shape.members
    flags = {xform_name(name, "-"): name for name in members}
    arguments = {flags[flag]: value_of(members[flags[flag]], values) for flag, values in given.items()}
    client = session.create_client(
        service, region, endpoint_url=endpoint, aws_access_key_id="test", aws_secret_access_key="test"
    )
    answer = getattr(client, xform_name(names[operation]))(**arguments)
    print(json.dumps(jmespath.search(query, answer), default=str))


main(*sys.argv[1:])
