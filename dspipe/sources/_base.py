"""What every source promises."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._statement import Statement


class Source(ABC):
    """A place that answers queries with a stream of frames.

    Guarantees: rows come in the order of the database; columns and dtypes come from the declared
    SQL types, so every frame of a stream has the same, whatever its size; memory stays bounded by
    the batch, not by the answer. A source may be used by several threads; one stream belongs to one
    thread.
    """

    @abstractmethod
    def iter_frames(
        self,
        statement: "Statement",
        *,
        batch_rows: int | None,
        timeout_seconds: float | None = None,
    ) -> Iterator["pd.DataFrame"]:
        """Run a statement and stream its rows.

        Parameters
        ----------
        statement : Statement
            What to run.
        batch_rows : int or None
            Rows in every frame but the last; None puts all rows into one frame.
        timeout_seconds : float, optional
            Longest time to wait for the database at a stretch, in seconds. None takes the source's
            setting.

        Yields
        ------
        DataFrame of shape (0 to batch_rows, n_columns)
            With a RangeIndex from 0. An empty answer yields one frame without rows.

        Raises
        ------
        SourceError
            If the source cannot be reached, refuses the statement, or answers with what has no
            faithful form.
        SourceTimeoutError
            If the database takes longer than the timeout.
        """

    def close(self) -> None:  # noqa: B027  not abstract: a source that holds no connection needs nothing
        """Give back all connections."""
