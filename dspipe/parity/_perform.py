"""Replay a golden run in whichever process this is: plain JSON in, plain JSON out.

A package for Lambda holds no workshop; there this file and those it imports are read from outside,
beside the package's own dspipe. So it may import what ships, and its own room, and nothing else.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dspipe import _runtime
from dspipe._keys import hash_keys, take_keys
from dspipe._witness import Witness
from dspipe.parity._cells import from_plain
from dspipe.parity._columns import from_json, read_frame, to_json, write_frame
from dspipe.parity._facts import find_facts

if TYPE_CHECKING:
    from dspipe._kept import Kept
    from dspipe._records import Run


def perform(pipeline_class: type, request: Mapping[str, Any]) -> dict[str, Any]:
    """Run a pipeline on the frozen rows twice, and on live ones where that is asked.

    Parameters
    ----------
    pipeline_class : type
        The class as it is here.
    request : mapping
        ``extracted`` (a frame), ``arguments``, ``is_live`` and ``threshold``.

    Returns
    -------
    dict
        ``frozen``, ``again`` and ``live``: each a dict of frames, or an ``error`` with its
        ``stage``; ``live`` is None unless asked for. ``facts``, and ``has_predict``.
    """
    # A bad row is then listed with its reason, and compared like any answer.
    pipeline = pipeline_class(on_bad_row="reject")
    arguments = {name: from_plain(value) for name, value in request["arguments"].items()}
    columns = from_json(request["extracted"])

    def replay_frozen() -> "Run":
        # Read anew each time: the user's code may have changed the first one.
        rows, witness = read_frame(columns), Witness(pipeline, most_rows=None)
        return _runtime.score(pipeline, rows, arguments, witness=witness)

    frozen, again = _catch(replay_frozen), _catch(replay_frozen)
    live = _replay_live(pipeline, arguments, request) if request["is_live"] else None
    facts = asdict(find_facts(pipeline))
    return {
        "frozen": frozen,
        "again": again,
        "live": live,
        "facts": facts,
        "has_predict": pipeline.has_predict,
    }


def _replay_live(
    pipeline: Any, arguments: Mapping[str, object], request: Mapping[str, Any]
) -> dict[str, Any]:
    """Run with the rows of today; where a later stage fails for them, they are still told."""

    def make_witness() -> Witness:
        return Witness(pipeline, most_rows=None, threshold=request["threshold"])

    live = _catch(lambda: _runtime.run(pipeline, arguments, witness=make_witness()))
    if "error" in live and live["stage"] in ("postprocess", "predict"):
        kept = _runtime.extract(pipeline, arguments, make_witness())
        live["extracted"] = _write(_join(kept.extracted).reset_index(drop=True))
    return live


def collect(run: "Run") -> dict[str, pd.DataFrame]:
    """Give the frames of a run that kept rows, those of the kept keys alone.

    Returns
    -------
    dict of str to DataFrame
        ``extracted``, ``features``, ``predictions`` and ``rejected``.
    """
    kept = run.kept
    key = list(run.predictions.index.names)
    if kept is None or not kept.extracted:
        # An iterator that gave no frame at all, whose columns nobody knows.
        empty = pd.DataFrame(columns=key)
        parts = {"extracted": empty, "features": empty.set_index(key)}
    else:
        parts = _cut(kept, key)
    answers = {"predictions": run.predictions, "rejected": run.rejected}
    if kept is not None and kept.threshold is not None:
        keys = _keys_of(parts["extracted"], key)
        answers = {name: frame[frame.index.isin(keys)] for name, frame in answers.items()}
    return {**parts, **answers}


def _cut(kept: "Kept", key: list[Any]) -> dict[str, pd.DataFrame]:
    """Join what was kept, and cut it to the keys that count: once, for all of its pieces."""
    extracted, features = _join(kept.extracted), _join(kept.features)
    if kept.threshold is not None:
        extracted = extracted[_mask([take_keys(p, key) for p in kept.extracted], kept.threshold)]
        features = features[_mask([part.index for part in kept.features], kept.threshold)]
    return {"extracted": extracted.reset_index(drop=True), "features": features}


def _mask(pieces: list[pd.Index], threshold: int) -> "np.ndarray[Any, Any]":
    # Piece by piece as the witness did: joining may change the dtype of keys, and so their hashes.
    return np.concatenate([hash_keys(keys) <= threshold for keys in pieces])


def _join(parts: tuple[pd.DataFrame, ...]) -> pd.DataFrame:
    filled = [part for part in parts if len(part)] or [parts[0]]
    return pd.concat(filled) if len(filled) > 1 else filled[0]


def _keys_of(extracted: pd.DataFrame, names: list[Any]) -> pd.Index:
    return extracted.set_index(names).index


def _catch(replay: Callable[[], "Run"]) -> dict[str, Any]:
    """Replay, and write down what failed instead of failing."""
    try:
        frames = collect(replay())
    except Exception as error:  # noqa: BLE001 - whatever the pipeline raises is a finding
        said = str(error).partition("\n")[0]
        stage = getattr(error, "stage", None) or _stage_in(getattr(error, "__notes__", []))
        return {"error": f"{type(error).__name__}: {said}", "stage": stage}
    try:
        return {name: _write(frame) for name, frame in frames.items()}
    except TypeError as error:  # recorded frames could be written, so a stage gives others now
        return {"error": f"the column {error}", "stage": "postprocess"}


def _write(frame: pd.DataFrame) -> Any:
    """Write a frame, once through text: so it is the same in every process."""
    return json.loads(json.dumps(to_json(write_frame(frame))))


def _stage_in(notes: list[str]) -> str | None:
    """Read the stage from the note that dspipe puts on the user's own exceptions."""
    stages = ("extract", "postprocess", "predict")
    return next((s for s in stages for note in notes if f".{s}" in note), None)
