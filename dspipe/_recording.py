"""The record of a run: what its batches come to, added up."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import chain
from time import perf_counter

import pandas as pd

from dspipe._facts import add_facts
from dspipe._kept import Kept
from dspipe._notices import add_up
from dspipe._provenance import find_commit
from dspipe._records import STAGES, BatchResult, Provenance, Run
from dspipe._rejections import no_rejections
from dspipe._scoring import Stages, no_predictions
from dspipe._version import __version__


class RunRecorder:
    """Adds up the results of batches into the record of a run."""

    def __init__(self, stages: Stages) -> None:
        self._stages = stages
        self._started = perf_counter()
        self._as_of = datetime.now(UTC)
        self._results: list[BatchResult] = []

    def add(self, result: BatchResult) -> None:
        """Take the result of the next batch."""
        self._results.append(result)

    def finish(self, arguments: Mapping[str, object], kept: Kept | None = None) -> Run:
        """Give the record of the run, with the rows that it kept for a golden run."""
        key, results = self._stages.key_columns, self._results
        predictions = join_frames([result.predictions for result in results])
        rejected = join_frames([result.rejected for result in results])
        n_rows, n_lost = sum([result.n_rows for result in results]), _count_lost(rejected)
        return Run(
            predictions=no_predictions(key) if predictions is None else predictions,
            rejected=self._nothing_rejected() if rejected is None else rejected,
            arguments=arguments,
            provenance=self._provenance(),
            rows={
                "extract": n_rows,
                "postprocess": n_rows - n_lost,
                "predict": 0 if predictions is None else len(predictions),
                "rejected": 0 if rejected is None else len(rejected),
            },
            seconds={stage: sum([result.seconds[stage] for result in results]) for stage in STAGES},
            total_seconds=perf_counter() - self._started,
            n_batches=len(results),
            question=_question_of(type(self._stages)),
            warnings=add_up(chain.from_iterable(result.notices for result in results)),
            kept=kept,
        )

    def _nothing_rejected(self) -> pd.DataFrame:
        """Give the empty frame of a batch, since making one is dear for one row."""
        if self._results:
            return self._results[0].rejected
        return no_rejections(self._stages.key_columns)

    def _provenance(self) -> Provenance:
        predictor = self._stages.predictor
        return Provenance(
            pipeline=type(self._stages).__name__,
            commit=find_commit(type(self._stages)),
            model_id=predictor.model_id if predictor else None,
            model_version=predictor.model_version if predictor else None,
            dspipe_version=__version__,
            as_of=self._as_of,
            served=add_facts(result.served for result in self._results if result.served),
        )


def join_frames(parts: list[pd.DataFrame]) -> pd.DataFrame | None:
    """Concatenate the parts that have rows, in order; None when none has."""
    filled = [part for part in parts if len(part)]
    if len(filled) > 1:
        return pd.concat(filled)
    return filled[0] if filled else None


def _count_lost(rejected: pd.DataFrame | None) -> int:
    """Count the rows that did not reach `predict`."""
    return 0 if rejected is None else int((rejected["stage"] != "predict").sum())


def _question_of(pipeline_class: type) -> str:
    """Give the first line of the class's own docstring: what is predicted."""
    return (vars(pipeline_class).get("__doc__") or "").strip().partition("\n")[0]
