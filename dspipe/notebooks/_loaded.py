"""Which packages a run really loads, and which of them it would not miss.

Libraries load whatever accelerators they find, so that loading alone proves no need. What is not
asked for by name is hidden in a second run; a run that comes to the same without it has no need.
"""

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dspipe.notebooks import _loaded_inside
from dspipe.notebooks._problems import refuse

if TYPE_CHECKING:
    import pandas as pd

_MOST_TRACE_LINES = 4
# What would let the process see more than an installed module sees.
_NOT_INHERITED = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP")


@dataclass(frozen=True, slots=True)
class Sample:
    """A recorded run: rows that left `extract`, and the arguments that they were asked with."""

    rows: "pd.DataFrame"
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Trial:
    """What loading and scoring came to.

    Attributes
    ----------
    modules : tuple of str
        All that were loaded, by full name.
    is_live : bool
        Whether the source could be asked too.
    answers : tuple
        Digests of the predictions.
    absent : tuple of str
        Modules that were missed.
    failed : str or None
    """

    modules: tuple[str, ...]
    is_live: bool
    answers: tuple[Any, ...] = ()
    absent: tuple[str, ...] = ()
    failed: str | None = None


def try_module(module: Path, class_name: str, samples: Sequence[Sample] = ()) -> Trial:
    """Load a module in a clean process with its predictor, and score the samples.

    The source is asked as well where it answers; where it does not, the recorded rows suffice.

    Raises
    ------
    NotebookError
        If the module, its model or a stage fails.
    """
    live = _try(module, class_name, samples, is_live=True, hidden=())
    if live.failed is None:
        return live
    frozen = _try(module, class_name, samples, is_live=False, hidden=())
    if frozen.failed is not None:
        raise refuse(
            str(module),
            "E_RUN",
            "What it loads cannot be seen: it does not run in a clean process, with another "
            f"working directory.\n{frozen.failed}\n",
            "Correct that, or add what it loads by hand.",
        )
    # Before its database failed to answer, its driver was loaded.
    return Trial(
        tuple(sorted({*live.modules, *frozen.modules})), is_live=False, answers=frozen.answers
    )


def find_spare(
    module: Path,
    class_name: str,
    samples: Sequence[Sample],
    trial: Trial,
    tops: Mapping[str, Collection[str]],
) -> frozenset[str]:
    """Find which of some distributions the run of a trial does without.

    Parameters
    ----------
    module : Path
    class_name : str
    samples : sequence of Sample
    trial : Trial
        Of the same module and samples.
    tops : mapping of str to collection of str
        Modules at the top of each distribution in question.
    """
    hidden = dict(tops)
    while hidden:
        names = tuple(top for each in hidden.values() for top in each)
        again = _try(module, class_name, samples, is_live=trial.is_live, hidden=names)
        if again.failed is None:
            return frozenset(hidden) if again.answers == trial.answers else frozenset()
        missed = [name for name, each in hidden.items() if set(each) & set(again.absent)]
        if not missed:
            return frozenset()
        for name in missed:
            del hidden[name]
    return frozenset()


def _try(
    module: Path,
    class_name: str,
    samples: Sequence[Sample],
    *,
    is_live: bool,
    hidden: tuple[str, ...],
) -> Trial:
    request = {
        "folder": str(module.resolve().parent),
        "module": module.stem,
        "class": class_name,
        "is_live": is_live,
        "hidden": hidden,
    }
    runs = [(_without_arrow(each.rows), dict(each.arguments)) for each in samples]
    with TemporaryDirectory(prefix="dspipe-loaded-") as folder:
        files = [Path(folder, name) for name in ("request.json", "runs.pickle", "result.json")]
        files[0].write_text(json.dumps(request), encoding="utf-8")
        files[1].write_bytes(pickle.dumps(runs))
        done = subprocess.run(  # noqa: S603 - our own program, on the user's own code
            [sys.executable, "-I", "-B", _loaded_inside.__file__, *files],
            cwd=folder,
            env={name: v for name, v in os.environ.items() if name not in _NOT_INHERITED},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if not files[2].is_file():
            last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
            return Trial((), is_live=is_live, failed=f"  the process ended early: {last[0]}")
        return _read(json.loads(files[2].read_text(encoding="utf-8")), is_live=is_live)


def _without_arrow(rows: "pd.DataFrame") -> "pd.DataFrame":
    """Keep texts in Python's memory: rows must be readable where pyarrow is hidden."""
    import pandas as pd

    def settle(values: Any) -> Any:
        dtype = values.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            ordered = dtype.ordered
            return values.astype(pd.CategoricalDtype(settle(dtype.categories), ordered=ordered))
        if not isinstance(dtype, pd.StringDtype) or dtype.storage == "python":
            return values
        null = {} if dtype.na_value is pd.NA else {"na_value": dtype.na_value}
        return values.astype(pd.StringDtype("python", **null))

    settled = rows.copy(deep=False)
    for place in range(settled.shape[1]):
        settled.isetitem(place, settle(settled.iloc[:, place]))
    settled.columns = settle(settled.columns)
    return settled


def _read(result: Mapping[str, Any], *, is_live: bool) -> Trial:
    lines = result["trace"].strip().splitlines()[-_MOST_TRACE_LINES:]
    return Trial(
        modules=tuple(result["modules"]),
        is_live=is_live,
        answers=tuple(map(tuple, result["answers"])),
        absent=tuple(result["absent"]),
        failed="\n".join(f"  {line}" for line in lines) if result["failed"] else None,
    )
