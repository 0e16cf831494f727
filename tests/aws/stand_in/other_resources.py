"""Types of the services around a function."""

import json
from typing import Any

from aws.stand_in.resource_types import Made, ResourceType, client, pick, tags_as_dict, tags_as_list

ALARM = (
    "ActionsEnabled", "AlarmActions", "AlarmDescription", "ComparisonOperator", "DatapointsToAlarm",
    "Dimensions", "EvaluateLowSampleCountPercentile", "EvaluationPeriods", "ExtendedStatistic",
    "InsufficientDataActions", "MetricName", "Metrics", "Namespace", "OKActions", "Period",
    "Statistic", "Threshold", "TreatMissingData", "Unit",
)  # fmt: skip
SCHEDULE = (
    "Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "ScheduleExpression",
    "ScheduleExpressionTimezone", "StartDate", "State", "Target",
)  # fmt: skip
QUEUE = (
    "DelaySeconds", "FifoQueue", "ContentBasedDeduplication", "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds", "MaximumMessageSize", "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled",
    "VisibilityTimeout",
)  # fmt: skip


class Role(ResourceType):
    """AWS::IAM::Role, with its inline policies."""

    type_name = "AWS::IAM::Role"
    is_tagged = True
    name_property = "RoleName"
    replaced_by = frozenset({"RoleName", "Path"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        role = client("iam").create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json.dumps(properties["AssumeRolePolicyDocument"]),
            Tags=tags_as_list(properties),
            **pick(properties, "Path", "Description", "PermissionsBoundary", "MaxSessionDuration"),
        )["Role"]
        self._set_policies(name, properties)
        return Made(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        client("iam").update_assume_role_policy(
            RoleName=made.physical_id, PolicyDocument=json.dumps(new["AssumeRolePolicyDocument"])
        )
        self._clear_policies(made.physical_id, old)
        self._set_policies(made.physical_id, new)
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        self._clear_policies(made.physical_id, properties)
        client("iam").delete_role(RoleName=made.physical_id)

    def _set_policies(self, name: str, properties: dict[str, Any]) -> None:
        for policy in properties.get("Policies", []):
            client("iam").put_role_policy(
                RoleName=name,
                PolicyName=policy["PolicyName"],
                PolicyDocument=json.dumps(policy["PolicyDocument"]),
            )
        for arn in properties.get("ManagedPolicyArns", []):
            client("iam").attach_role_policy(RoleName=name, PolicyArn=arn)

    def _clear_policies(self, name: str, properties: dict[str, Any]) -> None:
        for policy in properties.get("Policies", []):
            client("iam").delete_role_policy(RoleName=name, PolicyName=policy["PolicyName"])
        for arn in properties.get("ManagedPolicyArns", []):
            client("iam").detach_role_policy(RoleName=name, PolicyArn=arn)


class LogGroup(ResourceType):
    """AWS::Logs::LogGroup."""

    type_name = "AWS::Logs::LogGroup"
    is_tagged = True
    name_property = "LogGroupName"
    replaced_by = frozenset({"LogGroupName"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        key = {"kmsKeyId": properties["KmsKeyId"]} if "KmsKeyId" in properties else {}
        client("logs").create_log_group(logGroupName=name, tags=tags_as_dict(properties), **key)
        self._keep(name, properties)
        groups = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return Made(name, {"Arn": groups[0]["arn"]})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        self._keep(made.physical_id, new)
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("logs").delete_log_group(logGroupName=made.physical_id)

    def _keep(self, name: str, properties: dict[str, Any]) -> None:
        if "RetentionInDays" in properties:
            days = int(properties["RetentionInDays"])
            client("logs").put_retention_policy(logGroupName=name, retentionInDays=days)


class Queue(ResourceType):
    """AWS::SQS::Queue."""

    type_name = "AWS::SQS::Queue"
    is_tagged = True
    name_property = "QueueName"
    replaced_by = frozenset({"QueueName", "FifoQueue"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        url = client("sqs").create_queue(
            QueueName=name, Attributes=as_attributes(properties), tags=tags_as_dict(properties)
        )["QueueUrl"]
        arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return Made(url, {"Arn": arn["Attributes"]["QueueArn"], "QueueName": name, "QueueUrl": url})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        client("sqs").set_queue_attributes(QueueUrl=made.physical_id, Attributes=as_attributes(new))
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("sqs").delete_queue(QueueUrl=made.physical_id)


class QueuePolicy(ResourceType):
    """AWS::SQS::QueuePolicy."""

    type_name = "AWS::SQS::QueuePolicy"

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        policy = json.dumps(properties["PolicyDocument"])
        for url in properties["Queues"]:
            client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        return Made(name)

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        return self.create(made.physical_id, new)

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        for url in properties["Queues"]:
            client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


class Schedule(ResourceType):
    """AWS::Scheduler::Schedule."""

    type_name = "AWS::Scheduler::Schedule"
    name_property = "Name"
    replaced_by = frozenset({"Name", "GroupName"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        arn = client("scheduler").create_schedule(Name=name, **pick(properties, *SCHEDULE))
        return Made(name, {"Arn": arn["ScheduleArn"]})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        client("scheduler").update_schedule(Name=made.physical_id, **pick(new, *SCHEDULE))
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        group = pick(properties, "GroupName")
        client("scheduler").delete_schedule(Name=made.physical_id, **group)


class ScheduleGroup(ResourceType):
    """AWS::Scheduler::ScheduleGroup."""

    type_name = "AWS::Scheduler::ScheduleGroup"
    is_tagged = True
    name_property = "Name"
    replaced_by = frozenset({"Name"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        tags = tags_as_list(properties)
        arn = client("scheduler").create_schedule_group(Name=name, Tags=tags)
        return Made(name, {"Arn": arn["ScheduleGroupArn"]})

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("scheduler").delete_schedule_group(Name=made.physical_id)


class Alarm(ResourceType):
    """AWS::CloudWatch::Alarm."""

    type_name = "AWS::CloudWatch::Alarm"
    is_tagged = True
    name_property = "AlarmName"
    replaced_by = frozenset({"AlarmName"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        alarm = pick(properties, *ALARM)
        numbers = {"EvaluationPeriods": int, "Period": int, "DatapointsToAlarm": int}
        numbers |= {"Threshold": float}  # type: ignore[dict-item]  # both turn texts into numbers
        alarm = {key: numbers.get(key, keep)(value) for key, value in alarm.items()}
        client("cloudwatch").put_metric_alarm(
            AlarmName=name, Tags=tags_as_list(properties), **alarm
        )
        found = client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return Made(name, {"Arn": found[0]["AlarmArn"]})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        return self.create(made.physical_id, new)

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("cloudwatch").delete_alarms(AlarmNames=[made.physical_id])


class Rule(ResourceType):
    """AWS::Events::Rule."""

    type_name = "AWS::Events::Rule"
    name_property = "Name"
    replaced_by = frozenset({"Name", "EventBusName"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        rule = pick(properties, "Description", "EventBusName", "ScheduleExpression", "State")
        if "EventPattern" in properties:
            rule["EventPattern"] = json.dumps(properties["EventPattern"])
        arn = client("events").put_rule(Name=name, **rule)["RuleArn"]
        if properties.get("Targets"):
            client("events").put_targets(Rule=name, Targets=properties["Targets"])
        return Made(name, {"Arn": arn})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        return self.create(made.physical_id, new)

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        targets = [target["Id"] for target in properties.get("Targets", [])]
        if targets:
            client("events").remove_targets(Rule=made.physical_id, Ids=targets)
        client("events").delete_rule(Name=made.physical_id)


class Topic(ResourceType):
    """AWS::SNS::Topic."""

    type_name = "AWS::SNS::Topic"
    is_tagged = True
    name_property = "TopicName"
    replaced_by = frozenset({"TopicName"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        arn = client("sns").create_topic(Name=name, Tags=tags_as_list(properties))["TopicArn"]
        return Made(arn, {"TopicArn": arn, "TopicName": name})

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("sns").delete_topic(TopicArn=made.physical_id)


class Subscription(ResourceType):
    """AWS::SNS::Subscription."""

    type_name = "AWS::SNS::Subscription"
    replaced_by = frozenset({"Endpoint", "Protocol", "TopicArn"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        given = pick(properties, "Endpoint", "Protocol", "TopicArn")
        arn = client("sns").subscribe(ReturnSubscriptionArn=True, **given)["SubscriptionArn"]
        return Made(arn, {"Arn": arn})

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("sns").unsubscribe(SubscriptionArn=made.physical_id)


class Bucket(ResourceType):
    """AWS::S3::Bucket, by name alone."""

    type_name = "AWS::S3::Bucket"
    name_property = "BucketName"
    replaced_by = frozenset({"BucketName"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        api = client("s3")
        place = {"LocationConstraint": api.meta.region_name}
        api.create_bucket(Bucket=name.lower(), CreateBucketConfiguration=place)
        return Made(name.lower(), {"Arn": f"arn:aws:s3:::{name.lower()}"})

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("s3").delete_bucket(Bucket=made.physical_id)


class Api(ResourceType):
    """AWS::ApiGatewayV2::Api."""

    type_name = "AWS::ApiGatewayV2::Api"
    is_tagged = True
    replaced_by = frozenset({"ProtocolType"})

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        names = ("Name", "ProtocolType", "Description", "DisableExecuteApiEndpoint")
        api = client("apigatewayv2").create_api(
            Tags=tags_as_dict(properties), **pick(properties, *names)
        )
        attributes = {"ApiId": api["ApiId"], "ApiEndpoint": api["ApiEndpoint"]}
        return Made(api["ApiId"], attributes)

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        client("apigatewayv2").update_api(ApiId=made.physical_id, **pick(new, "Name"))
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        client("apigatewayv2").delete_api(ApiId=made.physical_id)


class ApiPart(ResourceType):
    """One part of an API; any change makes a new one, which AWS does not always need."""

    type_name = "AWS::ApiGatewayV2::Stage"
    replaced_by = frozenset({"ApiId", "StageName"})
    noun = "stage"
    key = "StageName"

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        given = {key: value for key, value in properties.items() if key != "Tags"}
        made = getattr(client("apigatewayv2"), f"create_{self.noun}")(**given)
        return Made(made[self.key], {self.key: made[self.key]})

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        given = {key: value for key, value in new.items() if key not in {"Tags", self.key}}
        change = getattr(client("apigatewayv2"), f"update_{self.noun}")
        change(**given, **{self.key: made.physical_id})
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        remove = getattr(client("apigatewayv2"), f"delete_{self.noun}")
        remove(ApiId=properties["ApiId"], **{self.key: made.physical_id})


class Integration(ApiPart):
    """AWS::ApiGatewayV2::Integration."""

    type_name = "AWS::ApiGatewayV2::Integration"
    replaced_by = frozenset({"ApiId"})
    noun = "integration"
    key = "IntegrationId"


class Route(ApiPart):
    """AWS::ApiGatewayV2::Route."""

    type_name = "AWS::ApiGatewayV2::Route"
    replaced_by = frozenset({"ApiId"})
    noun = "route"
    key = "RouteId"


def as_attributes(properties: dict[str, Any]) -> dict[str, str]:
    """Give a queue's properties as its API wants them: every value a text."""
    given = pick(properties, *QUEUE)
    return {key: as_text(value) for key, value in given.items()}


def as_text(value: Any) -> str:
    """Give a text, or the JSON of an object or a truth value."""
    return value if isinstance(value, str) else json.dumps(value)


def keep(value: Any) -> Any:
    """Give what was given."""
    return value
