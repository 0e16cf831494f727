"""What a contract let pass and said: one notice a column and rule, added up over batches."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from dspipe._text import count, quote_some

_MOST_KEPT = 1_000


class Word(str):
    """A value as it stands in a sentence; its repr adds no quotes."""

    __slots__ = ()
    __repr__ = str.__str__


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that a contract let pass.

    Attributes
    ----------
    column : str
        Where it was seen.
    problem : str
        What is wrong with the column as a whole; empty when it is about values.
    values : tuple of Word
        The different values, the first thousand of them.
    n_rows : int
        In how many rows.
    expected : str
        What the contract has.
    """

    column: str
    problem: str = ""
    values: tuple[Word, ...] = ()
    n_rows: int = 0
    expected: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"{self.problem[:1].upper()}{self.problem[1:]}."
        rows = count(self.n_rows, "row")
        return f"Column '{self.column}' is {quote_some(self.values)} in {rows}; {self.expected}."

    def plus(self, other: "Notice") -> "Notice":
        """Add what another batch said of the same column and rule."""
        values = tuple(dict.fromkeys((*self.values, *other.values)))[:_MOST_KEPT]
        return replace(self, values=values, n_rows=self.n_rows + other.n_rows)


def add_up(notices: Iterable[Notice]) -> tuple[str, ...]:
    """Write the notices of all batches as sentences, one a column and rule."""
    totals: dict[tuple[str, str, str], Notice] = {}
    for notice in notices:
        about = notice.column, notice.problem, notice.expected
        totals[about] = totals[about].plus(notice) if about in totals else notice
    return tuple(map(str, totals.values()))
