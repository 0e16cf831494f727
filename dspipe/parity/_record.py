"""Make a golden run of a run that was just made."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dspipe import _runtime
from dspipe._config import load_config
from dspipe._kept import MOST_ROWS, Kept
from dspipe._provenance import find_file
from dspipe._text import quote_some
from dspipe._witness import Witness
from dspipe.errors import ParityError
from dspipe.parity._facts import find_facts
from dspipe.parity._golden import GoldenRun, load_golden, save_golden
from dspipe.parity._perform import collect
from dspipe.parity._recorded import RecordedFolder

if TYPE_CHECKING:
    from dspipe import PredictionPipeline, Run

FOLDER = "golden"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")


def record(
    pipeline: "PredictionPipeline",
    name: str = "sample",
    /,
    *,
    most_rows: int | None = MOST_ROWS,
    tolerance: Mapping[str, float] | None = None,
    folder: str | Path | None = None,
    **arguments: Any,
) -> GoldenRun:
    """Run a pipeline and record the run.

    Parameters
    ----------
    pipeline : PredictionPipeline
    name : str, default="sample"
        Letters, digits, ``-`` and ``_``.
    most_rows : int or None, default=1000
        How many rows to keep; of a larger run those of the keys with the smallest hashes, each key
        with all its rows. None keeps all, for a pipeline whose answer for a row depends on others.
    tolerance : mapping of str to float, optional
        Largest relative difference by column.
    folder : str or Path, optional
        Where golden runs are; see `find_root`.
    **arguments
        The parameters of `extract`.

    Returns
    -------
    GoldenRun
    """
    witness = Witness(pipeline, most_rows=most_rows)
    run = _runtime.run(pipeline, arguments, witness=witness)
    return load_golden(record_run(run, name, tolerance=tolerance, folder=folder))


def record_run(
    run: "Run",
    name: str = "sample",
    *,
    tolerance: Mapping[str, float] | None = None,
    folder: str | Path | None = None,
) -> Path:
    """Record a run that was made; see `Run.record`."""
    if not _NAME.fullmatch(name):
        raise ParityError(
            f"A golden run cannot be named {name!r}. Use letters, digits, '-' and '_'."
        )
    if run.kept is None:
        raise ParityError(
            f"This run of {run.provenance.pipeline} kept no rows, so it cannot be recorded. Only "
            "run() keeps them; score() and a part of a run do not. Call run() and record that."
        )
    golden = _make_golden(run, run.kept, name, dict(tolerance or {}))
    place = Path(folder) if folder is not None else find_root(type(run.kept.pipeline))
    save_golden(golden, place / golden.pipeline / name)
    return RecordedFolder((place / golden.pipeline / name).resolve())


def find_root(pipeline_class: type) -> Path:
    """Give the folder of golden runs: ``golden`` beside the settings that the pipeline uses."""
    file = find_file(pipeline_class)
    return load_config(file.parent if file else None).root / FOLDER


def _make_golden(run: "Run", kept: Kept, name: str, tolerance: dict[str, float]) -> GoldenRun:
    frames = collect(run)
    _check_tolerance(tolerance, frames)
    provenance = {n: None if v is None else str(v) for n, v in run.provenance.to_dict().items()}
    return GoldenRun(
        name=name,
        pipeline=run.provenance.pipeline,
        key=tuple(str(each) for each in run.predictions.index.names),
        arguments=run.arguments,
        query=_describe_query(kept.query),
        n_rows=kept.n_rows,
        threshold=kept.threshold,
        tolerance=tolerance,
        facts=find_facts(kept.pipeline),
        provenance=provenance,
        extracted=frames["extracted"],
        features=frames["features"],
        predictions=frames["predictions"],
        rejected=frames["rejected"],
    )


def _describe_query(query: Any) -> dict[str, Any] | None:
    if query is None:
        return None
    binds = dict(query.statement.binds)
    return {"text": query.statement.text, "binds": binds, "source": query.source}


def _check_tolerance(tolerance: Mapping[str, float], frames: Mapping[str, Any]) -> None:
    known = [*frames["features"].columns, *frames["predictions"].columns]
    unknown = [name for name in tolerance if name not in known]
    if unknown:
        raise ParityError(
            f"A tolerance is given for {quote_some(unknown)}, which is no column of the features "
            f"or the predictions: {quote_some(dict.fromkeys(known), most=20)}."
        )
    wrong = [name for name, value in tolerance.items() if not value >= 0]
    if wrong:
        raise ParityError(f"The tolerance of {quote_some(wrong)} is not a number of at least 0.")
