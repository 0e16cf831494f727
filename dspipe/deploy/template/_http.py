"""How the function is reached over HTTP: a URL of its own, or an API."""

import json

from dspipe.deploy.settings._record import DeploySettings
from dspipe.deploy.template._events import make_permission
from dspipe.deploy.template._function import make_log_group
from dspipe.deploy.template._intrinsics import LIVE, Json, arn, fill, get_att, ref, resource

METHODS = ("GET", "POST")
_ACCESS_LINE = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "method": "$context.httpMethod",
    "path": "$context.path",
    "status": "$context.status",
    "latency": "$context.responseLatency",
    "caller": "$context.identity.caller",
    "error": "$context.integrationErrorMessage",
}


def make_http_resources(settings: DeploySettings, tags: dict[str, str]) -> dict[str, Json]:
    """Write the URL and the API that the settings ask for."""
    resources: dict[str, Json] = {}
    if settings.url != "off":
        resources["Url"] = _make_url(is_public=settings.url == "public")
    if settings.url == "public":
        resources |= _make_public_permissions()
    if settings.api:
        resources |= _make_api(settings, tags)
    return resources


def _make_url(*, is_public: bool) -> Json:
    why = "An address of its own; callers sign their requests, and IAM says who may call."
    if is_public:
        why = "An address of its own, OPEN TO EVERYBODY: allow_public_url = true says it is meant."
    return resource(
        "AWS::Lambda::Url",
        {
            "TargetFunctionArn": ref(LIVE),
            "AuthType": "NONE" if is_public else "AWS_IAM",
            "InvokeMode": "BUFFERED",
        },
        why=why,
        is_live=True,
    )


def _make_public_permissions() -> dict[str, Json]:
    """Write both permissions that a public URL needs since October 2025."""
    url = {
        "FunctionName": ref(LIVE),
        "Action": "lambda:InvokeFunctionUrl",
        "Principal": "*",
        "FunctionUrlAuthType": "NONE",
    }
    function = {
        "FunctionName": ref(LIVE),
        "Action": "lambda:InvokeFunction",
        "Principal": "*",
        "InvokedViaFunctionUrl": True,
    }
    why = "Lets everybody in, by the URL alone."
    return {
        "UrlPermission": resource("AWS::Lambda::Permission", url, why=why, is_live=True),
        "UrlInvokePermission": resource("AWS::Lambda::Permission", function, why=why, is_live=True),
    }


def _make_api(settings: DeploySettings, tags: dict[str, str]) -> dict[str, Json]:
    source = arn("execute-api", "${Api}/*")
    return {
        "Api": resource(
            "AWS::ApiGatewayV2::Api",
            {"Name": settings.function_name, "ProtocolType": "HTTP", "Tags": tags},
            why="An HTTP API; it gives up after 30 seconds, whatever the function's timeout is.",
            is_live=True,
        ),
        "ApiLogGroup": make_log_group(
            settings, f"/aws/vendedlogs/apis/{settings.function_name}", tags
        ),
        "ApiIntegration": _make_integration(),
        **{f"Api{method.capitalize()}": _make_route(method) for method in METHODS},
        "ApiStage": _make_stage(tags),
        "ApiPermission": make_permission("apigateway.amazonaws.com", source),
    }


def _make_integration() -> Json:
    path = "lambda:path/2015-03-31/functions/${Live}/invocations"
    return resource(
        "AWS::ApiGatewayV2::Integration",
        {
            "ApiId": ref("Api"),
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": fill(f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:{path}"),
            "PayloadFormatVersion": "2.0",
        },
        why="Hands the request to the alias as it is.",
        is_live=True,
    )


def _make_route(method: str) -> Json:
    return resource(
        "AWS::ApiGatewayV2::Route",
        {
            "ApiId": ref("Api"),
            "RouteKey": f"{method} /",
            "AuthorizationType": "AWS_IAM",
            "Target": fill("integrations/${ApiIntegration}"),
        },
        why="Callers sign their requests, and IAM says who may call.",
        is_live=True,
    )


def _make_stage(tags: dict[str, str]) -> Json:
    return resource(
        "AWS::ApiGatewayV2::Stage",
        {
            "ApiId": ref("Api"),
            "StageName": "$default",
            "AutoDeploy": True,
            "AccessLogSettings": {
                "DestinationArn": get_att("ApiLogGroup", "Arn"),
                "Format": json.dumps(_ACCESS_LINE),
            },
            "Tags": tags,
        },
        why="The one stage, with a line in the log for each request.",
        is_live=True,
    )
