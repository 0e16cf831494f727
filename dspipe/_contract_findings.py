"""What is wrong with the rows of a batch, and what the policy makes of it: bad rows or warnings."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from dspipe._notices import Notice, Word
from dspipe._text import quote_some
from dspipe.errors import ConfigurationError

Reaction = Literal["error", "warn", "ignore"]
REACTIONS = ("error", "warn", "ignore")
_LONGEST_VALUE = 60


@dataclass(frozen=True)
class Policy:
    """What happens when features break the contract: "error", "warn" or "ignore".

    An error about columns (`missing`, `extra`, `wrong_type`) refuses the batch; an error about
    single values (also a value that a column's type cannot hold) makes bad rows.

    Attributes
    ----------
    missing : str, default="error"
        A column of the contract is absent. If let through, it is all null.
    extra : str, default="ignore"
        A column is not in the contract. It is dropped in any case.
    wrong_type : str, default="error"
        A column, or one value in it, has no faithful form in the contract's type. If let through,
        the column stays as it came, and the single value becomes null.
    unexpected_null : str, default="error"
        A null where the contract saw none.
    unseen_category : str, default="warn"
        A category that the contract does not know. If let through, text stays as it is; a value of
        a category column becomes null.
    out_of_range : str, default="warn"
        A value below the smallest or above the largest value seen.

    Examples
    --------
    >>> Policy(out_of_range="error").out_of_range
    'error'
    """

    missing: Reaction = "error"
    extra: Reaction = "ignore"
    wrong_type: Reaction = "error"
    unexpected_null: Reaction = "error"
    unseen_category: Reaction = "warn"
    out_of_range: Reaction = "warn"

    def __post_init__(self) -> None:
        """Refuse a reaction that does not exist."""
        for rule in fields(self):
            reaction = getattr(self, rule.name)
            if reaction not in REACTIONS:
                raise ConfigurationError(
                    f"The policy '{rule.name}' is {reaction!r}. It must be one of: "
                    f"{quote_some(REACTIONS)}."
                )


@dataclass(frozen=True)
class Fault:
    """What one rule found in one column: where, which values, and what was expected."""

    rule: str
    column: str
    positions: npt.NDArray[np.intp]
    values: list[Any]
    expected: str
    forced: bool = field(default=False)  # no policy can let a value through that has no place


class Findings:
    """Collects what is wrong with the rows of one batch."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.notices: list[Notice] = []
        self._reasons: dict[int, list[str]] = {}

    def add(self, fault: Fault) -> None:
        """Take a fault, as the policy says."""
        if fault.forced or getattr(self.policy, fault.rule) == "error":
            for position, value in zip(fault.positions, fault.values, strict=True):
                reason = f"Column '{fault.column}' is {word_of(value)}; {fault.expected}."
                self._reasons.setdefault(int(position), []).append(reason)
        elif getattr(self.policy, fault.rule) == "warn":
            words = tuple(dict.fromkeys(map(word_of, fault.values)))
            n_rows = len(fault.positions)
            self.notices.append(
                Notice(fault.column, values=words, n_rows=n_rows, expected=fault.expected)
            )

    def reasons(self) -> dict[int, str]:
        """Give the bad rows in order, each with all that is wrong with it."""
        return {row: " ".join(reasons) for row, reasons in sorted(self._reasons.items())}


def word_of(value: Any) -> Word:
    """Write a value for a sentence; a long one is cut."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return Word("null")
    if isinstance(value, pd.Timestamp | pd.Timedelta):
        return Word(value)
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return Word(text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}...")
