"""What a model expects of its features: names, types, ranges and categories.

The contract is inferred from the frame a model was trained on, lies beside the model as JSON that a
person can read, and is applied to every batch. ``_contract_columns`` holds one column,
``_contract_values`` the conversions, ``_conform`` the check of a batch, ``_contract_findings``
what it found, ``_contract_json`` the file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import pandas as pd

from dspipe._conform import Conformed, conform
from dspipe._contract_columns import Column, infer_column
from dspipe._contract_findings import Policy
from dspipe._contract_json import read_contract, write_contract
from dspipe._extras import load_workshop
from dspipe._text import MOST_SHOWN, count, quote_some
from dspipe.errors import ContractError

__all__ = ["Column", "Conformed", "Contract", "Policy"]


@dataclass(frozen=True)
class Contract:
    """Names, types, ranges and categories of a model's features.

    Attributes
    ----------
    columns : tuple of Column
        The features, in the order in which the model takes them. The key is not among them.
    policy : Policy
        What happens when features break the contract.

    Examples
    --------
    >>> import pandas as pd
    >>> contract = Contract.infer(pd.DataFrame({"hour": [0, 23]}))
    >>> contract
    <Contract of 1 column: hour>
    >>> contract.apply(pd.DataFrame({"hour": [25]})).warnings
    ("Column 'hour' is 25 in 1 row; the contract's range is 0 to 23.",)
    """

    columns: tuple[Column, ...]
    policy: Policy = field(default_factory=Policy)

    @classmethod
    def infer(cls, frame: pd.DataFrame, *, policy: Policy | None = None) -> Self:
        """Read the contract off the features that a model was trained on.

        Parameters
        ----------
        frame : DataFrame of shape (n_rows, n_columns)
            Features that are right, with the key in the index, which is no part of the contract.
            Not modified.
        policy : Policy, optional
            What happens when features break the contract; the default of each rule if not given.

        Raises
        ------
        ContractError
            If a column has no text as its name, a name twice, or a dtype that a contract cannot
            hold.
        """
        _check_names(list(frame.columns))
        columns = tuple(infer_column(name, frame[name]) for name in frame.columns)
        return cls(columns, policy or Policy())

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a contract that `save` wrote.

        Raises
        ------
        ContractError
            If the file is missing, is no JSON, is of another format version, or a part of it cannot
            be read.
        """
        return cls(*read_contract(Path(path)))

    def save(self, path: str | Path) -> None:
        """Write the contract as JSON, for people and for git; `load` gives an equal contract."""
        text = write_contract(self.columns, self.policy)
        Path(path).write_text(text, encoding="utf-8", newline="\n")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    def with_policy(self, policy: Policy) -> Self:
        """Make the same contract with another policy."""
        return replace(self, policy=policy)

    def apply(self, features: pd.DataFrame) -> Conformed:
        """Bring features into exactly the contract's columns, order and dtypes.

        Values are converted without loss or not at all. A row with a value that breaks the contract
        is a bad row; it stays in its place, so that positions keep their meaning.

        Parameters
        ----------
        features : DataFrame of shape (n_rows, at least n_columns)
            With the key in the index. Not modified; the index is kept.

        Returns
        -------
        Conformed
            The features (the given frame itself where nothing had to change), bad rows by position,
            and warnings.

        Raises
        ------
        ContractError
            If a column is missing or of a wrong type as a whole (or, by policy, not in the
            contract). The message shows the difference line by line.

        Examples
        --------
        >>> import pandas as pd
        >>> contract = Contract.infer(pd.DataFrame({"hour": [0, 23]}))
        >>> contract.apply(pd.DataFrame({"hour": [7.0, 7.5]})).bad_rows
        {1: "Column 'hour' is 7.5; int64 cannot hold that without loss."}
        """
        return conform(self.columns, self._index, self.policy, features)

    def diff(self, other: "Contract") -> "ContractDiff":
        """Show line by line how another contract differs: ``-`` only here, ``+`` only there.

        Returns
        -------
        ContractDiff
            A text, which a notebook shows as a table.

        Examples
        --------
        >>> import pandas as pd
        >>> one, two = (Contract.infer(pd.DataFrame({"hour": [0, top]})) for top in (12, 23))
        >>> print(one.diff(two))
        - hour: maximum 12
        + hour: maximum 23
        """
        return ContractDiff(_iter_diff(self, other))

    def _repr_html_(self) -> str:
        displays = load_workshop("dspipe.displays", needed_by="The display of a contract")
        drawn: str = displays.draw_contract(self)
        return drawn

    @cached_property
    def _index(self) -> "pd.Index[Any]":
        return pd.Index(list(self.names))

    def __repr__(self) -> str:
        """Name the columns in one line."""
        names = [*self.names[:MOST_SHOWN], *(["..."] if len(self.names) > MOST_SHOWN else [])]
        return f"<Contract of {count(len(self.names), 'column')}: {', '.join(names) or 'none'}>"


class ContractDiff(str):
    """What differs between two contracts, as lines of text.

    Attributes
    ----------
    lines : tuple of (str, str, str)
        Sign, name of the column (or "order", "policy"), and what is said of it.
    """

    __slots__ = ("lines",)
    lines: tuple[tuple[str, str, str], ...]

    def __new__(cls, lines: Iterable[tuple[str, str, str]]) -> Self:
        told = tuple(lines)
        diff = super().__new__(
            cls, "\n".join(f"{sign} {name}: {fact}" for sign, name, fact in told)
        )
        diff.lines = told
        return diff

    def _repr_html_(self) -> str:
        displays = load_workshop("dspipe.displays", needed_by="The display of a contract")
        drawn: str = displays.draw_contract_diff(self.lines)
        return drawn


def _check_names(names: list[object]) -> None:
    odd = [name for name in names if not isinstance(name, str)]
    if odd:
        raise ContractError(
            f"The features have columns whose names are not text: {quote_some(odd)}. "
            "Rename them, for example with frame.columns = frame.columns.map(str)."
        )
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise ContractError(
            f"The features have the column {quote_some(repeated)} more than once. "
            "Drop or rename the others."
        )


def _iter_diff(one: Contract, two: Contract) -> Iterator[tuple[str, str, str]]:
    before, after = ({c.name: c for c in contract.columns} for contract in (one, two))
    for name in {**before, **after}:
        yield from _iter_column_diff(name, before.get(name), after.get(name))
    shared = (
        [name for name in before if name in after],
        [name for name in after if name in before],
    )
    if shared[0] != shared[1]:
        yield from (("-", "order", ", ".join(shared[0])), ("+", "order", ", ".join(shared[1])))
    for rule in fields(Policy):
        reactions = getattr(one.policy, rule.name), getattr(two.policy, rule.name)
        if reactions[0] != reactions[1]:
            yield "-", "policy", f"{rule.name} {reactions[0]}"
            yield "+", "policy", f"{rule.name} {reactions[1]}"


def _iter_column_diff(
    name: str, before: Column | None, after: Column | None
) -> Iterator[tuple[str, str, str]]:
    if before is None or after is None:
        column = before or after
        assert column is not None  # noqa: S101 - the name comes from one of the two
        yield "+" if before is None else "-", name, column.dtype
        return
    lines_before, lines_after = _describe(before), _describe(after)
    yield from (("-", name, line) for line in lines_before if line not in lines_after)
    yield from (("+", name, line) for line in lines_after if line not in lines_before)
    if before != after and set(lines_before) == set(lines_after):
        yield "-", name, f"categories {quote_some(before.categories or ())}"
        yield "+", name, f"categories {quote_some(after.categories or ())}"


def _describe(column: Column) -> list[str]:
    lines = []
    for entry in fields(column):
        value = getattr(column, entry.name)
        if entry.name == "categories":
            lines += [f"category {category!r}" for category in value or ()]
        elif entry.name != "name" and value is not None:
            lines.append(f"{entry.name.replace('_', ' ')} {value}")
    return lines
