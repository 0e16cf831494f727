"""A query: a statement, the name of its source, and no connection until somebody asks for rows."""

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._statement import Statement
from dspipe.errors import QueryError

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._config import Config

_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class Query:
    """Describe rows to fetch; nothing runs until they are asked for.

    Parameters
    ----------
    statement : Statement
        The text and its bound values.
    source : str, default="default"
        Name of the source in ``[tool.dspipe.sources]``.
    timeout_seconds : float, optional
        Longest time to wait for the database at a stretch; None takes the source's setting.

    Examples
    --------
    >>> query = sql("select * from flights where day = :day", day="2013-06-01")
    >>> query.on("warehouse").timeout(30)
    Query('select * from flights where day = :day', source='warehouse')
    """

    statement: Statement
    source: str = "default"
    timeout_seconds: float | None = None
    # The file that wrote the query: its folder's settings count, wherever it runs from.
    written_in: str | None = field(default=None, compare=False, repr=False)

    def on(self, source: str) -> "Query":
        """Return the same query on another source.

        >>> sql("select 1").on("warehouse").source
        'warehouse'
        """
        return replace(self, source=source)

    def timeout(self, seconds: float) -> "Query":
        """Return the same query with a statement timeout.

        Raises
        ------
        QueryError
            If `seconds` is not above 0.

        Examples
        --------
        >>> sql("select 1").timeout(30).timeout_seconds
        30
        """
        if not seconds > 0:
            raise QueryError(
                f"A query's timeout was {seconds!r} seconds. Give a number of seconds above 0."
            )
        return replace(self, timeout_seconds=seconds)

    def head(self, n: int = 5) -> "pd.DataFrame":
        """Run the query, return its first `n` rows, and close it.

        Raises
        ------
        SourceError
            If the source cannot be reached or refuses the query.
        """
        frames = self.iter_frames(batch_rows=n)
        try:
            return next(frames)
        finally:
            frames.close()

    def to_frame(self) -> "pd.DataFrame":
        """Run the query and return all its rows.

        Raises
        ------
        SourceError
            If the source cannot be reached or refuses the query.
        """
        frames = self.iter_frames(batch_rows=None)
        try:
            return next(frames)
        finally:
            frames.close()

    def iter_frames(self, *, batch_rows: int | None, config: "Config | None" = None) -> "_Frames":
        """Run the query as a stream of frames.

        Parameters
        ----------
        batch_rows : int or None
            Rows in every frame but the last; None puts all rows into one frame.
        config : Config, optional
            Where sources are looked up. Without it, in the nearest pyproject.toml above the file
            that wrote the query; above the working directory for one written in a notebook.

        Returns
        -------
        generator of DataFrame
            An empty answer gives one frame without rows. Connections are given back when it is
            exhausted or closed. It opens the source when the first frame is asked for.
        """
        if batch_rows is not None and batch_rows < 1:
            raise QueryError(
                f"batch_rows was {batch_rows!r}. Give a number of rows from 1, or None."
            )
        return self._iter_frames(batch_rows, config)

    def _iter_frames(self, batch_rows: int | None, config: "Config | None") -> "_Frames":
        from dspipe._config import load_config
        from dspipe.sources._open import open_source

        source = open_source(self.source, config or load_config(_folder_of(self.written_in)))
        yield from source.iter_frames(
            self.statement, batch_rows=batch_rows, timeout_seconds=self.timeout_seconds
        )

    def __repr__(self) -> str:
        text = " ".join(self.statement.text.split())
        if len(text) > _SHOWN_CHARACTERS:
            text = text[: _SHOWN_CHARACTERS - 1] + "…"
        return f"Query({text!r}, source={self.source!r})"

    def _repr_html_(self) -> str:
        from dspipe._extras import load_workshop

        displays = load_workshop("dspipe.displays", needed_by="The display of a query")
        drawn: str = displays.draw_query(self.statement.text, self.statement.binds, self.source)
        return drawn


if TYPE_CHECKING:
    from collections.abc import Generator

    _Frames = Generator["pd.DataFrame", None, None]


class _Sql:
    """The callable `sql`, with `sql.file` beside it."""

    def __call__(self, text: str, /, **binds: object) -> Query:
        """Make a query from a SQL text.

        Parameters
        ----------
        text : str
            SQL with binds such as ``:day``.
        **binds : object
            One value for each bind; always sent as bound parameters, never pasted into the text.

        Raises
        ------
        QueryError
            If binds are missing or unused.

        Examples
        --------
        >>> sql("select * from flights where carrier in :carriers", carriers=["AA", "UA"])
        Query('select * from flights where carrier in :carriers', source='default')
        """
        return Query(Statement(text, binds), written_in=_find_caller())

    def file(self, path: str | Path, /, **binds: object) -> Query:
        """Make a query from a file of SQL.

        Parameters
        ----------
        path : str or Path
            Relative to the folder of the calling file, else to the working directory.
        **binds : object
            One value for each bind.

        Raises
        ------
        QueryError
            If the file is in neither place, or binds are missing or unused.
        """
        caller = _find_caller()
        folders = [_folder_of(caller) or Path.cwd(), Path.cwd()]
        tried = list(dict.fromkeys(folder / path for folder in folders))
        for place in tried:
            if place.is_file():
                statement = Statement(place.read_text(encoding="utf-8"), binds)
                return Query(statement, written_in=caller)
        places = " and ".join(str(place) for place in tried)
        raise QueryError(
            f"The SQL file '{path}' was not found. Looked for {places}. "
            f"Give a path relative to the calling file or to the working directory."
        )


def _find_caller() -> str | None:
    """Find the file that calls `sql`; None in a notebook or a shell."""
    # The only way to know who calls, two frames up: this function and the method of _Sql.
    file: str | None = sys._getframe(2).f_globals.get("__file__")  # noqa: SLF001
    return file


def _folder_of(file: str | None) -> Path | None:
    return Path(file).resolve().parent if file else None


sql = _Sql()
