"""One run, end to end: arguments, extract, batches through the stages, the record of all."""

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from time import perf_counter

import pandas as pd

from dspipe._alignment import check_frame
from dspipe._arguments import check_arguments
from dspipe._batching import Batch, cut_frame, cut_frames, number_batches, read_ahead, timed
from dspipe._config import load_config
from dspipe._notices import add_up
from dspipe._provenance import find_commit, find_file
from dspipe._records import STAGES, BatchResult, Preview, Provenance, Run
from dspipe._rejections import no_rejections
from dspipe._scoring import BatchScorer, Stages, explained, no_predictions
from dspipe._signature import read_parameters, select_arguments
from dspipe._text import describe
from dspipe._version import __version__
from dspipe.errors import ConfigurationError, ModelFolderError, StageOutputError
from dspipe.sources import Query


def run(
    stages: Stages,
    given: Mapping[str, object],
    *,
    on_batch: Callable[[BatchResult], object] | None = None,
) -> Run:
    """Run a pipeline and collect what its batches come to.

    Parameters
    ----------
    stages : PredictionPipeline
        The pipeline.
    given : mapping of str to object
        Arguments of `extract`, not yet checked.
    on_batch : callable, optional
        Called with each BatchResult as it comes, to show progress.

    Raises
    ------
    ArgumentError, SourceError, StageOutputError, PredictorError
        As the stages find; the user's own exceptions pass with a note.
    """
    recorder = RunRecorder(stages)
    arguments = check_arguments(type(stages), given)
    for result in _iter_results(stages, arguments):
        recorder.add(result)
        if on_batch is not None:
            on_batch(result)
    return recorder.finish(arguments)


def stream(stages: Stages, given: Mapping[str, object]) -> Iterator[BatchResult]:
    """Check the arguments now, then yield what each batch comes to, in order."""
    return _iter_results(stages, check_arguments(type(stages), given))


def score(stages: Stages, frame: pd.DataFrame, given: Mapping[str, object]) -> Run:
    """Score rows that are already there: every stage but `extract`."""
    if not isinstance(frame, pd.DataFrame):
        raise StageOutputError(
            f"{type(stages).__name__}.score got {describe(frame)}. Give a pandas DataFrame with "
            "the rows that extract would return."
        )
    recorder = RunRecorder(stages)
    arguments = check_arguments(type(stages), given) if given or _asks_for_arguments(stages) else {}
    scorer = BatchScorer(stages, arguments)
    scorer.load()
    for batch in _cut(_with_key_columns(frame, stages.key_columns), stages.batch_rows, 0.0):
        recorder.add(scorer.score(batch))
    return recorder.finish(arguments)


def preview(stages: Stages, given: Mapping[str, object], n_rows: int) -> Preview:
    """Take the first rows through every stage, and keep what each of them gave."""
    if n_rows < 1:
        raise ConfigurationError(f"A preview of {n_rows} rows shows nothing. Ask for at least 1.")
    arguments = check_arguments(type(stages), given)
    scorer = BatchScorer(stages, arguments)
    first = _take_first(_extract(stages, arguments, n_rows), n_rows)
    if first is None:
        key, nothing = stages.key_columns, pd.DataFrame()
        return Preview(scorer.name, nothing, nothing, no_predictions(key), no_rejections(key))
    extracted = first.frame.copy()
    note = _load_if_any(scorer, stages)
    if note is None:
        made = scorer.prepare(first)
        predictions = scorer.predict(made, first)
    else:
        made, predictions = scorer.make_features(first), no_predictions(stages.key_columns)
    rejected = made.rejections.to_frame()
    return Preview(scorer.name, extracted, made.features, predictions, rejected, note or "")


def features(stages: Stages, given: Mapping[str, object]) -> pd.DataFrame:
    """Make the features of every row, as a model is trained on them: no contract, no prediction."""
    arguments = check_arguments(type(stages), given)
    scorer = BatchScorer(stages, arguments)
    batches = _extract(stages, arguments, stages.batch_rows)
    made = [scorer.make_features(batch).features for batch in batches]
    joined = _join(made)
    return joined if joined is not None else (made[0] if made else pd.DataFrame())


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

    def finish(self, arguments: Mapping[str, object]) -> Run:
        """Give the record of the run."""
        key, results = self._stages.key_columns, self._results
        predictions = _join([result.predictions for result in results])
        rejected = _join([result.rejected for result in results])
        n_rows, n_lost = sum(result.n_rows for result in results), _count_lost(rejected)
        return Run(
            predictions=no_predictions(key) if predictions is None else predictions,
            rejected=no_rejections(key) if rejected is None else rejected,
            arguments=arguments,
            provenance=self._provenance(),
            rows={
                "extract": n_rows,
                "postprocess": n_rows - n_lost,
                "predict": 0 if predictions is None else len(predictions),
                "rejected": 0 if rejected is None else len(rejected),
            },
            seconds={stage: sum(result.seconds[stage] for result in results) for stage in STAGES},
            total_seconds=perf_counter() - self._started,
            n_batches=len(results),
            question=_question_of(type(self._stages)),
            warnings=add_up(chain.from_iterable(result.notices for result in results)),
        )

    def _provenance(self) -> Provenance:
        predictor = self._stages.predictor
        return Provenance(
            pipeline=type(self._stages).__name__,
            commit=find_commit(type(self._stages)),
            model_id=predictor.model_id if predictor else None,
            model_version=predictor.model_version if predictor else None,
            dspipe_version=__version__,
            as_of=self._as_of,
        )


def _iter_results(stages: Stages, arguments: Mapping[str, object]) -> Iterator[BatchResult]:
    scorer = BatchScorer(stages, arguments)
    # The model comes first: a broken model folder must not cost a long query.
    scorer.load()
    batches = _extract(stages, arguments, stages.batch_rows)
    try:
        yield from map(scorer.score, batches)
    finally:
        batches.close()


def _extract(
    stages: Stages, arguments: Mapping[str, object], batch_rows: int | None
) -> Generator[Batch]:
    """Call `extract` and cut what it gives into batches; reading runs one batch ahead."""
    who = f"{type(stages).__name__}.extract"
    with explained(who, "extract"):
        started = perf_counter()
        extracted = stages.extract(**arguments)
        if isinstance(extracted, pd.DataFrame):
            return _cut(extracted, batch_rows, perf_counter() - started)
        if isinstance(extracted, Query):
            config = load_config(_folder_of(type(stages)))
            frames = extracted.iter_frames(batch_rows=batch_rows, config=config)
        elif isinstance(extracted, Iterator):
            frames = cut_frames(extracted, batch_rows, check=partial(check_frame, who=who))
        else:
            raise StageOutputError(
                f"{who} returned {describe(extracted)}. Return a query made with sql(...), a "
                "pandas DataFrame, or an "
                "iterator of DataFrames."
            )
    ahead = _explain_reading(read_ahead(timed(frames)), who)
    return number_batches(ahead, is_owned=isinstance(extracted, Query))


def _cut(frame: pd.DataFrame, batch_rows: int | None, seconds: float) -> Generator[Batch]:
    """Cut a frame that is all there; the time it took counts for its first batch."""
    pieces = cut_frame(frame, batch_rows)
    return number_batches(zip(pieces, chain([seconds], repeat(0.0)), strict=False), is_owned=False)


def _explain_reading(
    pairs: Generator[tuple[pd.DataFrame, float]], who: str
) -> Generator[tuple[pd.DataFrame, float]]:
    """Tell an error of the source or of the user's iterator where it happened."""
    try:
        while True:
            with explained(who, "extract"):
                pair = next(pairs, None)
            if pair is None:
                return
            yield pair
    finally:
        pairs.close()


def _load_if_any(scorer: BatchScorer, stages: Stages) -> str | None:
    """Load the model; where there is none yet, what comes before it can still be looked at.

    Returns
    -------
    str or None
        None for a model that is ready; else why there is none, empty when none was set.
    """
    if stages.predictor is None and not stages.has_predict:
        return ""
    try:
        scorer.load()
    except ModelFolderError as error:
        return str(error)
    return None


def _take_first(batches: Generator[Batch], n_rows: int) -> Batch | None:
    """Take the first rows, of several small frames if need be, and stop reading."""
    frames: list[pd.DataFrame] = []
    try:
        while sum(map(len, frames)) < n_rows and (batch := next(batches, None)) is not None:
            frames.append(batch.frame)
    finally:
        batches.close()
    if not frames:
        return None
    taken = pd.concat(frames, ignore_index=True).head(n_rows)
    return Batch(1, 0, taken, 0.0, is_owned=False)


def _join(parts: list[pd.DataFrame]) -> pd.DataFrame | None:
    """Concatenate the parts that have rows, in order; None when none has."""
    filled = [part for part in parts if len(part)]
    if len(filled) > 1:
        return pd.concat(filled)
    return filled[0] if filled else None


def _count_lost(rejected: pd.DataFrame | None) -> int:
    """Count the rows that did not reach `predict`."""
    return 0 if rejected is None else int((rejected["stage"] != "predict").sum())


def _asks_for_arguments(stages: Stages) -> bool:
    probe = {parameter.name: None for parameter in read_parameters(type(stages).extract)}
    return (stages.has_postprocess and bool(select_arguments(stages.postprocess, probe))) or (
        stages.has_predict and bool(select_arguments(stages.predict, probe))
    )


def _with_key_columns(frame: pd.DataFrame, key: tuple[str, ...]) -> pd.DataFrame:
    """Take the key from the index of a frame to score, when it is there and not in the columns."""
    return frame.reset_index() if tuple(frame.index.names) == key else frame


def _question_of(pipeline_class: type) -> str:
    """Give the first line of the class's own docstring: what is predicted."""
    return (vars(pipeline_class).get("__doc__") or "").strip().partition("\n")[0]


def _folder_of(pipeline_class: type) -> Path | None:
    """Give the folder of the pipeline's file; None stands for the working directory."""
    file = find_file(pipeline_class)
    return file.parent if file else None
