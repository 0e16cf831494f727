"""Types of AWS::Lambda."""

from typing import Any

from aws.stand_in.resource_types import (
    Made,
    ResourceError,
    ResourceType,
    client,
    pick,
    tags_as_dict,
)
from botocore.exceptions import ClientError

CONFIGURATION = (
    "Description", "Handler", "MemorySize", "Role", "Runtime", "Timeout", "VpcConfig",
    "Environment", "Layers", "DeadLetterConfig", "KMSKeyArn", "TracingConfig", "EphemeralStorage",
    "SnapStart", "LoggingConfig", "ImageConfig",
)  # fmt: skip
CREATION = ("Code", "Architectures", "PackageType")
CODE = ("S3Bucket", "S3Key", "S3ObjectVersion", "ZipFile", "ImageUri")


class Function(ResourceType):
    """AWS::Lambda::Function."""

    type_name = "AWS::Lambda::Function"
    is_tagged = True
    name_property = "FunctionName"
    replaced_by = frozenset({"FunctionName", "PackageType"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        check_code(properties["Code"])
        settings = pick(properties, *CONFIGURATION, *CREATION)
        client("lambda").create_function(
            FunctionName=name, Tags=tags_as_dict(properties), **as_numbers(settings)
        )
        self._reserve(name, properties)
        return describe_function(name)

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        name, api = made.physical_id, client("lambda")
        if new["Code"] != old["Code"]:
            check_code(new["Code"])
            api.update_function_code(FunctionName=name, **pick(new["Code"], *CODE))
        if pick(new, *CONFIGURATION) != pick(old, *CONFIGURATION):
            defaults = {"Environment": {"Variables": {}}, "Description": ""}
            settings = {**defaults, **pick(new, *CONFIGURATION)}
            api.update_function_configuration(FunctionName=name, **as_numbers(settings))
        api.tag_resource(Resource=made.attributes["Arn"], Tags=tags_as_dict(new))
        self._reserve(name, new)
        return describe_function(name)

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("lambda").delete_function(FunctionName=made.physical_id)

    def _reserve(self, name: str, properties: dict[str, Any]) -> None:
        if "ReservedConcurrentExecutions" in properties:
            client("lambda").put_function_concurrency(
                FunctionName=name,
                ReservedConcurrentExecutions=int(properties["ReservedConcurrentExecutions"]),
            )


class Version(ResourceType):
    """AWS::Lambda::Version: publishes what the function is at this moment."""

    type_name = "AWS::Lambda::Version"
    replaced_by = frozenset({"FunctionName", "CodeSha256", "Description"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        function, api = properties["FunctionName"], client("lambda")
        before = {version["Version"] for version in list_versions(function)}
        given = pick(properties, "FunctionName", "CodeSha256", "Description")
        published = api.publish_version(**given)
        if published["Version"] in before:
            raise ResourceError(
                f"A version for this Lambda function exists ( {published['Version']} ). "
                "Modify the function to create a new version."
            )
        arn = published["FunctionArn"]
        return Made(arn, {"Version": published["Version"], "FunctionArn": arn})

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("lambda").delete_function(
            FunctionName=properties["FunctionName"], Qualifier=made.attributes["Version"]
        )


class Alias(ResourceType):
    """AWS::Lambda::Alias."""

    type_name = "AWS::Lambda::Alias"
    replaced_by = frozenset({"FunctionName", "Name"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        return self._made(client("lambda").create_alias(**self._arguments(properties)))

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        return self._made(client("lambda").update_alias(**self._arguments(new)))

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("lambda").delete_alias(**pick(properties, "FunctionName", "Name"))

    def _arguments(self, properties: dict[str, Any]) -> dict[str, Any]:
        given = properties.get("RoutingConfig", {}).get("AdditionalVersionWeights", [])
        weights = {one["FunctionVersion"]: float(one["FunctionWeight"]) for one in given}
        return {
            **pick(properties, "FunctionName", "Name", "Description"),
            "FunctionVersion": str(properties["FunctionVersion"]),
            "RoutingConfig": {"AdditionalVersionWeights": weights},
        }

    def _made(self, alias: dict[str, Any]) -> Made:
        return Made(alias["AliasArn"], {"AliasArn": alias["AliasArn"]})


class Url(ResourceType):
    """AWS::Lambda::Url."""

    type_name = "AWS::Lambda::Url"
    replaced_by = frozenset({"Qualifier", "TargetFunctionArn"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        settings = pick(properties, "AuthType", "Cors", "InvokeMode")
        url = client("lambda").create_function_url_config(
            FunctionName=without_qualifier(properties["TargetFunctionArn"]), **settings
        )
        target = properties["TargetFunctionArn"]
        return Made(target, {"FunctionUrl": url["FunctionUrl"], "FunctionArn": target})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        function = without_qualifier(new["TargetFunctionArn"])
        settings = pick(new, "AuthType", "Cors", "InvokeMode")
        client("lambda").update_function_url_config(FunctionName=function, **settings)
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        function = without_qualifier(properties["TargetFunctionArn"])
        client("lambda").delete_function_url_config(FunctionName=function)


class Permission(ResourceType):
    """AWS::Lambda::Permission: any change makes a new statement."""

    type_name = "AWS::Lambda::Permission"
    replaced_by = frozenset({
        "Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", "Principal",
        "PrincipalOrgID", "SourceAccount", "SourceArn", "InvokedViaFunctionUrl",
    })  # fmt: skip

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        statement = pick(properties, *self.replaced_by)
        client("lambda").add_permission(StatementId=name, **statement)
        return Made(name, {"Id": name})

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("lambda").remove_permission(
            FunctionName=properties["FunctionName"], StatementId=made.physical_id
        )


class EventInvokeConfig(ResourceType):
    """AWS::Lambda::EventInvokeConfig: what happens to asynchronous events that fail."""

    type_name = "AWS::Lambda::EventInvokeConfig"
    replaced_by = frozenset({"FunctionName", "Qualifier"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        client("lambda").put_function_event_invoke_config(**as_numbers(properties))
        return Made(name)

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        client("lambda").put_function_event_invoke_config(**as_numbers(new))
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        function = pick(properties, "FunctionName", "Qualifier")
        client("lambda").delete_function_event_invoke_config(**function)


class EventSourceMapping(ResourceType):
    """AWS::Lambda::EventSourceMapping."""

    type_name = "AWS::Lambda::EventSourceMapping"
    replaced_by = frozenset({"EventSourceArn", "StartingPosition"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        settings = {key: value for key, value in properties.items() if key != "Tags"}
        mapping = client("lambda").create_event_source_mapping(**as_numbers(settings))
        arn = mapping.get("EventSourceMappingArn", "")
        return Made(mapping["UUID"], {"Id": mapping["UUID"], "EventSourceMappingArn": arn})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        settings = {
            key: value
            for key, value in new.items()
            if key not in {"Tags", "EventSourceArn", "StartingPosition"}
        }
        client("lambda").update_event_source_mapping(UUID=made.physical_id, **as_numbers(settings))
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("lambda").delete_event_source_mapping(UUID=made.physical_id)


def check_code(code: dict[str, Any]) -> None:
    """Refuse a package that is not in its bucket; moto would make an empty function."""
    if "S3Bucket" not in code:
        return
    try:
        client("s3").head_object(Bucket=code["S3Bucket"], Key=code["S3Key"])
    except ClientError as error:
        raise ResourceError(
            'Resource handler returned message: "Error occurred while GetObject. S3 Error Code: '
            'NoSuchKey. S3 Error Message: The specified key does not exist." '
            "(HandlerErrorCode: InvalidRequest)"
        ) from error


def describe_function(name: str) -> Made:
    """Give what a template can ask of a function."""
    function = client("lambda").get_function_configuration(FunctionName=name)
    return Made(name, {"Arn": function["FunctionArn"]})


def list_versions(function: str) -> list[dict[str, Any]]:
    """List the published versions and $LATEST."""
    name = without_qualifier(function)
    answer = client("lambda").list_versions_by_function(FunctionName=name)
    return list(answer["Versions"])


def without_qualifier(function: str) -> str:
    """Give the name in a function's name or ARN."""
    return function.rsplit(":function:", maxsplit=1)[-1].split(":", maxsplit=1)[0]


def as_numbers(settings: dict[str, Any]) -> dict[str, Any]:
    """Turn texts into numbers where boto3 wants them: a parameter of a template is a text."""
    names = {
        "MemorySize", "Timeout", "BatchSize", "MaximumBatchingWindowInSeconds",
        "MaximumRetryAttempts", "MaximumEventAgeInSeconds", "MaximumRecordAgeInSeconds",
        "ParallelizationFactor",
    }  # fmt: skip
    return {key: int(value) if key in names else value for key, value in settings.items()}
