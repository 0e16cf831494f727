"""References to secrets, as a deployment sees them: what the function must be allowed to read.

A reference is read by what ships, which gets the value; here only its name matters.
"""

import re
from dataclasses import dataclass
from typing import Literal

_SECRET_ARN = re.compile(
    r"arn:[\w-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:(?P<name>[\w/+=.@-]+)"
)
_PARAMETER_ARN = re.compile(r"arn:[\w-]+:ssm:[a-z0-9-]+:\d{12}:parameter/[\w/.-]+")
_SECRET_NAME = re.compile(r"[\w/+=.@-]{1,512}")
_PARAMETER_NAME = re.compile(r"[\w/.-]{1,1011}")
# AWS adds a hyphen and six characters to the name of a secret to make its ARN.
_SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")
_ANY_SUFFIX = "-??????"


@dataclass(frozen=True, slots=True)
class Reference:
    """A secret that a setting names.

    Attributes
    ----------
    service : {"secretsmanager", "ssm"}
        Where it is kept.
    arn : str
        What a policy calls it, with ``${AWS::...}`` in the places that the template fills in.
    """

    service: Literal["secretsmanager", "ssm"]
    arn: str


def find_reference(text: str) -> Reference | None:
    """Read a reference, or give None for a text that is none.

    Examples
    --------
    >>> find_reference("ssm://flights/password").arn
    'arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/flights/password'
    >>> find_reference("tulip") is None
    True
    """
    address = text.partition("#")[0]
    name = address.removeprefix("secret://")
    if _SECRET_ARN.fullmatch(name):
        return Reference("secretsmanager", name if _SUFFIX.search(name) else name + _ANY_SUFFIX)
    if address.startswith("secret://") and _SECRET_NAME.fullmatch(name):
        return Reference("secretsmanager", _make_arn("secretsmanager", f"secret:{name}-??????"))
    name = address.removeprefix("ssm://")
    if _PARAMETER_ARN.fullmatch(name):
        return Reference("ssm", name)
    if address.startswith("ssm://") and _PARAMETER_NAME.fullmatch(name):
        return Reference("ssm", _make_arn("ssm", f"parameter/{name.lstrip('/')}"))
    return None


def _make_arn(service: str, resource: str) -> str:
    return f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
