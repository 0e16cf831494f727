"""What invokes the function without waiting: schedules, objects, topics, streams."""

import json
from datetime import date, datetime, time

from dspipe.deploy.settings._parts import Objects, Schedule, Stream
from dspipe.deploy.settings._record import DeploySettings
from dspipe.deploy.settings._schedule_arguments import SCHEDULED_TIME
from dspipe.deploy.template._intrinsics import LIVE, Json, arn, get_att, ref, resource, tag_list
from dspipe.deploy.template._policy import allow, trust_service, use_key, write_role
from dspipe.deploy.template._queues import rule_name

_RETRY = {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 3_600}


def make_event_resources(settings: DeploySettings, tags: dict[str, str]) -> dict[str, Json]:
    """Write what the settings ask for; all of it calls the alias."""
    resources: dict[str, Json] = {}
    if settings.schedules:
        resources |= _make_schedule_frame(settings, tags)
    for number, schedule in enumerate(settings.schedules, start=1):
        resources[f"Schedule{number}"] = _make_schedule(schedule, number)
    for number, objects in enumerate(settings.objects, start=1):
        resources |= _make_objects(settings, objects, number, tags)
    for number, topic in enumerate(settings.topics, start=1):
        resources |= _make_topic(topic, number)
    for number, stream in enumerate(settings.streams, start=1):
        resources[f"Stream{number}Invokes"] = _make_stream(stream)
    return resources


def _make_schedule_frame(settings: DeploySettings, tags: dict[str, str]) -> dict[str, Json]:
    group = resource(
        "AWS::Scheduler::ScheduleGroup",
        {"Name": settings.function_name, "Tags": tag_list(tags)},
        why="Holds the schedules together, and carries their tags.",
        is_live=True,
    )
    return {"ScheduleGroup": group, "ScheduleRole": _make_schedule_role(settings, tags)}


def _make_schedule_role(settings: DeploySettings, tags: dict[str, str]) -> Json:
    group_arn = arn("scheduler", f"schedule-group/{settings.function_name}")
    source = {"aws:SourceAccount": ref("AWS::AccountId"), "aws:SourceArn": group_arn}
    trust = trust_service("scheduler.amazonaws.com", Condition={"StringEquals": source})
    statements = [
        allow("Invoke", ["lambda:InvokeFunction"], ref(LIVE)),
        allow("KeepFailedEvents", ["sqs:SendMessage"], get_att("FailedEvents", "Arn")),
        *([use_key(settings)] if settings.kms_key else []),
    ]
    return write_role(
        settings,
        tags,
        trust,
        statements,
        name="schedule",
        why="What the schedules may do. Only schedules of this account and group may take it.",
        is_live=True,
    )


def _make_schedule(schedule: Schedule, number: int) -> Json:
    name = f"schedule-{number}"
    target = {
        "Arn": ref(LIVE),
        "RoleArn": get_att("ScheduleRole", "Arn"),
        "Input": _write_input(schedule, name),
        "RetryPolicy": _RETRY,
        "DeadLetterConfig": {"Arn": get_att("FailedEvents", "Arn")},
    }
    return resource(
        "AWS::Scheduler::Schedule",
        {
            "Name": name,
            "GroupName": ref("ScheduleGroup"),
            "ScheduleExpression": schedule.expression,
            "ScheduleExpressionTimezone": schedule.time_zone,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "ENABLED" if schedule.enabled else "DISABLED",
            "Target": target,
        },
        why="Runs the pipeline at its time, with these arguments.",
        is_live=True,
        accepted={
            "CKV_AWS_297": "A schedule holds arguments, encrypted by AWS; no secret is among them."
        },
    )


def _write_input(schedule: Schedule, name: str) -> str:
    """Write what the function gets; AWS puts the time in the place of its keyword."""
    due = {"name": name, "time": SCHEDULED_TIME, "time_zone": schedule.time_zone}
    event = {"schedule": due, "arguments": schedule.arguments}
    return json.dumps(event, default=_write_time, ensure_ascii=False)


def _write_time(value: object) -> str:
    """Write the dates of TOML as the arguments of a run are written."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    raise TypeError(f"{value!r} is not of JSON's types")


def _make_objects(
    settings: DeploySettings, objects: Objects, number: int, tags: dict[str, str]
) -> dict[str, Json]:
    detail: Json = {"bucket": {"name": [objects.bucket]}}
    if objects.prefix:
        detail["object"] = {"key": [{"prefix": objects.prefix}]}
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": detail}
    target = {
        "Id": "live",
        "Arn": ref(LIVE),
        "RetryPolicy": _RETRY,
        "DeadLetterConfig": {"Arn": get_att("FailedEvents", "Arn")},
    }
    name = f"Objects{number}"
    rule = resource(
        "AWS::Events::Rule",
        {
            "Name": rule_name(settings, number),
            "EventPattern": pattern,
            "Targets": [target],
            "Tags": tag_list(tags),
        },
        why="Scores every new object. The bucket must send its events to EventBridge.",
        is_live=True,
    )
    permission = make_permission("events.amazonaws.com", get_att(name, "Arn"))
    return {name: rule, f"{name}Permission": permission}


def make_permission(service: str, source_arn: object) -> Json:
    """Write that one thing of a service may invoke the alias."""
    return resource(
        "AWS::Lambda::Permission",
        {
            "FunctionName": ref(LIVE),
            "Action": "lambda:InvokeFunction",
            "Principal": service,
            "SourceArn": source_arn,
        },
        why="Lets this one caller in, and no other of its kind.",
        is_live=True,
    )


def _make_topic(topic: str, number: int) -> dict[str, Json]:
    subscription = resource(
        "AWS::SNS::Subscription",
        {
            "TopicArn": topic,
            "Protocol": "lambda",
            "Endpoint": ref(LIVE),
            "RedrivePolicy": {"deadLetterTargetArn": get_att("FailedEvents", "Arn")},
        },
        why="Takes the messages of a topic.",
        is_live=True,
        DependsOn=[f"Topic{number}Permission"],
    )
    permission = make_permission("sns.amazonaws.com", topic)
    return {f"Topic{number}": subscription, f"Topic{number}Permission": permission}


def _make_stream(stream: Stream) -> Json:
    destination = {"OnFailure": {"Destination": get_att("FailedEvents", "Arn")}}
    return resource(
        "AWS::Lambda::EventSourceMapping",
        {
            "FunctionName": ref(LIVE),
            "EventSourceArn": stream.arn,
            "StartingPosition": stream.start,
            "BatchSize": stream.batch_size,
            "BisectBatchOnFunctionError": True,
            "MaximumRetryAttempts": stream.max_retries,
            "DestinationConfig": destination,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        },
        why="Reads a stream in order; a record that fails to the end is noted and passed over.",
        is_live=True,
    )
