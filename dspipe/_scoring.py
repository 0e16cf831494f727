"""One batch through the stages: keys, postprocess, contract, predict, and what was refused."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from dspipe import _alignment
from dspipe._deadline import is_over
from dspipe._extras import load_workshop
from dspipe._facts import ATTRIBUTE
from dspipe._keys import SeenKeys, find_null, take_keys
from dspipe._notices import Notice
from dspipe._records import BatchResult, OnBadRow
from dspipe._rejections import Rejections, empty_keys
from dspipe._signature import select_arguments
from dspipe._text import quote_some, suggest
from dspipe.errors import (
    ConfigurationError,
    ContractError,
    MissingExtraError,
    PartialAnswerError,
    PredictorError,
    RunError,
    StageOutputError,
)

if TYPE_CHECKING:
    from dspipe._batching import Batch
    from dspipe.predictors import Predictor


class Stages(Protocol):
    """What the runtime knows of a pipeline."""

    batch_rows: int | None
    on_bad_row: OnBadRow
    predictor: "Predictor | None"

    @property
    def key_columns(self) -> tuple[str, ...]: ...

    @property
    def has_postprocess(self) -> bool: ...

    @property
    def has_predict(self) -> bool: ...

    def extract(self, *args: object, **kwargs: object) -> object: ...

    def postprocess(self, data: pd.DataFrame, *args: object, **kwargs: object) -> pd.DataFrame: ...

    def predict(self, features: pd.DataFrame, *args: object, **kwargs: object) -> object: ...


@dataclass(frozen=True, slots=True)
class Prepared:
    """Features on their way to `predict`, and what was said of their batch so far."""

    features: pd.DataFrame
    positions: np.ndarray
    rejections: Rejections
    notices: tuple[Notice, ...] = ()

    def take(self, rows: np.ndarray) -> "Prepared":
        """Take the marked rows; what becomes of them is noted with the others."""
        return replace(self, features=self.features[rows], positions=self.positions[rows])

    def refuse(
        self,
        bad: np.ndarray,
        reasons: list[str],
        *,
        stage: str,
        error: type[RunError] = StageOutputError,
    ) -> None:
        """Reject the marked rows, or raise an error of the type given."""
        keys, positions = self.features.index[bad], self.positions[bad]
        self.rejections.refuse(keys, positions, reasons, stage=stage, error=error)

    def refuse_all(self, reason: str, *, stage: str) -> None:
        """Reject every row for one reason, or raise."""
        n_rows = len(self.features)
        self.refuse(np.ones(n_rows, dtype=bool), [reason] * n_rows, stage=stage)


class BatchScorer:
    """Scores the batches of one run; remembers the keys it has met.

    Attributes
    ----------
    keys : Index
        The keys of the batch that was taken last, faulty ones too.
    """

    keys: pd.Index

    def __init__(self, stages: Stages, arguments: Mapping[str, object]) -> None:
        self.name = type(stages).__name__
        self._stages = stages
        self._key = stages.key_columns
        self._to_postprocess = select_arguments(stages.postprocess, arguments)
        self._to_predict = select_arguments(stages.predict, arguments)
        self._seen = SeenKeys()

    def load(self) -> None:
        """Make the model ready, before the first row is read.

        Raises
        ------
        ConfigurationError
            If the pipeline has no way to predict.
        """
        if self._stages.predictor is not None:
            self._stages.predictor.load()
        elif not self._stages.has_predict:
            raise ConfigurationError(
                f"{self.name} cannot predict: it has no predictor. Set the class attribute "
                "'predictor', for instance "
                "predictor = SklearnPredictor('models/NAME'), or define predict(self, features). "
                "'preview' shows the features without one."
            )

    def score(self, batch: "Batch") -> BatchResult:
        """Take one batch through all stages."""
        started = perf_counter()
        prepared = self.prepare(batch)
        middle = perf_counter()
        predictions = self.predict(prepared, batch)
        return BatchResult(
            number=batch.number,
            first_row=batch.first_row,
            n_rows=len(batch.frame),
            predictions=predictions,
            rejected=prepared.rejections.to_frame(),
            seconds={
                "extract": batch.seconds,
                "postprocess": middle - started,
                "predict": perf_counter() - middle,
            },
            notices=prepared.notices,
            served=predictions.attrs.pop(ATTRIBUTE, {}),
        )

    def skip(self, batch: "Batch") -> None:
        """Pass over rows that another part of the run has done: their keys may not come again."""
        with explained(f"{self.name}.extract", "extract", batch):
            self._take_good_keys(batch, Rejections(self.name, self._key, "reject"))

    def prepare(self, batch: "Batch") -> Prepared:
        """Make the features of a batch and check them against the contract of the model."""
        made = self.make_features(batch)
        with explained(f"{self.name}.postprocess", "postprocess", batch):
            return self._conform(made)

    def make_features(self, batch: "Batch") -> Prepared:
        """Make the features of a batch: keys and postprocess."""
        rejections = Rejections(self.name, self._key, self._stages.on_bad_row)
        with explained(f"{self.name}.extract", "extract", batch):
            data, keys, positions = self._take_good_keys(batch, rejections)
        with explained(f"{self.name}.postprocess", "postprocess", batch):
            features = self._postprocess(data, keys, is_owned=batch.is_owned)
            return Prepared(features, positions, rejections)

    def predict(self, prepared: Prepared, batch: "Batch") -> pd.DataFrame:
        """Predict, and check that each row has one finite answer."""
        if not len(prepared.features):
            return no_predictions(self._key)
        with explained(f"{self.name}.predict", "predict", batch):
            try:
                returned = self._stages.predict(prepared.features, **self._to_predict)
            except PredictorError as error:
                # Rows that only the deadline kept from an answer are no bad rows.
                if self._stages.on_bad_row == "raise" or is_over():
                    raise
                return self._take_partial(prepared, error)
            return self._align(prepared, returned)

    def _take_partial(self, prepared: Prepared, error: PredictorError) -> pd.DataFrame:
        """Reject the rows that have no answer, each for its reason, and keep the others."""
        if not isinstance(error, PartialAnswerError):
            prepared.refuse_all(str(error), stage="predict")
            return no_predictions(self._key)
        bad = np.ones(len(prepared.features), dtype=bool)
        bad[list(error.positions)] = False
        unknown = "the predictor gave no reason"
        reasons = [error.reasons.get(row, unknown) for row in np.flatnonzero(bad).tolist()]
        prepared.refuse(bad, reasons, stage="predict")
        if bad.all():
            return no_predictions(self._key)
        predictions = self._align(prepared.take(~bad), error.answers)
        predictions.attrs[ATTRIBUTE] = error.facts
        return predictions

    def _align(self, prepared: Prepared, returned: object) -> pd.DataFrame:
        keys, who = prepared.features.index, f"{self.name}.predict"
        predictions, bad = _alignment.align_predictions(returned, keys, who)
        if not np.count_nonzero(bad):
            return predictions
        prepared.refuse(
            bad, ["the prediction is null or not finite"] * int(bad.sum()), stage="predict"
        )
        return predictions[~bad]

    def _take_good_keys(
        self, batch: "Batch", rejections: Rejections
    ) -> tuple[pd.DataFrame, pd.Index, np.ndarray]:
        """Part the rows whose key is null or was met before from the others."""
        data = _alignment.check_frame(batch.frame, f"{self.name}.extract")
        is_keyed = tuple(data.index.names) == self._key
        if not is_keyed:
            _check_has_key(data, self._key, f"{self.name}.extract")
        keys = self.keys = data.index if is_keyed else take_keys(data, self._key)
        null = find_null(keys)
        if np.count_nonzero(null):  # a fifth of the price of any(), which counts for one row
            bad = null.copy()
            bad[~null] = self._seen.mark_repeated(keys[~null])
        else:
            bad = self._seen.mark_repeated(keys)
        positions = np.arange(len(keys))
        if not np.count_nonzero(bad):
            return data, keys, positions
        reasons = np.where(null, "the key is null", "the key was met before in this run")
        rejections.refuse(keys[bad], positions[bad], reasons[bad].tolist(), stage="extract")
        good = data[~bad] if is_keyed else data[~bad].reset_index(drop=True)
        return good, keys[~bad], positions[~bad]

    def _postprocess(self, data: pd.DataFrame, keys: pd.Index, *, is_owned: bool) -> pd.DataFrame:
        """Let the user's code build features, with the key in the index; no code sees no rows."""
        if tuple(data.index.names) == self._key:
            return data  # given with the key in the index, and no stage that wants it elsewhere
        if not self._stages.has_postprocess or not len(keys):
            return _alignment.move_key_to_index(data, keys)
        who = f"{self.name}.postprocess"
        own = data if is_owned else copy_for_user(data)
        returned = self._stages.postprocess(own, **self._to_postprocess)
        return _alignment.align_features(_alignment.check_frame(returned, who), keys, who)

    def _conform(self, made: Prepared) -> Prepared:
        """Check the features against the contract of the model, where it has one."""
        predictor = self._stages.predictor
        contract = predictor.contract if predictor is not None else None
        if contract is None or not len(made.features):
            return made
        conformed = contract.apply(made.features)
        checked = replace(made, features=conformed.features, notices=conformed.notices)
        if not conformed.bad_rows:
            return checked
        bad = np.zeros(len(made.features), dtype=bool)
        bad[list(conformed.bad_rows)] = True
        reasons = [conformed.bad_rows[position] for position in np.flatnonzero(bad).tolist()]
        checked.refuse(bad, reasons, stage="postprocess", error=ContractError)
        return checked.take(~bad)


def no_predictions(key: tuple[str, ...]) -> pd.DataFrame:
    """Give the predictions of a run of no rows: the column `prediction`, float64."""
    return pd.DataFrame({_alignment.PREDICTION: pd.Series([], dtype="float64")}).set_axis(
        empty_keys(key), axis=0
    )


def copy_for_user(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a frame that somebody else holds: the user's code may change it in place."""
    return frame.copy(deep=not _alignment.HAS_COPY_ON_WRITE)


class explained:  # noqa: N801 - reads as what it does after "with"
    """Note on every error that passes where it happened; a RunError gets it as attributes too."""

    # A class, and no generator: every batch passes four of them.
    __slots__ = ("_batch", "_stage", "_who")

    def __init__(self, who: str, stage: str, batch: "Batch | None" = None) -> None:
        self._who, self._stage, self._batch = who, stage, batch

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: object, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._explain(error)

    def _explain(self, error: Exception) -> None:
        batch = self._batch
        _note_origin(error)
        if isinstance(error, RunError):
            error.stage = error.stage or self._stage
        if batch is None:
            error.add_note(f"While running {self._who}.")
            return
        first, last = batch.rows
        if isinstance(error, RunError) and error.batch is None:
            error.batch, error.rows = batch.number, batch.rows
        error.add_note(
            f"While running {self._who} on batch {batch.number} (rows {first} to {last})."
        )


def _note_origin(error: Exception) -> None:
    """Name the cell of a converted module's line; what can do that stays in the workshop."""
    with suppress(MissingExtraError):
        load_workshop("dspipe.notebooks", needed_by="The cell of a line").note_origin(error)


def _check_has_key(frame: pd.DataFrame, key: tuple[str, ...], who: str) -> None:
    missing = [name for name in key if name not in frame.columns]
    if missing:
        columns = [str(name) for name in frame.columns]
        raise StageOutputError(
            f"{who} returned no column {quote_some(missing)}, which is the key. It returned: "
            f"{quote_some(columns)}."
            f"{suggest(missing[0], columns)} Select the key, or correct the class attribute 'key'."
        )
