"""What moto's Lambda lacks: qualifiers, weights, versions, batch answers, real invocations.

It replaces methods inside moto, so it is written for one version of moto, which the lock pins.
"""

import base64
import json
import random
import time
from typing import Any

from aws.stand_in.invocations import Environments, FunctionFacts
from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import (
    EventSourceMapping,
    LambdaBackend,
    LambdaFunction,
    LambdaStorage,
)
from moto.awslambda.responses import LambdaResponse
from moto.sqs.models import sqs_backends

ENVIRONMENTS = Environments()
KEPT = ("LoggingConfig", "DeadLetterConfig", "SnapStart")

make_function = LambdaFunction.__init__
describe_function = LambdaFunction.get_configuration
change_function = LambdaFunction.update_configuration
make_mapping = LambdaBackend.create_event_source_mapping


def repair_lambda() -> None:
    """Put our methods in the place of moto's."""
    LambdaFunction.__init__ = keep_settings
    LambdaFunction.update_configuration = change_settings
    LambdaFunction.get_configuration = add_settings
    LambdaStorage.publish_version = publish_version
    LambdaResponse.invoke = answer_invocation
    LambdaBackend.invoke = invoke_by_name
    LambdaFunction.invoke = invoke_function
    LambdaBackend.create_event_source_mapping = create_mapping
    LambdaBackend.send_sqs_batch = send_batch


# --- settings that moto forgets -------------------------------------------------------------------
def keep_settings(
    self: Any, account_id: str, spec: dict[str, Any], region: str, version: Any = 1
) -> None:
    """Remember what moto has no place for."""
    make_function(self, account_id, spec, region, version)
    self.kept = {name: spec[name] for name in KEPT if name in spec}


def change_settings(self: Any, settings: dict[str, Any]) -> Any:
    """Change what moto forgets, too."""
    self.kept = {**self.kept, **{name: settings[name] for name in KEPT if name in settings}}
    if "EphemeralStorage" in settings:
        self.ephemeral_storage = settings["EphemeralStorage"]["Size"]
    return change_function(self, settings)


def add_settings(self: Any, on_create: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  moto's
    """Show what moto forgets."""
    settings = {**describe_function(self, on_create), **self.kept}
    is_on = self.kept.get("SnapStart", {}).get("ApplyOn") == "PublishedVersions"
    status = "On" if is_on and str(self.version).isdigit() else "Off"
    applied = {"ApplyOn": "None", **self.kept.get("SnapStart", {})}
    return {**settings, "SnapStart": {**applied, "OptimizationStatus": status}}


# --- versions -------------------------------------------------------------------------------------
def publish_version(self: Any, name_or_arn: str, description: str = "") -> Any:
    """Publish once what has not changed, and never give a number twice."""
    latest = self.get_function_by_name_or_arn_forbid_qualifier(name_or_arn)
    versions = self._functions[latest.function_name]["versions"]
    if versions and fingerprint(versions[-1]) == fingerprint(latest):
        return versions[-1]
    published = LambdaFunction.__new__(LambdaFunction)
    published.__dict__.update(latest.__dict__)
    latest.n_published = getattr(latest, "n_published", 0) + 1
    published.set_version(latest.n_published)
    published.function_description = latest.description
    published.description = description or latest.description
    versions.append(published)
    self._arns[published.function_arn] = published
    return published


def fingerprint(function: Any) -> str:
    """Give what makes two versions differ; a version may have a description of its own."""
    changing = {"Version", "FunctionArn", "LastModified", "Description", "SnapStart"}
    settings = {k: v for k, v in function.get_configuration().items() if k not in changing}
    settings["Description"] = getattr(function, "function_description", function.description)
    return json.dumps(settings, sort_keys=True, default=str)


# --- invocations ----------------------------------------------------------------------------------
def answer_invocation(self: Any) -> Any:
    """Answer a request to invoke: the qualifier counts, and so does the type."""
    name = self.path.rsplit("/", 2)[-2].replace("%3A", ":")
    kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
    function = find_function(self.backend, name, self.querystring.get("Qualifier", [None])[0])
    if kind == "DryRun":
        return 204, {"status": "204"}, ""
    headers: dict[str, str] = {"X-Amz-Executed-Version": str(function.version)}
    payload = function.invoke(self.body, self.headers, headers)
    headers["content-type"] = "application/json"
    if self.headers.get("X-Amz-Log-Type") != "Tail":
        headers.pop("x-amz-log-result", None)
    if kind == "Event":
        return 202, {"status": "202", "X-Amz-Executed-Version": str(function.version)}, ""
    return 200, headers, payload


def invoke_by_name(
    self: Any, function_name: str, qualifier: str | None, body: Any, headers: Any, response: Any
) -> Any:
    """Invoke for another service of the stand-in."""
    return find_function(self, function_name, qualifier).invoke(body, headers, response)


def find_function(backend: Any, name_or_arn: str, qualifier: str | None) -> Any:
    """Find the version that an event goes to; an alias may part its events by weight."""
    name = name_or_arn.rsplit(":function:", maxsplit=1)[-1]
    name, _, suffix = name.partition(":")
    wanted = suffix or qualifier or "$LATEST"
    if wanted.isdigit() or wanted == "$LATEST":
        return backend.get_function(name, wanted)
    if not any(alias.name == wanted for alias in backend.list_aliases(name)):
        raise UnknownFunctionException(f"{backend.get_function(name).function_arn}:{wanted}")
    return backend.get_function(name, draw_version(backend.get_alias(wanted, name)))


def draw_version(alias: Any) -> str:
    """Draw one of an alias's versions by its weights."""
    drawn = random.random()  # noqa: S311  which version answers is no secret
    for version, weight in (
        (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
    ).items():
        drawn -= float(weight)
        if drawn < 0:
            return str(version)
    return str(alias.function_version)


def invoke_function(self: Any, body: Any, request_headers: Any, response_headers: Any) -> bytes:
    """Run the function's own package under the emulator."""
    facts = FunctionFacts(
        name=self.function_name,
        version=str(self.version),
        handler=self.handler,
        code=self.code_bytes,
        code_sha256=self.code_sha_256,
        variables=tuple(sorted(self.environment_vars.items())),
        timeout_seconds=int(self.timeout),
        memory_mb=int(self.memory_size),
    )
    came = ENVIRONMENTS.invoke(facts, json.loads(body or "{}"))
    if came.is_error:
        response_headers["x-amz-function-error"] = "Unhandled"
    tail = came.log.encode()[-4096:]
    response_headers["x-amz-log-result"] = base64.b64encode(tail).decode()
    group = self.kept.get("LoggingConfig", {}).get("LogGroup")
    self.logs_group_name = group or f"/aws/lambda/{self.function_name}"
    self.logs_backend.ensure_log_group(self.logs_group_name)
    self.save_logs(came.log)
    return came.text.encode()


# --- event sources --------------------------------------------------------------------------------
def create_mapping(self: Any, spec: dict[str, Any]) -> EventSourceMapping:
    """Let a source follow the alias it was given, not the version behind it."""
    wanted = spec.get("FunctionName", "").rsplit(":function:", maxsplit=1)[-1]
    mapping = make_mapping(self, spec)
    _, _, qualifier = wanted.partition(":")
    if qualifier:
        function = self.get_function(wanted.partition(":")[0])
        owner = find_queue(self, mapping.event_source_arn)
        if owner is not None:
            owner.lambda_event_source_mappings.pop(mapping.function_arn, None)
        mapping.function_arn = f"{function.function_arn}:{qualifier}"
        if owner is not None:
            owner.lambda_event_source_mappings[mapping.function_arn] = mapping
    return mapping


def find_queue(backend: Any, arn: str) -> Any:
    """Find a queue by its ARN."""
    queues = sqs_backends[backend.account_id][backend.region_name].queues.values()
    return next((queue for queue in queues if queue.queue_arn == arn), None)


def send_batch(self: Any, function_arn: str, messages: list[Any], queue_arn: str) -> bool:
    """Send messages as one event, and remove those that were not reported as failed."""
    if not messages:
        return True
    headers: dict[str, str] = {}
    records = [describe_message(message, queue_arn, self.region_name) for message in messages]
    answer = self.invoke(function_arn, None, json.dumps({"Records": records}), {}, headers)
    if "x-amz-function-error" in headers:
        return False
    mapping = find_queue(self, queue_arn).lambda_event_source_mappings[function_arn]
    failed = read_failures(answer, mapping)
    queues = sqs_backends[self.account_id][self.region_name]
    for message in messages:
        if message.id not in failed:
            queues.delete_message(queue_arn.rsplit(":", 1)[-1], message.receipt_handle)
    # moto makes the messages of this very list visible again, and fails for those that are gone.
    messages[:] = [message for message in messages if message.id in failed]
    return not failed


def read_failures(answer: bytes, mapping: Any) -> set[str]:
    """Read which messages the function reports; nobody reads it when the mapping does not ask."""
    if "ReportBatchItemFailures" not in (mapping.function_response_types or []):
        return set()
    reported = json.loads(answer) or {}
    return {item["itemIdentifier"] for item in reported.get("batchItemFailures") or []}


def describe_message(message: Any, queue_arn: str, region: str) -> dict[str, Any]:
    """Give a message as a function gets it."""
    now_ms = str(int(time.time() * 1000))
    attributes = {
        "ApproximateReceiveCount": str(message.approximate_receive_count),
        "SentTimestamp": now_ms,
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "ApproximateFirstReceiveTimestamp": now_ms,
    }
    if queue_arn.endswith(".fifo"):
        attributes["MessageGroupId"] = message.group_id
        attributes["MessageDeduplicationId"] = message.deduplication_id
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue_arn,
        "awsRegion": region,
    }
