"""A function as a station: it is sent the recorded rows, and its answer is compared.

It tells predictions alone. So where they differ, a clean process that has nothing but the package
is asked for the stage and the kind.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dspipe._contract import Contract
from dspipe.aws_lambda._settings import load_settings
from dspipe.aws_lambda.requests._rows import RowReader
from dspipe.errors import DspipeError, RequestError
from dspipe.parity._answers import find_in_answer, find_sent, make_event, shorten
from dspipe.parity._differences import Difference
from dspipe.parity._golden import GoldenRun
from dspipe.parity._replay import Replay

if TYPE_CHECKING:
    import pandas as pd

# What Lambda takes in one call, with room for what is around it.
MOST_EVENT_BYTES = 6_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What a function said.

    Attributes
    ----------
    payload : object
        Read as JSON.
    failure : str or None
        Why it failed; None when it did not.
    """

    payload: object
    failure: str | None = None


Ask = Callable[[Mapping[str, Any]], Answer]


def find_obstacle(golden: GoldenRun, package: Path | None = None) -> str | None:
    """Say why a function cannot be asked for a golden run; None when it can.

    Parameters
    ----------
    golden : GoldenRun
    package : Path, optional
        The folder of the package's files, which says what the function takes.
    """
    if not len(golden.predictions):
        return "it recorded no prediction"
    size = len(json.dumps(make_event(golden)).encode())
    if size > MOST_EVENT_BYTES:
        return (
            f"its rows are {size / 1e6:.1f} MB as JSON, and Lambda takes "
            f"{MOST_EVENT_BYTES / 1e6:.0f} MB in one call"
        )
    return None if package is None else _find_obstacle_in(golden, package)


def _find_obstacle_in(golden: GoldenRun, package: Path) -> str | None:
    settings = load_settings(package)
    if not settings.accept_rows:
        return "the function takes no rows; accept_rows = true lets it"
    types = Contract.load(package / settings.rows).columns if settings.rows else ()
    try:
        reader = RowReader(types, is_complete=bool(types), key=golden.key)
        read = reader.read(json.loads(json.dumps(make_event(golden)["columns"])))
    except RequestError:
        return None  # the function shall say so itself
    sent = find_sent(golden)
    lost = [name for name in sent.columns if name in read and not _is_same(sent[name], read[name])]
    return f"JSON does not carry its column '{lost[0]}' as it was" if lost else None


def _is_same(sent: "pd.Series[Any]", read: "pd.Series[Any]") -> bool:
    """Say whether values are equal; a type that is another one shall show in the answer."""
    is_null = sent.isna().to_numpy() & read.isna().to_numpy()
    pairs = zip(is_null, sent.tolist(), read.tolist(), strict=True)
    return all(null or bool(np.all(one == two)) for null, one, two in pairs)


def replay_function(
    golden: GoldenRun,
    ask: Ask,
    station: str,
    *,
    replay_here: Callable[[], Replay] | None = None,
) -> Replay:
    """Replay a golden run in a function.

    Parameters
    ----------
    golden : GoldenRun
    ask : callable
        Sends an event.
    station : str
        What the function is called in messages.
    replay_here : callable, optional
        Replays in a clean process that has nothing but the same package; asked for the stage and
        the kind where the function differs.

    Returns
    -------
    Replay
    """
    event = make_event(golden)
    found = _ask(golden, ask, event)
    if not found:
        return Replay(golden, station, ())
    again = _ask(golden, ask, event)
    if [str(each) for each in again] != [str(each) for each in found]:
        return Replay(golden, station, tuple(_blame(found, "nondeterminism", _CHANCE)))
    return Replay(golden, station, tuple(_explain(found, replay_here)))


def _ask(golden: GoldenRun, ask: Ask, event: Mapping[str, Any]) -> list[Difference]:
    answer = ask(event)
    if answer.failure is not None:
        said = f"It fails: {shorten(answer.failure)}."
        return [Difference("predict", "error", None, 0, (), said)]
    return find_in_answer(golden, answer.payload)


def _explain(found: list[Difference], replay_here: Callable[[], Replay] | None) -> list[Difference]:
    if replay_here is None:
        return found
    try:
        here = replay_here()
    except DspipeError:  # the package cannot run on this machine, and what differs is known anyway
        return found
    return list(here.differences) or _blame(found, "environment", _AROUND)


def _blame(found: list[Difference], kind: str, cause: str) -> list[Difference]:
    """Give differences a kind where theirs says only that values differ."""
    return [
        replace(each, kind=kind if each.kind in ("values", "rows") else each.kind, cause=cause)
        for each in found
    ]


_CHANCE = "Two answers to the same rows differ from each other: remove chance and the clock."
_AROUND = (
    "The same package comes to the golden run in a clean process here: look at what is around the "
    "function, such as its variables, its secrets and its network."
)
