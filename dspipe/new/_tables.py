"""Look at a database that answers: its tables, their columns, and the last day that has rows."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from dspipe.errors import DspipeError
from dspipe.sources import sql

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._config import Config

_LOOK_SECONDS = 10
_STANDARD = """
select table_schema as schema_name, table_name as table_name, column_name as column_name,
       data_type as type_name
from information_schema.columns
where table_schema not in
      ('information_schema', 'pg_catalog', 'mysql', 'performance_schema', 'sys')
order by table_schema, table_name, ordinal_position
"""
_SQLITE = """
select '' as schema_name, tables.name as table_name, columns.name as column_name,
       columns.type as type_name
from sqlite_master as tables
join pragma_table_info(tables.name) as columns
where tables.type in ('table', 'view') and tables.name not like 'sqlite_%'
order by tables.name, columns.cid
"""
# Where tables are that nobody has given another place.
_OWN_SCHEMAS = ("", "main", "public")
_WITH_TIMEOUT = ("duckdb", "mariadb", "mysql", "postgres", "postgresql", "sqlite")
_MOMENTS = ("date", "datetime", "smalldatetime", "timestamp")


@dataclass(frozen=True, slots=True)
class Column:
    """A column, with the name of its type."""

    name: str
    type_name: str

    @property
    def is_moment(self) -> bool:
        """Whether it holds days or times."""
        return self.type_name.lower().startswith(_MOMENTS)

    @property
    def is_key(self) -> bool:
        """Whether its name is that of a key."""
        return self.name.lower() == "id" or self.name.lower().endswith("_id")


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a view; the schema is empty where it need not be said."""

    schema: str
    name: str
    columns: tuple[Column, ...]


def look_at_tables(config: "Config", dialect: str) -> tuple[Table, ...]:
    """List the tables that the user of a database may read.

    Raises
    ------
    DspipeError
        If the database does not answer, or not as most do.
    """
    found = _ask(_SQLITE if dialect == "sqlite" else _STANDARD, config, dialect).astype(str)
    return tuple(
        Table(
            "" if schema in _OWN_SCHEMAS or dialect in {"mysql", "mariadb"} else str(schema),
            str(name),
            tuple(map(Column, group["column_name"], group["type_name"])),
        )
        for (schema, name), group in found.groupby(["schema_name", "table_name"], sort=False)
    )


def find_last_day(config: "Config", dialect: str, table: str, column: str) -> date | None:
    """Find the last day that has rows; None where that cannot be found in time."""
    import pandas as pd

    try:
        # Both names are quoted, and come from the database itself.
        found = _ask(f"select max({column}) as last_moment from {table}", config, dialect)  # noqa: S608
        last = pd.to_datetime(found["last_moment"].iloc[0])
    except (DspipeError, ValueError):
        return None
    day: date | None = None if pd.isna(last) else last.date()
    return day


def _ask(text: str, config: "Config", dialect: str) -> "pd.DataFrame":
    query = sql(text).timeout(_LOOK_SECONDS) if dialect in _WITH_TIMEOUT else sql(text)
    frames = query.iter_frames(batch_rows=None, config=config)
    try:
        return next(frames)
    finally:
        frames.close()
