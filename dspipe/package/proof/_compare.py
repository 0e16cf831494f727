"""Compare what the package answered with what the same run came to here."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dspipe._text import count
from dspipe.errors import PackageError
from dspipe.package.repository._here import NUMERIC
from dspipe.package.repository._sample_run import SampleRun

# Other versions of numeric libraries may differ in the last digits; nothing else may differ.
TOLERANCE = 1e-9


def prove(run: SampleRun, answer: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """Say what is proven, or refuse the package.

    Parameters
    ----------
    run : SampleRun
        With the answer that was made here.
    answer : mapping
        What the package answered to the same rows.
    versions : mapping of str to str
        Distributions in the package.

    Returns
    -------
    str
        A sentence for the report.

    Raises
    ------
    PackageError
        If a prediction or a rejected row differs. Numbers must be the same to the last bit, unless
        a numeric library has another version here: then they may differ by a billionth.
    """
    others = _find_other_versions(run.versions, versions)
    tolerance = TOLERANCE if others else 0.0
    for part in ("predictions", "rejected"):
        mine, theirs = run.answer[part], answer[part]
        if len(mine) != len(theirs) or not _is_same(mine, theirs, tolerance):
            raise PackageError(_explain(part, mine, theirs, others))
    parts = [(run.answer[part], answer[part]) for part in ("predictions", "rejected")]
    is_exact = all(_is_same(mine, theirs, 0.0) for mine, theirs in parts)
    n_rows = sum(len(mine) for mine, _ in parts)
    how = "to the last bit" if is_exact else f"within {TOLERANCE:g} (other versions: {others})"
    return f"The package gives the same answer for {count(n_rows, 'row')} as this machine, {how}."


def _find_other_versions(here: Mapping[str, str], there: Mapping[str, str]) -> str:
    return ", ".join(
        f"{name} {there[name]}, here {here[name]}"
        for name in NUMERIC
        if name in here and name in there and here[name] != there[name]
    )


def _is_same(mine: Any, theirs: Any, tolerance: float) -> bool:
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return mine.keys() == theirs.keys() and all(
            _is_same(value, theirs[name], tolerance) for name, value in mine.items()
        )
    if isinstance(mine, Sequence) and not isinstance(mine, str):
        return len(mine) == len(theirs) and all(
            _is_same(one, other, tolerance) for one, other in zip(mine, theirs, strict=True)
        )
    if tolerance and isinstance(mine, float) and isinstance(theirs, float):
        return math.isclose(mine, theirs, rel_tol=tolerance)
    return type(mine) is type(theirs) and bool(mine == theirs)


def _explain(part: str, mine: Sequence[Any], theirs: Sequence[Any], others: str) -> str:
    if len(mine) != len(theirs):
        told = f"it has {len(theirs)} in '{part}', and {len(mine)} were made here"
    else:
        place = next(i for i, one in enumerate(mine) if not _is_same(one, theirs[i], 0.0))
        told = f"row {place} of '{part}' is {theirs[place]}, and {mine[place]} was made here"
    return (
        f"The package does not give the sample's answer: {told}. "
        + (f"Its versions are others: {others}. " if others else "")
        + "Lock the versions that the model was made with, and remove what depends on time or "
        "chance from the pipeline."
    )
