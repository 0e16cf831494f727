"""The few words of CloudFormation's own language that a template here is made of."""

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

LIVE = "Live"
HAS_LIVE = "HasLive"


def ref(name: str) -> Json:
    """Refer to a parameter or a resource.

    >>> ref("Function")
    {'Ref': 'Function'}
    """
    return {"Ref": name}


def get_att(name: str, attribute: str) -> Json:
    """Refer to an attribute of a resource.

    >>> get_att("Role", "Arn")
    {'Fn::GetAtt': ['Role', 'Arn']}
    """
    return {"Fn::GetAtt": [name, attribute]}


def fill(text: str) -> Any:
    """Let CloudFormation fill the ``${...}`` of a text; one without any stays a text.

    >>> fill("${AWS::Region}"), fill("eu-west-1")
    ({'Fn::Sub': '${AWS::Region}'}, 'eu-west-1')
    """
    return {"Fn::Sub": text} if "${" in text else text


def arn(service: str, resource: str) -> Any:
    """Write the ARN of something in this account and region.

    >>> arn("sqs", "jobs")["Fn::Sub"]
    'arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:jobs'
    """
    return fill(
        f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
    )


def resource(
    kind: str,
    properties: Mapping[str, Any],
    *,
    why: str,
    is_live: bool = False,
    accepted: Mapping[str, str] | None = None,
    **attributes: Any,
) -> Json:
    """Write a resource.

    Parameters
    ----------
    kind : str
        Such as ``AWS::SQS::Queue``.
    properties : mapping
        Those that are None are left out.
    why : str
        What it is for, in a sentence for the person who reviews the template.
    is_live : bool
        Whether it waits until a version serves.
    accepted : mapping of str to str, optional
        Findings of checkov that are accepted, each with its reason.
    **attributes
        Attributes beside the properties, such as ``DependsOn``.
    """
    skips = [{"id": name, "comment": reason} for name, reason in (accepted or {}).items()]
    metadata: Json = {"Comment": why} | ({"checkov": {"skip": skips}} if skips else {})
    given = {name: value for name, value in properties.items() if value is not None}
    condition = {"Condition": HAS_LIVE} if is_live else {}
    return {"Type": kind, **condition, **attributes, "Metadata": metadata, "Properties": given}


def tag_list(tags: Mapping[str, str]) -> Sequence[Json]:
    """Write tags as most resources take them.

    >>> tag_list({"team": "flights"})
    [{'Key': 'team', 'Value': 'flights'}]
    """
    return [{"Key": key, "Value": value} for key, value in tags.items()]
