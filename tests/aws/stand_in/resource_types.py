"""How one type of resource is made, changed and removed, with AWS's public API alone.

A type is a class with three verbs. It talks to the stand-in over HTTP by boto3, as CloudFormation
talks to AWS, so it needs nothing of moto's inside.
"""

import functools
import os
import secrets
import string
from dataclasses import dataclass, field
from typing import Any, ClassVar

import boto3
from botocore.exceptions import ClientError

ABSENT = ("NotFound", "NoSuch", "NonExistent", "DoesNotExist", "NotExist", "ResourceNotFound")


@dataclass(frozen=True, slots=True)
class Made:
    """What a resource is known by: ``Ref`` and ``Fn::GetAtt``."""

    physical_id: str
    attributes: dict[str, Any] = field(default_factory=dict)


class ResourceError(Exception):
    """A resource could not be made, changed or removed; the text is the reason in the history."""


class ResourceType:
    """One type of resource; subclasses register themselves by their `type_name`.

    Attributes
    ----------
    type_name : str
        CloudFormation's name.
    name_property : str
        Property that names the resource; generated where it is absent.
    replaced_by : frozenset of str
        Properties whose change makes a new resource.
    is_tagged : bool
        Whether it takes the stack's tags.
    """

    known: ClassVar[dict[str, "ResourceType"]] = {}
    type_name: ClassVar[str]
    name_property: ClassVar[str] = ""
    replaced_by: ClassVar[frozenset[str]] = frozenset()
    is_tagged: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        ResourceType.known[cls.type_name] = cls()

    def create(self, name: str, properties: dict[str, Any]) -> Made:
        """Make it; `name` is the generated one or the given one."""
        raise NotImplementedError

    def update(self, made: Made, old: dict[str, Any], new: dict[str, Any]) -> Made:
        """Change it in place; by default there is nothing that a change in place would change."""
        return made

    def delete(self, made: Made, properties: dict[str, Any]) -> None:
        """Remove it."""
        raise NotImplementedError


def find_name(kind: ResourceType, stack: str, logical: str, properties: dict[str, Any]) -> str:
    """Give the resource's own name, or make one as CloudFormation does."""
    given = properties.get(kind.name_property)
    if given:
        return str(given)
    letters = string.ascii_uppercase + string.digits
    return f"{stack}-{logical}-" + "".join(secrets.choice(letters) for _ in range(12))


@functools.cache
def client(service: str) -> Any:
    """Give a client of this very server."""
    session = boto3.session.Session(
        aws_access_key_id="cloudformation",
        aws_secret_access_key="cloudformation",  # noqa: S106  opens nothing
        region_name=os.environ["AWS_DEFAULT_REGION"],
    )
    return session.client(service, endpoint_url=os.environ["STAND_IN_URL"])


def is_absent(error: ClientError) -> bool:
    """Say whether a call failed because the thing is not there any more."""
    code = error.response["Error"]["Code"]
    return any(word in code for word in ABSENT)


def pick(properties: dict[str, Any], *names: str) -> dict[str, Any]:
    """Take the named properties that are given."""
    return {name: properties[name] for name in names if name in properties}


def tags_as_dict(properties: dict[str, Any]) -> dict[str, str]:
    """Give tags as most newer services want them."""
    tags = properties.get("Tags", {})
    return tags if isinstance(tags, dict) else {tag["Key"]: str(tag["Value"]) for tag in tags}


def tags_as_list(properties: dict[str, Any]) -> list[dict[str, str]]:
    """Give tags as older services want them."""
    return [{"Key": key, "Value": value} for key, value in tags_as_dict(properties).items()]
