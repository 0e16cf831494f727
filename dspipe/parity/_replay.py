"""Replay a golden run at a station and say what differs: the first stage, by column and kind."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from dspipe._text import count
from dspipe.errors import ParityError
from dspipe.parity._causes import explain
from dspipe.parity._cells import to_plain
from dspipe.parity._columns import from_json, read_frame, to_json, write_frame
from dspipe.parity._differences import Difference, find_differences
from dspipe.parity._facts import Facts
from dspipe.parity._golden import GoldenRun
from dspipe.parity._perform import perform
from dspipe.parity._stations import Place, find_package, perform_apart

_STAGES = (("postprocess", "features"), ("predict", "predictions"), ("predict", "rejected"))


@dataclass(frozen=True, slots=True, repr=False)
class Replay:
    """What a replay of a golden run came to.

    Attributes
    ----------
    golden : GoldenRun
    station : str
        "this process", "the module", "the package", "the notebook", or what a function is called.
    differences : tuple of Difference
        Empty when the replay is equal.
    """

    golden: GoldenRun
    station: str
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """Whether the replay came to the recorded run."""
        return not self.differences

    def check(self) -> None:
        """Raise if the replay differs.

        Raises
        ------
        ParityError
            With every difference.
        """
        if self.differences:
            raise ParityError(str(self))

    def __str__(self) -> str:
        who = f"{self.golden.pipeline}, golden run '{self.golden.name}', in {self.station}"
        if self.is_equal:
            return f"{who}: equal for {count(len(self.golden.extracted), 'row')}."
        lines = "\n".join(f"  {difference}" for difference in self.differences)
        return f"{who}: not the recorded run.\n{lines}"

    def __repr__(self) -> str:
        n_differences = len(self.differences)
        state = "equal" if self.is_equal else count(n_differences, "difference")
        return f"<Replay of {self.golden.pipeline}/{self.golden.name} in {self.station}: {state}>"

    def _repr_html_(self) -> str:
        from dspipe.displays import draw_replay  # what draws is for notebooks

        return draw_replay(
            title=f"{self.golden.pipeline} · {self.golden.name}",
            station=self.station,
            n_rows=len(self.golden.extracted),
            differences=[asdict(each) for each in self.differences],
        )


def replay(golden: GoldenRun, pipeline_class: type, *, is_live: bool = False) -> Replay:
    """Replay a golden run in this process.

    Parameters
    ----------
    golden : GoldenRun
    pipeline_class : type
        The class as it is now.
    is_live : bool, default=False
        Ask the source again too, and compare what it says now.

    Returns
    -------
    Replay
    """
    result = perform(pipeline_class, make_request(golden, is_live=is_live))
    return judge(golden, result, "this process")


def replay_module(
    golden: GoldenRun, place: Place, *, is_live: bool = False, python: str | None = None
) -> Replay:
    """Replay a golden run in a clean process that loads the module from another folder.

    Parameters
    ----------
    golden : GoldenRun
    place : Place
        Where the class is: see `find_place`.
    is_live : bool, default=False
        Ask the source again too.
    python : str, optional
        The interpreter; by default this one.

    Raises
    ------
    ParityError
        If the module cannot be loaded there.
    """
    result = perform_apart(place, make_request(golden, is_live=is_live), python=python)
    return judge(golden, result, place.station)


def replay_package(golden: GoldenRun, folder: str | Path, *, python: str | None = None) -> Replay:
    """Replay a golden run in a clean process that has nothing but a built package.

    Parameters
    ----------
    golden : GoldenRun
    folder : str or Path
        The package's folder of files, as `dspipe.package.build` makes it.
    python : str, optional
        An interpreter of the version that the package is for; by default this one.

    Raises
    ------
    ParityError
        If the package cannot be loaded.
    """
    return replay_module(golden, find_package(Path(folder)), python=python)


def make_request(golden: GoldenRun, *, is_live: bool) -> dict[str, Any]:
    """Write down what a station has to do."""
    return {
        "extracted": to_json(write_frame(golden.extracted)),
        "arguments": {name: to_plain(value) for name, value in golden.arguments.items()},
        "is_live": is_live,
        "threshold": golden.threshold,
    }


def judge(golden: GoldenRun, result: Mapping[str, Any], station: str) -> Replay:
    """Compare what a station came to with the golden run."""
    actual = Facts(**result["facts"])
    frozen = _compare_frozen(golden, result["frozen"])
    explained = explain(
        frozen,
        recorded=golden.facts,
        actual=actual,
        is_repeatable=_is_same(result["frozen"], result["again"]),
        is_whole=golden.threshold is None,
        has_predict=result["has_predict"],
    )
    live = _compare_live(golden, result["live"], is_frozen_equal=not frozen)
    return Replay(golden, station, (*live, *explained))


def _compare_frozen(golden: GoldenRun, frames: Mapping[str, Any]) -> list[Difference]:
    """Give the differences of the first stage that has some; what follows follows from it."""
    if "error" in frames:
        return [_describe_error(frames)]
    for stage, name in _STAGES:
        found = _compare(golden, name, frames[name], stage)
        if found:
            return found
    return []


def _compare_live(
    golden: GoldenRun, frames: Mapping[str, Any] | None, *, is_frozen_equal: bool
) -> list[Difference]:
    if frames is None:
        return []
    rows = frames.get("extracted")
    found = [] if rows is None else _compare(golden, "extracted", rows)
    if found:
        return [_blame_source(each) for each in found]
    if "error" in frames:
        return [_describe_error(frames)] if is_frozen_equal or frames["stage"] == "extract" else []
    if not is_frozen_equal:
        return []
    for stage, name in _STAGES:
        late = _compare(golden, name, frames[name], stage)
        if late:
            return [_blame_other_rows(each) for each in late]
    return []


def _compare(
    golden: GoldenRun, name: str, content: Any, stage: str = "extract"
) -> list[Difference]:
    recorded = getattr(golden, name)
    columns = from_json(content)
    if name == "extracted":
        actual = read_frame(columns)
        recorded, actual = (_put_key_aside(frame, golden.key) for frame in (recorded, actual))
    else:
        actual = read_frame(columns, golden.key if columns else ())
    return find_differences(recorded, actual, stage, tolerance=golden.tolerance)


def _put_key_aside(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Name the rows by their key, and keep it as columns whose types are compared too."""
    has_key = all(name in frame.columns for name in key)
    return frame.set_index(list(key), drop=False) if has_key else frame


def _blame_source(difference: Difference) -> Difference:
    said = "The source gives other rows now for the same arguments."
    kind = "source data" if difference.kind in ("values", "rows") else difference.kind
    return replace(difference, kind=kind, cause=said)


def _blame_other_rows(difference: Difference) -> Difference:
    said = (
        "The rows of extract are as recorded, and a replay of them alone is equal: the answer "
        "depends on other rows of the run, or on chance."
    )
    return replace(difference, kind="nondeterminism", cause=said)


def _describe_error(frames: Mapping[str, Any]) -> Difference:
    stage = frames["stage"] or "extract"
    return Difference(stage, "error", None, 0, (), f"It fails: {frames['error']}.")


def _is_same(one: Mapping[str, Any], two: Mapping[str, Any]) -> bool:
    # As text, in which every NaN equals every other.
    return repr(one) == repr(two)
