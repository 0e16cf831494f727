"""What the stand-in remembers of stacks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(slots=True)
class Resource:
    """One resource of a stack, as it was last deployed.

    Attributes
    ----------
    name, type : str
        Logical name and CloudFormation's type.
    properties : dict
        With all functions resolved.
    physical_id : str
        What ``Ref`` gives.
    attributes : dict
        What ``Fn::GetAtt`` gives.
    is_retained, is_retained_when_replaced : bool
        DeletionPolicy and UpdateReplacePolicy.
    """

    name: str
    type: str
    properties: dict[str, Any]
    physical_id: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    is_retained: bool = False
    is_retained_when_replaced: bool = False
    changed_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Change:
    """One line of a change set.

    Attributes
    ----------
    action : str
        Add, Modify or Remove.
    name, type : str
        Logical name and type.
    physical_id : str or None
        Of the resource that is there.
    replacement : bool
        Whether a new resource takes the place of the old one.
    properties : tuple of str
        Which properties change.
    is_retained : bool
        Whether a removed or replaced resource stays in the account.
    """

    action: str
    name: str
    type: str
    physical_id: str | None = None
    replacement: bool = False
    properties: tuple[str, ...] = ()
    always_replaced: frozenset[str] = frozenset()
    is_retained: bool = False


@dataclass(slots=True)
class ChangeSet:
    """A planned change."""

    id: str
    name: str
    kind: str
    template: dict[str, Any]
    template_text: str
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    changes: list[Change]
    description: str | None = None
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    reason: str | None = None
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class StackEvent:
    """One line of a stack's history."""

    id: str
    name: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class Stack:
    """A stack, alive or deleted."""

    id: str
    name: str
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    template: dict[str, Any] = field(default_factory=lambda: {"Resources": {}})
    template_text: str = ""
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    outputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    events: list[StackEvent] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    changed_at: datetime | None = None
    deleted_at: datetime | None = None
    is_protected: bool = False

    def set_status(self, status: str, reason: str | None = None) -> None:
        """Enter a state and write it into the history."""
        self.status, self.reason = status, reason
        self.add_event(self.name, self.id, "AWS::CloudFormation::Stack", status, reason)

    def add_event(
        self, name: str, physical_id: str, type_name: str, status: str, reason: str | None = None
    ) -> None:
        """Write one line into the history."""
        event_id = f"{name}-{status}-{len(self.events)}"
        self.events.append(StackEvent(event_id, name, physical_id, type_name, status, reason))
