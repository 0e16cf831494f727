"""Who may do what more, and what less, once a template takes the place of another."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dspipe.deploy.template._intrinsics import Json


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One right that a deployment gives or takes.

    Attributes
    ----------
    change : {"added", "removed"}
    effect : {"Allow", "Deny"}
    holder : str
        Who has the right: a role of the stack, or a service that is let in.
    action : str
        Such as ``secretsmanager:GetSecretValue``.
    resource : str
        What it is allowed on, as the template names it.
    condition : str
        Under which condition, as JSON; empty for none.
    """

    change: Literal["added", "removed"]
    effect: str
    holder: str
    action: str
    resource: str
    condition: str = ""


_Right = tuple[str, str, str, str, str]


def diff_policies(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> list[PolicyChange]:
    """Compare the rights that two templates give.

    Parameters
    ----------
    old : dict or None
        The template that is deployed, as `read_template` gives it; None before the first.
    new : dict
        The template that is to be deployed.

    Returns
    -------
    list of PolicyChange
        What is added, then what is removed; equal rights in other words are no change.

    Examples
    --------
    >>> statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
    >>> role = {"Policies": [{"PolicyDocument": {"Statement": [statement]}}]}
    >>> new = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": role}}}
    >>> [(change.change, change.action) for change in diff_policies(None, new)]
    [('added', 's3:GetObject')]
    >>> diff_policies(new, new)
    []
    """
    before = dict.fromkeys(_iter_rights(old or {}))
    after = dict.fromkeys(_iter_rights(new))
    added = [PolicyChange("added", *right) for right in after if right not in before]
    removed = [PolicyChange("removed", *right) for right in before if right not in after]
    return added + removed


def _iter_rights(template: Mapping[str, Any]) -> Iterator[_Right]:
    for name, found in template.get("Resources", {}).items():
        properties = found.get("Properties", {})
        read = _READERS.get(found["Type"])
        if read is not None:
            yield from read(name, properties)


def _iter_role_rights(name: str, properties: Json) -> Iterator[_Right]:
    for statement in _find_statements(properties.get("AssumeRolePolicyDocument")):
        yield from _iter_statement_rights(_name_principal(statement), statement, name)
    for policy in properties.get("Policies", []):
        yield from _iter_policy_rights(name, policy)
    for policy_arn in properties.get("ManagedPolicyArns", []):
        yield "Allow", name, "all that a policy allows", _write(policy_arn), ""


def _iter_policy_rights(name: str, properties: Json) -> Iterator[_Right]:
    for statement in _find_statements(properties.get("PolicyDocument")):
        yield from _iter_statement_rights(name, statement, "*")


def _iter_queue_rights(_: str, properties: Json) -> Iterator[_Right]:
    for statement in _find_statements(properties.get("PolicyDocument")):
        yield from _iter_statement_rights(_name_principal(statement), statement, "*")


def _iter_permission_rights(_: str, properties: Json) -> Iterator[_Right]:
    conditions: Json = {
        name: properties[name]
        for name in ("SourceArn", "FunctionUrlAuthType", "InvokedViaFunctionUrl")
        if name in properties
    }
    holder, action = _write(properties["Principal"]), _write(properties["Action"])
    yield "Allow", holder, action, _write(properties["FunctionName"]), _write_all(conditions)


# More than is made here: whoever owns the template may have added to it.
_READERS = {
    "AWS::IAM::ManagedPolicy": _iter_policy_rights,
    "AWS::IAM::Policy": _iter_policy_rights,
    "AWS::IAM::Role": _iter_role_rights,
    "AWS::Lambda::Permission": _iter_permission_rights,
    "AWS::SQS::QueuePolicy": _iter_queue_rights,
}


def _iter_statement_rights(holder: str, statement: Json, default: str) -> Iterator[_Right]:
    condition = _write_all(statement.get("Condition", {}))
    for action in _find_parts(statement, "Action", "*"):
        for resource in _find_parts(statement, "Resource", default):
            yield statement["Effect"], holder, action, resource, condition


def _find_parts(statement: Json, name: str, default: str) -> list[str]:
    """Write the actions or the resources of a statement; ``NotAction`` means all but these."""
    if f"Not{name}" in statement:
        return [f"all but {_write(value)}" for value in _as_list(statement[f"Not{name}"])]
    return [_write(value) for value in _as_list(statement.get(name, default))]


def _find_statements(document: Json | None) -> list[Json]:
    return _as_list((document or {}).get("Statement", []))


def _name_principal(statement: Json) -> str:
    principal = statement.get("Principal", "*")
    return ", ".join(
        _write(value)
        for found in (principal.values() if isinstance(principal, dict) else [principal])
        for value in _as_list(found)
    )


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _write_all(conditions: Json) -> str:
    return json.dumps(conditions, sort_keys=True) if conditions else ""


def _write(value: Any) -> str:
    """Write a name as the template means it: ``${Queue.Arn}`` for a reference."""
    if not isinstance(value, dict) or len(value) != 1:
        return str(value)
    ((function, inside),) = value.items()
    if function == "Fn::GetAtt":
        return f"${{{'.'.join(inside)}}}"
    return f"${{{inside}}}" if function == "Ref" else str(inside)
