"""
Tags of a stage of an HTTP API, which moto 5.2.5 takes with the stage and knows no call to change: loaded by moto-server.py.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/tags-resource-arn.html; a stage's ARN ends with
`/apis/<api>/stages/<name>`:
https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
"""

from moto.apigatewayv2 import urls
from moto.apigatewayv2.models import ApiGatewayV2Backend
from moto.apigatewayv2.responses import ApiGatewayV2Response

urls.url_paths[
    "{0}/v2/tags/(?P<resource_arn_pt1>[^/]+)/apis/(?P<resource_arn_pt2>[^/]+)/stages/(?P<stage_name>[^/]+)$"
] = ApiGatewayV2Response.dispatch

tag_resource = ApiGatewayV2Backend.tag_resource
untag_resource = ApiGatewayV2Backend.untag_resource


def stage_of(backend, resource_arn):
    _, _, rest = resource_arn.partition("/apis/")
    api, stages, name = rest.partition("/stages/")
    return backend.get_api(api).stages[name] if stages else None


def tag_stage(backend, resource_arn, tags):
    stage = stage_of(backend, resource_arn)
    if stage:
        stage.tags = {**stage.tags, **(tags or {})}
    else:
        tag_resource(backend, resource_arn, tags)


def untag_stage(backend, resource_arn, tag_keys):
    stage = stage_of(backend, resource_arn)
    if stage:
        stage.tags = {key: value for key, value in stage.tags.items() if key not in tag_keys}
    else:
        untag_resource(backend, resource_arn, tag_keys)


ApiGatewayV2Backend.tag_resource = tag_stage
ApiGatewayV2Backend.untag_resource = untag_stage
