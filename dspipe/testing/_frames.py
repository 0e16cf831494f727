"""Draw feature frames from a contract: valid ones, and ones with a single thing wrong."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from dspipe._contract import Column, Contract
from dspipe._contract_values import can_hold_null
from dspipe._extras import missing_extra
from dspipe.errors import ConfigurationError

try:
    from hypothesis import strategies as st
except ImportError as error:
    needed_by = "dspipe.testing.frames"
    raise missing_extra("hypothesis", extra="testing", needed_by=needed_by, cause=error) from error

Draw = Any  # hypothesis calls it with a strategy and a label, which no Callable type says
Spoil = Callable[[Draw, pd.DataFrame, Column], pd.DataFrame]

_EPOCH_RANGE = (pd.Timestamp("1990-01-01"), pd.Timestamp("2030-01-01"))
_MOST_SECONDS = 365 * 86_400
_UNSEEN = "not seen in training"


def frames(
    contract: Contract, *, valid: bool | None = None, min_rows: int = 0, max_rows: int = 20
) -> st.SearchStrategy[pd.DataFrame]:
    """Draw feature frames for a contract.

    Parameters
    ----------
    contract : Contract
        What valid features look like.
    valid : bool, optional
        True draws frames that `Contract.apply` takes without a bad row or a warning. False draws
        valid frames with one thing wrong: a null, an unseen category, a value out of range, a
        column of another type, a missing or an extra column. None draws both.
    min_rows, max_rows : int
        How many rows; an invalid frame has at least one.

    Returns
    -------
    hypothesis strategy of DataFrame
        With a RangeIndex.

    Raises
    ------
    ConfigurationError
        If `min_rows` and `max_rows` leave no number of rows.

    Examples
    --------
    >>> import pandas as pd
    >>> contract = Contract.infer(pd.DataFrame({"hour": [0, 23]}))
    >>> frames(contract, valid=True, min_rows=3, max_rows=3).example().shape  # doctest: +SKIP
    (3, 1)
    """
    if not 0 <= min_rows <= max_rows:
        raise ConfigurationError(
            f"frames cannot draw between {min_rows} and {max_rows} rows. min_rows must be at least "
            "0 and at most max_rows."
        )
    right = _valid_frames(contract, min_rows, max_rows)
    spoilt = _spoilt_frames(contract, min_rows, max_rows)
    if valid is None:
        return st.one_of(right, spoilt)
    return right if valid else spoilt


@st.composite
def _valid_frames(draw: Draw, contract: Contract, min_rows: int, max_rows: int) -> pd.DataFrame:
    n_rows = draw(st.integers(min_rows, max_rows))
    columns = {column.name: draw(_columns(column, n_rows)) for column in contract.columns}
    return pd.DataFrame(columns, index=pd.RangeIndex(n_rows), columns=list(contract.names))


@st.composite
def _spoilt_frames(draw: Draw, contract: Contract, min_rows: int, max_rows: int) -> pd.DataFrame:
    frame: pd.DataFrame = draw(_valid_frames(contract, max(min_rows, 1), max(max_rows, 1)))
    faults = [(spoil, column) for column in contract.columns for spoil in _faults_of(column)]
    if not faults or draw(st.integers(0, len(faults))) == 0:
        return frame.assign(**{_new_name(contract): 0})
    spoil, column = draw(st.sampled_from(faults))
    spoilt: pd.DataFrame = spoil(draw, frame, column)
    return spoilt


@st.composite
def _columns(draw: Draw, column: Column, n_rows: int) -> "pd.Series[Any]":
    values = _values(column)
    if column.nullable and can_hold_null(column.pandas_dtype):
        values = st.one_of(values, st.none())
    drawn = draw(st.lists(values, min_size=n_rows, max_size=n_rows))
    made: pd.Series[Any] = pd.Series(drawn, dtype=column.pandas_dtype, index=range(n_rows))
    return made


def _values(column: Column) -> st.SearchStrategy[Any]:
    if column.categories is not None:
        return st.sampled_from(column.categories) if column.categories else st.none()
    return _BY_KIND[column.kind](column)


def _integers(column: Column) -> st.SearchStrategy[int]:
    limits = np.iinfo(_numpy_dtype(column))
    low: Any = limits.min if column.minimum is None else column.minimum
    high: Any = limits.max if column.maximum is None else column.maximum
    return st.integers(low, high)


def _numbers(column: Column) -> st.SearchStrategy[float]:
    width: Any = _numpy_dtype(column).itemsize * 8
    bounds: Any = {"min_value": column.minimum, "max_value": column.maximum}
    return st.floats(**bounds, width=width, allow_nan=False, allow_infinity=False)


def _moments(column: Column) -> st.SearchStrategy[pd.Timestamp]:
    dtype = column.pandas_dtype
    unit: Any = dtype.unit if column.time_zone else np.datetime_data(dtype)[0]
    zone = "UTC" if column.time_zone else None
    bounds: Any = column.minimum, column.maximum
    low, high = (
        end if end is not None else default.tz_localize(zone)
        for end, default in zip(bounds, _EPOCH_RANGE, strict=True)
    )
    ends = (int(end.as_unit(unit).asm8.view("i8")) for end in (low, high))
    return st.integers(*ends).map(lambda n: pd.Timestamp(n, unit=unit, tz=zone).as_unit(unit))


def _durations(column: Column) -> st.SearchStrategy[pd.Timedelta]:
    del column  # a contract knows no bounds of durations
    seconds = st.integers(-_MOST_SECONDS, _MOST_SECONDS)
    return seconds.map(lambda n: pd.Timedelta(n, unit="s"))


_BY_KIND: dict[str, Callable[[Column], st.SearchStrategy[Any]]] = {
    "integer": _integers,
    "number": _numbers,
    "boolean": lambda _: st.booleans(),
    "text": lambda _: st.text(max_size=20),
    "date": lambda _: st.dates(),
    "datetime": _moments,
    "duration": _durations,
    "object": lambda _: st.one_of(st.integers(), st.text(max_size=5)),
}


def _numpy_dtype(column: Column) -> "np.dtype[Any]":
    dtype: Any = column.pandas_dtype
    found: np.dtype[Any] = np.dtype(getattr(dtype, "numpy_dtype", dtype))
    return found


def _faults_of(column: Column) -> list[Spoil]:
    faults: list[Spoil] = [_drop]
    if not column.nullable:
        faults.append(_put_null)
    if column.value_kind in ("integer", "number", "boolean", "datetime", "duration"):
        faults.append(_put_text)
    if column.categories and column.value_kind == "text":
        faults.append(_put_unseen)
    if column.kind in ("integer", "number", "datetime") and column.maximum is not None:
        faults.append(_put_out_of_range)
    return faults


def _drop(draw: Draw, frame: pd.DataFrame, column: Column) -> pd.DataFrame:
    del draw
    return frame.drop(columns=column.name)


def _put_null(draw: Draw, frame: pd.DataFrame, column: Column) -> pd.DataFrame:
    return _put(draw, frame, column, None)


def _put_unseen(draw: Draw, frame: pd.DataFrame, column: Column) -> pd.DataFrame:
    return _put(draw, frame, column, _UNSEEN)


def _put_text(draw: Draw, frame: pd.DataFrame, column: Column) -> pd.DataFrame:
    return _put(draw, frame, column, "007")


def _put_out_of_range(draw: Draw, frame: pd.DataFrame, column: Column) -> pd.DataFrame:
    top: Any = column.maximum
    if column.kind == "number":
        return _put(draw, frame, column, np.nextafter(_numpy_dtype(column).type(top), np.inf))
    step = pd.Timedelta(days=1) if column.kind == "datetime" else 1
    return _put(draw, frame, column, top + step)


def _put(draw: Draw, frame: pd.DataFrame, column: Column, value: object) -> pd.DataFrame:
    values = frame[column.name].astype(object).tolist()
    values[draw(st.integers(0, len(values) - 1))] = value
    return frame.assign(**{column.name: pd.Series(values, dtype=object, index=frame.index)})


def _new_name(contract: Contract) -> str:
    name = "extra"
    while name in contract.names:
        name += "_"
    return name
