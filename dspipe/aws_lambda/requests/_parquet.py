"""Parquet files to tables, with the types of a database's answer."""

from typing import TYPE_CHECKING, Any

from dspipe._extras import load_extra
from dspipe.aws_lambda._objects import check_size
from dspipe.aws_lambda.requests._tables import Table
from dspipe.errors import RequestError, SourceError

if TYPE_CHECKING:
    import pandas as pd

# An index without a name that pandas wrote; it numbers the lines and says nothing of them.
_UNNAMED_INDEX = "__index_level_"
# The order matters: what is integer could also be boolean, and what is text could be a number.
_KINDS = (
    "integer",
    "boolean",
    "text",
    "float",
    "date",
    "timestamp",
    "timestamptz",
    "time",
    "bytes",
    "object",
)


def read_parquet(content: bytes, name: str) -> Table:
    """Read a Parquet file.

    Raises
    ------
    RequestError
        If it is none, or with status 413 if it is too large unpacked.
    MissingExtraError
        If pyarrow is not in the package.
    """
    parquet = load_extra("pyarrow.parquet", extra="parquet", needed_by="A Parquet file")
    arrow = load_extra("pyarrow", extra="parquet", needed_by="A Parquet file")
    try:
        with parquet.ParquetFile(arrow.BufferReader(content)) as file:
            groups = (file.metadata.row_group(at) for at in range(file.metadata.num_row_groups))
            check_size(sum(group.total_byte_size for group in groups), f"{name}, unpacked,")
            found = file.read()
    except (arrow.ArrowException, OSError) as error:
        raise RequestError(f"{name} is not a Parquet file: {error}. Write it again.") from error
    names = [column for column in found.column_names if not column.startswith(_UNNAMED_INDEX)]
    table = _without_categories(found.select(names), arrow)
    return Table(frozenset(names), lambda: _to_records(table), lambda: _to_frame(table, name))


def _without_categories(table: Any, arrow: Any) -> Any:
    """Write categories out as their values."""
    fields = [
        field.with_type(field.type.value_type) if arrow.types.is_dictionary(field.type) else field
        for field in table.schema
    ]
    return table.cast(arrow.schema(fields))


def _to_records(table: Any) -> list[dict[str, Any]]:
    return [
        {name: value for name, value in record.items() if value is not None}
        for record in table.to_pylist()
    ]


def _to_frame(table: Any, name: str) -> "pd.DataFrame":
    from dspipe.sources._arrow import frame_from_arrow
    from dspipe.sources._kinds import Column

    columns = [Column(field.name, _find_kind(field, name)) for field in table.schema]
    try:
        return frame_from_arrow(columns, table)
    except SourceError as error:
        # The rest of the sentence says what to do in SQL.
        reason = str(error).partition(". ")[0]
        raise RequestError(
            f"{name} cannot become rows: {reason}. Write another value in its place, or null.",
            status=422,
        ) from error


def _find_kind(field: Any, name: str) -> str:
    from dspipe.sources._arrow import is_faithful

    for kind in _KINDS:
        if is_faithful(kind, field.type):
            return kind
    raise RequestError(
        f"Column '{field.name}' of {name} is of the type {field.type}, which rows do not have. "
        "Write it as a number, a text, a date or a time.",
        status=422,
    )
