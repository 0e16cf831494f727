"""Single values as JSON and back, the same type and the same null as before."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd

_PLAIN = (type(None), bool, int, float, str)


class _Kind(NamedTuple):
    """How a type is written and read."""

    type: type
    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def to_plain(value: object) -> Any:
    """Give what JSON holds for a value.

    Raises
    ------
    TypeError
        If the value is of a type that could not be read again.

    Examples
    --------
    >>> to_plain("UA"), to_plain(date(2013, 6, 1))
    ('UA', {'date': '2013-06-01'})
    """
    if type(value) in _PLAIN:
        return value
    if isinstance(value, np.generic):
        return {"numpy": [value.dtype.str, to_plain(value.item())]}
    for name, kind in _KINDS.items():
        if type(value) is kind.type:
            return {name: kind.write(value)}
    raise TypeError(f"values of the type {type(value).__name__}")


def from_plain(plain: Any) -> Any:
    """Give the value that `to_plain` wrote.

    >>> from_plain(to_plain([Decimal("1.10"), None]))
    [Decimal('1.10'), None]
    """
    if not isinstance(plain, dict):
        return plain
    ((name, content),) = plain.items()
    if name == "numpy":
        return np.dtype(content[0]).type(from_plain(content[1]))
    return _KINDS[name].read(content)


def _write_all(values: Any) -> list[Any]:
    return [to_plain(value) for value in values]


def _read_all(plain: list[Any]) -> list[Any]:
    return [from_plain(each) for each in plain]


def _write_moment(moment: pd.Timestamp) -> list[Any]:
    return [moment.asm8.view("i8").item(), moment.unit, str(moment.tz) if moment.tz else None]


def _read_moment(content: list[Any]) -> pd.Timestamp:
    value, unit, zone = content
    naive = pd.Timestamp(np.datetime64(value, unit))
    return naive.tz_localize("UTC").tz_convert(zone) if zone else naive


def _read_array(content: list[Any]) -> "np.ndarray[Any, Any]":
    dtype, values = content
    return np.array(_read_all(values), dtype=dtype)


_KINDS = {
    "NA": _Kind(type(pd.NA), lambda _: 0, lambda _: pd.NA),
    "NaT": _Kind(type(pd.NaT), lambda _: 0, lambda _: pd.NaT),
    "date": _Kind(date, date.isoformat, date.fromisoformat),
    "datetime": _Kind(datetime, datetime.isoformat, datetime.fromisoformat),
    "time": _Kind(time, time.isoformat, time.fromisoformat),
    "timedelta": _Kind(
        timedelta, lambda d: [d.days, d.seconds, d.microseconds], lambda parts: timedelta(*parts)
    ),
    "moment": _Kind(pd.Timestamp, _write_moment, _read_moment),
    "duration": _Kind(
        pd.Timedelta,
        lambda d: [d.asm8.view("i8").item(), d.unit],
        lambda parts: pd.Timedelta(np.timedelta64(*parts)),
    ),
    "decimal": _Kind(Decimal, str, Decimal),
    "uuid": _Kind(UUID, str, UUID),
    "bytes": _Kind(bytes, bytes.hex, bytes.fromhex),
    "list": _Kind(list, _write_all, _read_all),
    "tuple": _Kind(tuple, _write_all, lambda plain: tuple(_read_all(plain))),
    "set": _Kind(set, lambda s: sorted(_write_all(s), key=repr), lambda p: set(_read_all(p))),
    "dict": _Kind(
        dict,
        lambda d: [[to_plain(key), to_plain(value)] for key, value in d.items()],
        lambda pairs: {from_plain(key): from_plain(value) for key, value in pairs},
    ),
    "array": _Kind(np.ndarray, lambda a: [a.dtype.str, _write_all(a.tolist())], _read_array),
}
