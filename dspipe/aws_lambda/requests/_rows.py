"""Rows of a request become the frame that `extract` would have returned.

Types come from the contract of extracted rows that lies in the package, else from that of the
model, else from the values as JSON gives them. A column that is told by its values is integer,
number, boolean or text when all of its values are; anything else stays as objects.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from dspipe._contract_columns import Column
from dspipe._contract_values import Array
from dspipe._frames import Block, make_frame
from dspipe._text import describe, quote_some, suggest
from dspipe.aws_lambda.requests._columns import find_dtype, make_alike, make_objects, read_column
from dspipe.errors import RequestError


class RowReader:
    """Makes frames of rows, with the types that are known before them.

    Parameters
    ----------
    types : sequence of Column, default=()
        What is known of the columns.
    is_complete : bool, default=False
        Whether these are all columns there are: others are refused, and each must be there.
    key : sequence of str, default=()
        Names of the columns that tell one row from another.
    index : str, optional
        Name of a column to put into the index: that is where features have their key.

    Examples
    --------
    >>> RowReader().read([{"flight": "007", "hour": 9}, {"flight": "A", "hour": None}])
      flight  hour
    0    007     9
    1      A  <NA>
    """

    def __init__(
        self,
        types: Sequence[Column] = (),
        *,
        is_complete: bool = False,
        key: Sequence[str] = (),
        index: str | None = None,
    ) -> None:
        self._types = {column.name: column for column in types}
        self._is_complete = is_complete
        self._key = key
        self._index = index
        self._names: dict[tuple[str, ...], pd.Index[Any]] = {}

    def read(self, rows: object) -> pd.DataFrame:
        """Make the frame of rows.

        Parameters
        ----------
        rows : list of dict, dict of lists, or DataFrame
            One object a row, or one list a column; a frame is given back as it is.

        Raises
        ------
        RequestError
            With status 400 when rows are no objects or columns differ in length; 422 when columns
            are not those that are known, or a value does not fit its type.
        """
        if isinstance(rows, pd.DataFrame):
            return rows
        if isinstance(rows, Mapping):
            columns, n_rows = _check_columns(rows)
        elif isinstance(rows, list):
            columns, n_rows = _turn(rows) if rows else self._name_nothing(), len(rows)
        else:
            raise RequestError(f"The rows are {describe(rows)}. Give one object a row.")
        if self._is_complete:
            columns = self._in_order(columns)
        return self._build(columns, n_rows)

    def _name_nothing(self) -> Mapping[str, Sequence[Any]]:
        """Name the columns of no rows, where they are known."""
        if not self._types:
            raise RequestError(
                "The request has no rows, and it is not known which columns they would have. Give "
                "at least one row, or every column with an empty list: "
                '{"columns": {"name": []}}.',
                status=422,
            )
        return dict.fromkeys([*self._key, *self._types], ())

    def _in_order(self, columns: Mapping[str, Sequence[Any]]) -> Mapping[str, Sequence[Any]]:
        """Put columns into the order that is known, and refuse others."""
        if columns.keys() != self._types.keys():
            _refuse_names(columns, self._types)
        return {name: columns[name] for name in self._types}

    def _build(self, columns: Mapping[str, Sequence[Any]], n_rows: int) -> pd.DataFrame:
        index: pd.Index[Any]
        if self._index is not None and self._index in columns:
            columns = dict(columns)
            index = self._read_index(self._index, columns.pop(self._index))
        else:
            index = pd.RangeIndex(n_rows)
        blocks = self._read_blocks(columns)
        return make_frame(blocks, index=index, columns=self._label(tuple(columns)))

    def _read_index(self, name: str, values: Sequence[Any]) -> "pd.Index[Any]":
        column, kinds = self._types.get(name), frozenset(map(type, values))
        dtype = find_dtype(column, values, kinds)
        if dtype is not None:
            (values,) = _make_arrays(dtype, [values])
        else:
            values = read_column(column, values, kinds)
        index: pd.Index[Any] = pd.Index(values, name=name)
        return index

    def _read_blocks(self, columns: Mapping[str, Sequence[Any]]) -> list[Block]:
        """Read columns, those of one dtype together: it costs little more than reading one."""
        alike: dict[str, dict[int, Sequence[Any]]] = {}
        blocks: list[Block] = []
        for place, (name, values) in enumerate(columns.items()):
            column, kinds = self._types.get(name), frozenset(map(type, values))
            dtype = find_dtype(column, values, kinds)
            if dtype is None:
                blocks.append(_make_block(read_column(column, values, kinds), place))
            else:
                alike.setdefault(dtype, {})[place] = values
        for dtype, parts in alike.items():
            blocks += _make_blocks(dtype, parts)
        return blocks

    def _label(self, names: tuple[str, ...]) -> "pd.Index[Any]":
        if names not in self._names:
            # Clients send what they like; a warm function must not remember all of it.
            self._names = {names: pd.Index(names, tupleize_cols=False)}
        return self._names[names].view()


def _make_block(array: Array, place: int) -> Block:
    if type(array) is pd.arrays.NumpyExtensionArray:  # text without pyarrow is a subclass of it
        array = array.to_numpy()
    is_numpy = isinstance(array, np.ndarray)
    return (array.reshape(1, -1) if is_numpy else array), np.array([place])


def _make_blocks(dtype: str, parts: Mapping[int, Sequence[Any]]) -> list[Block]:
    arrays = _make_arrays(dtype, [*parts.values()])
    if isinstance(arrays, np.ndarray):
        return [(arrays, np.array([*parts]))]
    return [_make_block(array, place) for array, place in zip(arrays, parts, strict=True)]


def _make_arrays(dtype: str, columns: Sequence[Sequence[Any]]) -> Sequence[Array] | np.ndarray:
    try:
        return make_alike(dtype, columns)
    except (OverflowError, UnicodeError):  # an integer beyond 64 bits, half of a surrogate pair
        return [make_objects(values) for values in columns]


def _check_columns(rows: Mapping[str, Any]) -> tuple[Mapping[str, Sequence[Any]], int]:
    lengths = {}
    for name, values in rows.items():
        if not isinstance(values, list):
            raise RequestError(
                f"The column '{name}' holds {describe(values)}. Give it a list with one value a "
                "row."
            )
        lengths[name] = len(values)
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"'{name}' {length}" for name, length in list(lengths.items())[:5])
        raise RequestError(
            f"The columns have different numbers of values: {told}. Give every column one value a "
            "row."
        )
    return rows, next(iter(lengths.values()), 0)


def _turn(rows: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    """Turn rows into columns; what a row does not have is null there."""
    names = tuple(rows[0]) if isinstance(rows[0], dict) else ()
    try:
        if names and set(map(len, rows)) == {len(names)}:
            return {name: list(map(itemgetter(name), rows)) for name in names}
    except (KeyError, TypeError):
        pass  # not all alike; the longer way says what is wrong
    return _turn_uneven(rows)


def _turn_uneven(rows: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise RequestError(
                f"Row {number} is {describe(row)}. Give every row as an object with one name a "
                "column."
            )
    names = dict.fromkeys(chain.from_iterable(rows))
    return {name: [row.get(name) for row in rows] for name in names}


def _refuse_names(columns: Mapping[str, object], known: Mapping[str, object]) -> None:
    extra = [name for name in columns if name not in known]
    missing = [name for name in known if name not in columns]
    told = []
    if extra:
        told.append(f"have the column {quote_some(extra)}, which is not known")
    if missing:
        told.append(f"do not have the column {quote_some(missing)}")
    hint = suggest(extra[0], known) if extra else ""
    raise RequestError(
        f"The rows {' and '.join(told)}. Give the columns that extract returns: "
        f"{quote_some(known, most=30)}.{hint}",
        status=422,
    )
