"""One run, end to end: arguments, extract, batches through the stages, the record of all."""

from collections.abc import Callable, Generator, Iterator, Mapping
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from time import perf_counter

import pandas as pd

from dspipe._alignment import check_frame
from dspipe._arguments import check_arguments
from dspipe._batching import Batch, cut_frame, cut_frames, number_batches, read_ahead, timed
from dspipe._config import load_config
from dspipe._continuation import Work
from dspipe._kept import Kept
from dspipe._keys import take_keys
from dspipe._parts import Part, PartScorer
from dspipe._provenance import find_file
from dspipe._recording import RunRecorder, join_frames
from dspipe._records import BatchResult, Preview, Run
from dspipe._rejections import no_rejections
from dspipe._scoring import BatchScorer, Stages, copy_for_user, explained, no_predictions
from dspipe._signature import read_parameters, select_arguments
from dspipe._text import describe
from dspipe._witness import WatchedScorer, Witness
from dspipe.errors import ConfigurationError, ModelFolderError, StageOutputError
from dspipe.sources import Query


def run(
    stages: Stages,
    given: Mapping[str, object],
    *,
    on_batch: Callable[[BatchResult], object] | None = None,
    witness: Witness | None = None,
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
    witness : Witness, optional
        Decides which rows the run keeps for a golden run; by default those of 1,000 keys.

    Raises
    ------
    ArgumentError, SourceError, StageOutputError, PredictorError
        As the stages find; the user's own exceptions pass with a note.
    """
    recorder = RunRecorder(stages)
    arguments = check_arguments(type(stages), given)
    watching = witness or Witness(stages)
    for result in _iter_results(stages, arguments, watching):
        recorder.add(result)
        if on_batch is not None:
            on_batch(result)
    return recorder.finish(arguments, watching.finish())


def run_part(
    stages: Stages,
    given: Mapping[str, object],
    *,
    continuation: str | None = None,
    on_batch: Callable[[BatchResult], object] | None = None,
) -> Part:
    """Run a pipeline for as long as the time limit allows, and say where to go on.

    Parameters
    ----------
    stages : PredictionPipeline
        The pipeline.
    given : mapping of str to object
        Arguments of `extract`, not yet checked; the same in every part.
    continuation : str, optional
        Token of the part before: its rows are read again and passed over.
    on_batch : callable, optional
        Called with each BatchResult as it comes.

    Returns
    -------
    Part
        At least one batch, unless there is no row left. Without a `time_limit` all rows.

    Raises
    ------
    DeadlineError
        If there is no time for even one batch.
    ContinuationError
        If the token is none of ours or belongs to another run, or if the rows that were done are
        not the ones that come first now.
    ArgumentError, SourceError, StageOutputError, PredictorError
        As in `run`.
    """
    recorder = RunRecorder(stages)
    arguments = check_arguments(type(stages), given)
    work = Work(type(stages).__name__, arguments, stages.predictor)
    scorer = PartScorer(_make_scorer(stages, arguments), work, continuation)
    for result in scorer.iter_results(partial(_extract, stages, arguments, stages.batch_rows)):
        recorder.add(result)
        if on_batch is not None:
            on_batch(result)
    return Part(recorder.finish(arguments), scorer.continuation)


def stream(stages: Stages, given: Mapping[str, object]) -> Iterator[BatchResult]:
    """Check the arguments now, then yield what each batch comes to, in order."""
    return _iter_results(stages, check_arguments(type(stages), given))


def score(
    stages: Stages,
    frame: pd.DataFrame,
    given: Mapping[str, object],
    *,
    witness: Witness | None = None,
) -> Run:
    """Score rows that are already there: every stage but `extract`; nothing is kept unasked."""
    recorder = RunRecorder(stages)
    arguments = _check_needed(stages, frame, given)
    scorer = _make_scorer(stages, arguments, witness)
    for batch in _cut_given(stages, frame):
        recorder.add(scorer.score(batch))
    return recorder.finish(arguments, witness.finish() if witness else None)


def score_part(
    stages: Stages,
    frame: pd.DataFrame,
    given: Mapping[str, object],
    *,
    continuation: str | None = None,
    is_owned: bool = False,
) -> Part:
    """Score rows that are already there for as long as the time limit allows.

    Who goes on gives the same rows again, with the token. `is_owned` says that nobody else holds
    the frame. Else as `run_part`.
    """
    recorder = RunRecorder(stages)
    arguments = _check_needed(stages, frame, given)
    work = Work(type(stages).__name__, arguments, stages.predictor, is_given=True)
    scorer = PartScorer(_make_scorer(stages, arguments), work, continuation)
    open_batches = partial(_cut_given, stages, frame)
    if continuation is None and _is_ready(stages, frame):
        open_batches = partial(_take_whole, frame, is_owned=is_owned)
    for result in scorer.iter_results(open_batches):
        recorder.add(result)
    return Part(recorder.finish(arguments), scorer.continuation)


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
    joined = join_frames(made)
    return joined if joined is not None else (made[0] if made else pd.DataFrame())


def extract(stages: Stages, given: Mapping[str, object], witness: Witness) -> Kept:
    """Extract alone, and give what the witness kept; where later stages fail, rows are still there.

    Raises
    ------
    ArgumentError, SourceError, StageOutputError
        As `extract` finds.
    """
    arguments = check_arguments(type(stages), given)
    for batch in _extract(stages, arguments, stages.batch_rows, witness):
        keys = take_keys(batch.frame, stages.key_columns)
        witness.hold(batch, keys)
        witness.keep(batch.frame.set_axis(keys, axis=0))
    return witness.finish()


def _iter_results(
    stages: Stages, arguments: Mapping[str, object], witness: Witness | None = None
) -> Iterator[BatchResult]:
    scorer = _make_scorer(stages, arguments, witness)
    batches = _extract(stages, arguments, stages.batch_rows, witness)
    try:
        yield from map(scorer.score, batches)
    finally:
        batches.close()


def _make_scorer(
    stages: Stages, arguments: Mapping[str, object], witness: Witness | None = None
) -> BatchScorer:
    """Load the model first: a broken model folder must not cost a long query."""
    scorer = (
        WatchedScorer(stages, arguments, witness) if witness else BatchScorer(stages, arguments)
    )
    scorer.load()
    return scorer


def _extract(
    stages: Stages,
    arguments: Mapping[str, object],
    batch_rows: int | None,
    witness: Witness | None = None,
) -> Generator[Batch]:
    """Call `extract` and cut what it gives into batches; reading runs one batch ahead."""
    who = f"{type(stages).__name__}.extract"
    with explained(who, "extract"):
        started = perf_counter()
        extracted = stages.extract(**arguments)
        if isinstance(extracted, pd.DataFrame):
            return _cut(extracted, batch_rows, perf_counter() - started)
        if isinstance(extracted, Query):
            if witness is not None:
                witness.query = extracted
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


def _check_needed(
    stages: Stages, frame: object, given: Mapping[str, object]
) -> Mapping[str, object]:
    """Check what comes with rows that are given; arguments only when a stage asks for some."""
    if not isinstance(frame, pd.DataFrame):
        raise StageOutputError(
            f"{type(stages).__name__}.score got {describe(frame)}. Give a pandas DataFrame with "
            "the rows that extract would return."
        )
    return check_arguments(type(stages), given) if given or _asks_for_arguments(stages) else {}


def _asks_for_arguments(stages: Stages) -> bool:
    if not (stages.has_postprocess or stages.has_predict):
        return False
    probe = {parameter.name: None for parameter in read_parameters(type(stages).extract)}
    return (stages.has_postprocess and bool(select_arguments(stages.postprocess, probe))) or (
        stages.has_predict and bool(select_arguments(stages.predict, probe))
    )


def _is_ready(stages: Stages, frame: pd.DataFrame) -> bool:
    """Say whether given rows are features as they are: one batch, its key in the index."""
    return (
        tuple(frame.index.names) == stages.key_columns
        and not stages.has_postprocess
        and (stages.batch_rows is None or len(frame) <= stages.batch_rows)
    )


def _take_whole(frame: pd.DataFrame, *, is_owned: bool) -> Generator[Batch]:
    """Make the one batch of rows that are ready; moving keys to and fro is dear for one row."""
    whole = frame if is_owned else copy_for_user(frame)
    return number_batches(iter([(whole, 0.0)]), is_owned=True)


def _cut_given(stages: Stages, frame: pd.DataFrame) -> Generator[Batch]:
    """Cut rows that are given; their key may stand in the index instead of the columns."""
    is_index = tuple(frame.index.names) == stages.key_columns
    return _cut(frame.reset_index() if is_index else frame, stages.batch_rows, 0.0)


def _folder_of(pipeline_class: type) -> Path | None:
    """Give the folder of the pipeline's file; None stands for the working directory."""
    file = find_file(pipeline_class)
    return file.parent if file else None
