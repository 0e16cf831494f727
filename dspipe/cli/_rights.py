"""Write the rights that a deployment gives or takes, as a reader says them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dspipe.deploy import PolicyChange

_INDENT = "  "


def write_rights(
    changes: "Sequence[PolicyChange]", names: Mapping[str, str]
) -> list[tuple[str, str]]:
    """Write who may do what on what, one pair of a change and a text for each such thing.

    Parameters
    ----------
    changes : sequence of PolicyChange
    names : mapping of str to str
        What the pseudo parameters stand for, such as ``AWS::Region``.

    Examples
    --------
    >>> from dspipe.deploy import PolicyChange
    >>> queue = "arn:aws:sqs:${AWS::Region}:1:jobs"
    >>> may = [PolicyChange("added", "Allow", "Role", name, queue) for name in ("sqs:A", "sqs:B")]
    >>> print(write_rights(may, {"AWS::Region": "eu-west-1"})[0][1])
    Role may sqs:A, sqs:B
      on arn:aws:sqs:eu-west-1:1:jobs
    """
    actions: dict[tuple[str, tuple[str, str, str, str]], list[str]] = {}
    for one in changes:
        statement = (one.effect, one.holder, one.resource, one.condition)
        actions.setdefault((one.change, statement), []).append(one.action)
    return [
        (change, _replace("\n".join(_iter_lines(*statement, done)), names))
        for (change, statement), done in actions.items()
    ]


def write_condition(condition: str) -> str:
    """Write a condition of a statement, given as JSON.

    Examples
    --------
    >>> write_condition('{"Bool": {"aws:SecureTransport": "false"}}')
    'aws:SecureTransport is false'
    >>> write_condition('{"ArnLike": {"aws:SourceArn": {"Fn::GetAtt": ["Topic", "Arn"]}}}')
    'aws:SourceArn is like ${Topic.Arn}'
    """
    told = []
    for name, value in json.loads(condition).items():
        if isinstance(value, dict) and not _is_intrinsic(value):
            told += [f"{key} {_VERBS.get(name, name)} {_write(of)}" for key, of in value.items()]
        else:
            told.append(f"{name} is {_write(value)}")
    return " and ".join(told)


_VERBS = {
    "ArnEquals": "is",
    "ArnLike": "is like",
    "Bool": "is",
    "StringEquals": "is",
    "StringLike": "is like",
}


def _iter_lines(
    effect: str, holder: str, resource: str, condition: str, actions: Sequence[str]
) -> Iterator[str]:
    who, verb = holder, "may" if effect == "Allow" else "may not"
    if holder == "*":
        who, verb = "anybody" if effect == "Allow" else "nobody", "may"
    yield f"{who} {verb} {', '.join(actions)}"
    yield f"{_INDENT}on {resource}"
    if condition:
        yield f"{_INDENT}if {write_condition(condition)}"


def _is_intrinsic(value: Mapping[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::"))


def _write(value: Any) -> str:
    """Write a value as the template means it: ``${Queue.Arn}`` for a reference."""
    if isinstance(value, list):
        return " or ".join(_write(one) for one in value)
    if not (isinstance(value, dict) and _is_intrinsic(value)):
        return str(value)
    ((function, inside),) = value.items()
    if function == "Fn::GetAtt":
        return f"${{{'.'.join(inside)}}}"
    return f"${{{inside}}}" if function == "Ref" else str(inside)


def _replace(text: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"${{{name}}}", value)
    return text
