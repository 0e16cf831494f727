"""What rings when the function fails, is refused, gets slow, or leaves something undone."""

from collections.abc import Iterator, Mapping

from dspipe.deploy.settings._parts import Alarms
from dspipe.deploy.settings._record import DeploySettings
from dspipe.deploy.template._function import ALIAS
from dspipe.deploy.template._intrinsics import Json, get_att, resource, tag_list

_SLOWEST = "p99"


def make_alarm_resources(settings: DeploySettings, tags: dict[str, str]) -> dict[str, Json]:
    """Write the alarms; they watch the alias, so that a version under test rings nothing."""
    if settings.alarms is None:
        return {}
    alarms = settings.alarms
    return {
        name: _make_alarm(settings, name, alarms, tags, why=why, measure=measure)
        for name, why, measure in _iter_measures(settings, alarms)
    }


def _iter_measures(settings: DeploySettings, alarms: Alarms) -> Iterator[tuple[str, str, Json]]:
    yield (
        "ErrorsAlarm",
        "Invocations fail.",
        _measure_alias(settings, "Errors", alarms.errors, Statistic="Sum"),
    )
    yield (
        "FaultsAlarm",
        "Runs fail, also where the caller got an answer that says so, or one message of many did.",
        _measure_runs(settings, "faults", alarms.errors),
    )
    yield (
        "ThrottlesAlarm",
        "Invocations are refused: the concurrency is used up.",
        _measure_alias(settings, "Throttles", 1, Statistic="Sum"),
    )
    longest_ms = round(settings.timeout_seconds * 1_000 * alarms.duration_share)
    yield (
        "DurationAlarm",
        "The slowest hundredth comes near the timeout.",
        _measure_alias(settings, "Duration", longest_ms, ExtendedStatistic=_SLOWEST),
    )
    if settings.queue is not None:
        yield "DeadLettersAlarm", "Messages failed every time.", _measure_queue("DeadLetters")
    if settings.keeps_failed_events:
        yield "FailedEventsAlarm", "Events failed every time.", _measure_queue("FailedEvents")


def _measure_alias(settings: DeploySettings, metric: str, threshold: int, **statistic: str) -> Json:
    name = settings.function_name
    return {
        "Namespace": "AWS/Lambda",
        "MetricName": metric,
        "Dimensions": _write_dimensions({"FunctionName": name, "Resource": f"{name}:{ALIAS}"}),
        **statistic,
        "Period": 60,
        "Threshold": threshold,
    }


def _measure_runs(settings: DeploySettings, metric: str, threshold: int) -> Json:
    """Measure what the function tells in its log, in CloudWatch's embedded metric format.

    An answer with status 500 and a batch of which one message failed are no errors to Lambda.
    """
    return {
        "Namespace": "dspipe",
        "MetricName": metric,
        "Dimensions": _write_dimensions({"function": settings.function_name}),
        "Statistic": "Sum",
        "Period": 60,
        "Threshold": threshold,
    }


def _measure_queue(queue: str) -> Json:
    return {
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": _write_dimensions({"QueueName": get_att(queue, "QueueName")}),
        "Statistic": "Maximum",
        "Period": 300,
        "Threshold": 1,
    }


def _write_dimensions(dimensions: Mapping[str, object]) -> list[Json]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _make_alarm(
    settings: DeploySettings,
    name: str,
    alarms: Alarms,
    tags: dict[str, str],
    *,
    why: str,
    measure: Json,
) -> Json:
    told = [alarms.topic] if alarms.topic else None
    return resource(
        "AWS::CloudWatch::Alarm",
        {
            "AlarmName": f"{settings.function_name}-{name.removesuffix('Alarm').lower()}",
            "AlarmDescription": why,
            **measure,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            "TreatMissingData": "notBreaching",
            "AlarmActions": told,
            "OKActions": told,
            "Tags": tag_list(tags),
        },
        why=why,
        is_live=True,
    )
