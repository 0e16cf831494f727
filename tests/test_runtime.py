"""One run, end to end: in order, nothing lost, nothing doubled, whatever the batches."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pipelines import AddsFeature, GivesFrame, GivesIterator, double_size, make_rows

from dspipe import Contract, PredictionPipeline, Run
from dspipe.errors import (
    ArgumentError,
    ConfigurationError,
    PredictorError,
    RunError,
    StageOutputError,
)
from dspipe.predictors import MockPredictor, SklearnPredictor

BATCH_ROWS = st.none() | st.integers(1, 12)


def make_pipeline(
    frame: pd.DataFrame,
    *,
    postprocess: Callable[[pd.DataFrame], Any] | None = None,
    predict: Callable[[pd.DataFrame], Any] = double_size,
    **options: Any,
) -> PredictionPipeline:
    """Make a pipeline over a frame, with stages given as functions."""

    class Shop(PredictionPipeline):
        key = "row_id"
        predictor = MockPredictor(predict)

        def extract(self) -> pd.DataFrame:
            return frame

    if postprocess is None:
        return Shop(**options)

    class ShopWithFeatures(Shop):
        def postprocess(self, data: pd.DataFrame) -> Any:
            return postprocess(data)

    ShopWithFeatures.__name__ = "Shop"
    return ShopWithFeatures(**options)


@given(st.integers(0, 40), BATCH_ROWS)
def test_run_gives_the_same_answers_for_every_batch_size(n_rows: int, size: int | None) -> None:
    """Cutting rows into batches changes no answer and no order."""
    run = AddsFeature(batch_rows=size).run(n_rows=n_rows)

    rows = make_rows(n_rows)
    expected = (rows["size"] ** 2 + n_rows).tolist()
    assert run.predictions.index.tolist() == rows["row_id"].tolist()
    assert run.predictions["prediction"].tolist() == expected


@given(st.integers(0, 20), BATCH_ROWS)
def test_run_of_an_iterator_equals_the_run_of_its_frame(n_rows: int, size: int | None) -> None:
    """A frame and an iterator of its pieces are the same rows."""
    whole = GivesFrame().run(n_rows=n_rows).predictions
    pieces = GivesIterator(batch_rows=size).run(n_rows=n_rows).predictions

    if n_rows:
        pd.testing.assert_frame_equal(pieces, whole)
    assert len(pieces) == n_rows


@given(
    st.lists(st.none() | st.integers(0, 9), max_size=30),
    st.lists(st.booleans(), min_size=30, max_size=30),
    BATCH_ROWS,
)
def test_run_loses_no_row_when_it_rejects(
    keys: list[int | None], finite: list[bool], size: int | None
) -> None:
    """Every extracted row is predicted or rejected, once, and in order."""
    n_rows = len(keys)
    frame = pd.DataFrame(
        {
            "row_id": pd.array(keys, dtype="Int64"),
            "size": [1.0 if good else np.nan for good in finite[:n_rows]],
            "place": range(n_rows),
        }
    )
    pipe = make_pipeline(frame, predict=lambda f: f["size"], on_bad_row="reject", batch_rows=size)

    run = pipe.run()

    seen: set[int] = set()
    expected_reasons, expected_keys = [], []
    for key, good in zip(keys, finite, strict=False):
        if key is None:
            expected_reasons.append("the key is null")
        elif key in seen:
            expected_reasons.append("the key was met before in this run")
        elif not good:
            expected_reasons.append("the prediction is null or not finite")
        else:
            expected_keys.append(key)
        if key is not None:
            seen.add(key)
    assert run.predictions.index.tolist() == expected_keys
    assert run.rejected["reason"].tolist() == expected_reasons
    assert run.rows["extract"] == len(run.predictions) + len(run.rejected)


def test_run_raises_on_null_and_repeated_keys_with_the_first_of_them() -> None:
    """In a notebook a faulty key stops the run and is named."""
    frame = pd.DataFrame({"row_id": ["a", "b", "a", None], "size": [1.0, 2, 3, 4]})

    with pytest.raises(StageOutputError) as caught:
        make_pipeline(frame).run()

    assert str(caught.value) == (
        "Shop cannot score 2 rows after extract:\n"
        "  row_id 'a': the key was met before in this run\n"
        f"  row_id {frame['row_id'].iloc[3]!r}: the key is null\n"
        'Correct the rows, or set on_bad_row = "reject" to score the others and list these with '
        "their reasons."
    )
    assert (caught.value.stage, caught.value.batch, caught.value.rows) == ("extract", 1, (0, 3))


def test_run_finds_a_key_that_comes_again_in_a_later_batch() -> None:
    """Keys are unique in the run, not only in a batch."""
    frame = pd.DataFrame({"row_id": [1, 2, 3, 1], "size": 1.0})

    with pytest.raises(StageOutputError, match="row_id 1: the key was met before") as caught:
        make_pipeline(frame, batch_rows=2).run()

    assert caught.value.batch == 2


def test_run_takes_a_key_of_several_columns() -> None:
    """The key may be a list; the answer is indexed by all of it."""

    class Visits(PredictionPipeline):
        key = ["shop", "day"]  # noqa: RUF012 - as a user writes it
        predictor = MockPredictor(1.5)

        def extract(self) -> pd.DataFrame:
            return pd.DataFrame({"shop": ["a", "a"], "day": [1, 2], "size": [1.0, 2.0]})

    run = Visits().run()

    assert run.predictions.index.names == ["shop", "day"]
    assert run.predictions.index.tolist() == [("a", 1), ("a", 2)]


def test_run_of_no_rows_is_an_empty_run() -> None:
    """An empty result is an answer, not an error, and no stage sees an empty frame."""

    def fail(features: pd.DataFrame) -> pd.Series:
        raise AssertionError("called for no rows")

    run = make_pipeline(make_rows(0), postprocess=fail, predict=fail).run()

    assert len(run.predictions) == 0
    assert run.predictions.index.name == "row_id"
    assert list(run.predictions.columns) == ["prediction"]
    assert run.rows == {"extract": 0, "postprocess": 0, "predict": 0, "rejected": 0}


def test_run_does_not_change_the_frame_that_extract_returned() -> None:
    """A stage writes into its own copy."""
    frame = make_rows(4)
    before = frame.copy(deep=True)

    def write(data: pd.DataFrame) -> pd.DataFrame:
        data["size"] = -1.0
        data.loc[0, "size"] = -2.0
        return data

    make_pipeline(frame, postprocess=write, batch_rows=2).run()

    pd.testing.assert_frame_equal(frame, before)


def test_run_records_rows_and_seconds_by_stage() -> None:
    """The record tells how many rows left each stage and how long each took."""
    run = GivesFrame(batch_rows=2).run(n_rows=5)

    assert run.rows == {"extract": 5, "postprocess": 5, "predict": 5, "rejected": 0}
    assert list(run.seconds) == ["extract", "postprocess", "predict"]
    assert all(seconds >= 0 for seconds in run.seconds.values())
    assert run.n_batches == 3
    assert run.arguments == {"n_rows": 5}


def test_stream_yields_each_batch_before_the_next_is_computed() -> None:
    """A stream is lazy: rows that are not asked for are not predicted."""
    predicted: list[int] = []

    def predict(features: pd.DataFrame) -> pd.Series:
        predicted.append(len(features))
        return features["size"]

    stream = make_pipeline(make_rows(6), predict=predict, batch_rows=2).stream()
    first = next(stream)

    assert predicted == [2]
    assert (first.number, first.first_row, first.n_rows) == (1, 0, 2)
    assert [result.first_row for result in stream] == [2, 4]


def test_stream_checks_the_arguments_when_it_is_called() -> None:
    """A misspelt argument is told at the call, not at the first batch."""
    with pytest.raises(ArgumentError):
        GivesFrame().stream(n_row=3)


def test_score_takes_rows_without_extract() -> None:
    """Given rows go through every other stage; the key may be a column or the index."""
    rows = make_rows(3)

    by_column = GivesFrame().score(rows).predictions
    by_index = GivesFrame().score(rows.set_index("row_id")).predictions

    assert by_column["prediction"].tolist() == [0.0, 2.0, 4.0]
    pd.testing.assert_frame_equal(by_index, by_column)


def test_score_asks_for_arguments_only_when_a_stage_needs_them() -> None:
    """A postprocess that names an argument must get it."""

    class NeedsDay(GivesFrame):
        def extract(self, day: str) -> pd.DataFrame:  # type: ignore[override]  # another argument
            return make_rows(1)

        def postprocess(self, data: pd.DataFrame, day: str) -> pd.DataFrame:
            return data.assign(size=float(day))

    with pytest.raises(ArgumentError):
        NeedsDay().score(make_rows(1))
    assert NeedsDay().score(make_rows(1), day="4").predictions["prediction"].tolist() == [8.0]


def test_preview_shows_the_first_rows_of_every_stage() -> None:
    """Extracted rows, features and predictions stand side by side."""
    preview = AddsFeature().preview(2, n_rows=10)

    assert list(preview.extracted.columns) == ["row_id", "size"]
    assert list(preview.features.columns) == ["size", "area"]
    assert preview.features.index.tolist() == [0, 1]
    assert preview.predictions["prediction"].tolist() == [10.0, 11.0]
    assert repr(preview) == "<Preview of AddsFeature: 2 rows>"


def test_preview_works_before_there_is_a_model() -> None:
    """Features can be looked at without a predictor; running says what is missing."""
    pipe = GivesFrame(predictor=None)

    preview = pipe.preview(2, n_rows=3)

    assert len(preview.features) == 2
    assert len(preview.predictions) == 0
    with pytest.raises(ConfigurationError) as caught:
        pipe.run()
    assert str(caught.value) == (
        "GivesFrame cannot predict: it has no predictor. Set the class attribute 'predictor', for "
        "instance predictor = SklearnPredictor('models/NAME'), or define predict(self, features). "
        "'preview' shows the features without one."
    )


def test_preview_shows_features_while_the_model_folder_is_missing() -> None:
    """A pipeline may name its model before there is one; the preview says so and goes on."""
    pipe = GivesFrame(predictor=SklearnPredictor("models/not_yet"))

    preview = pipe.preview(2, n_rows=3)

    assert len(preview.features) == 2
    assert preview.note.startswith("There is no model folder 'models/not_yet'.")
    assert "There is no model folder" in preview._repr_html_()


def test_preview_of_an_iterator_without_frames_is_empty() -> None:
    """Nothing to show is no error, as for a run."""
    assert len(GivesIterator().preview(n_rows=0).extracted) == 0
    assert len(GivesIterator().run(n_rows=0).predictions) == 0


def test_preview_gathers_its_rows_from_several_small_frames() -> None:
    """An iterator of small frames shows as many rows as were asked for."""
    assert len(GivesIterator().preview(5, n_rows=7).extracted) == 5


def test_run_reads_the_next_batch_while_one_is_computed() -> None:
    """A prediction may wait for the next rows, because they are read at the same time."""
    second_was_read = threading.Event()

    class Waits(GivesFrame):
        def extract(self, n_rows: int = 4) -> Iterator[pd.DataFrame]:
            yield make_rows(2)
            second_was_read.set()
            yield make_rows(4).iloc[2:]

        def predict(self, features: pd.DataFrame) -> Any:
            assert second_was_read.wait(timeout=10)
            return features["size"]

    assert len(Waits().run().predictions) == 4


def test_features_are_what_a_model_would_be_trained_on() -> None:
    """Features of all batches, the key in the index, need no predictor."""
    features = AddsFeature(predictor=None, batch_rows=2).features(n_rows=5)

    assert features.index.name == "row_id"
    assert features["area"].tolist() == [5.0, 6.0, 9.0, 14.0, 21.0]


def test_warnings_of_all_batches_are_added_up() -> None:
    """One sentence a column and rule tells of the whole run, not of each batch."""
    contract = Contract.infer(pd.DataFrame({"size": [0.0, 1.0]}))
    pipe = GivesFrame(predictor=MockPredictor(double_size, contract=contract), batch_rows=2)

    run = pipe.run(n_rows=6)

    assert run.warnings == (
        "Column 'size' is 2.0, 3.0, 4.0, 5.0 in 4 rows; the contract's range is 0.0 to 1.0.",
    )


def test_run_leaves_an_error_of_the_user_as_it_is_with_a_note() -> None:
    """The user's exception keeps its type and text; a note names stage, batch and rows."""

    def fail(data: pd.DataFrame) -> pd.DataFrame:
        if 3 in data["row_id"].tolist():
            raise KeyError("colour")
        return data

    with pytest.raises(KeyError, match="colour") as caught:
        make_pipeline(make_rows(6), postprocess=fail, batch_rows=2).run()

    assert caught.value.__notes__ == ["While running Shop.postprocess on batch 2 (rows 2 to 3)."]


def test_run_notes_extract_on_an_error_of_the_users_iterator() -> None:
    """An error inside an iterator belongs to extract."""

    class Breaks(GivesFrame):
        def extract(self, n_rows: int = 5) -> Iterator[pd.DataFrame]:
            yield make_rows(2)
            raise OSError("cable cut")

    with pytest.raises(OSError, match="cable cut") as caught:
        Breaks().run()

    assert caught.value.__notes__ == ["While running Breaks.extract."]


def fails_as_a_service(features: pd.DataFrame) -> pd.Series:
    """Stand for a model service that is down."""
    raise PredictorError("The model 'churn' did not answer.")


def test_run_raises_a_predictor_error_with_its_place() -> None:
    """The error carries stage, batch and rows."""
    pipe = make_pipeline(make_rows(4), predict=fails_as_a_service, batch_rows=3)

    with pytest.raises(PredictorError) as caught:
        pipe.run()

    assert (caught.value.stage, caught.value.batch, caught.value.rows) == ("predict", 1, (0, 2))


def test_run_rejects_the_rows_of_a_batch_whose_predictor_failed() -> None:
    """With on_bad_row "reject" the rows of the failed batch are listed with the reason."""
    pipe = make_pipeline(make_rows(2), predict=fails_as_a_service, on_bad_row="reject")

    run = pipe.run()

    assert run.rejected.index.tolist() == [0, 1]
    assert run.rejected["reason"].tolist() == ["The model 'churn' did not answer."] * 2
    assert run.rejected["stage"].tolist() == ["predict", "predict"]


WRONG_EXTRACTS = [
    (None, "Shop.extract returned None. Return a query made with sql(...), a pandas DataFrame, or "
     "an iterator of DataFrames."),
    ([1], "Shop.extract returned a list. Return a query made with sql(...), a pandas DataFrame, or "
     "an iterator of DataFrames."),
    (iter([1]), "Shop.extract returned an int. Return a pandas DataFrame with one row per row "
     "given."),
    (pd.DataFrame({"rowid": [1]}), "Shop.extract returned no column 'row_id', which is the key. It "
     "returned: 'rowid'. Did you mean 'rowid'? Select the key, or correct the class attribute "
     "'key'."),
    (pd.DataFrame([[1, 2]], columns=["row_id", "row_id"]), "Shop.extract returned columns with the "
     "same name: 'row_id'. Give each column a name of its own."),
]  # fmt: skip


@pytest.mark.parametrize(("extracted", "message"), WRONG_EXTRACTS)
def test_run_says_what_extract_returned_wrongly(extracted: Any, message: str) -> None:
    """A wrong result of extract is named with what was expected."""
    with pytest.raises(StageOutputError) as caught:
        make_pipeline(extracted).run()

    assert str(caught.value) == message
    assert caught.value.stage == "extract"


WRONG_FEATURES = [
    (lambda data: None, "Shop.postprocess returned None. Return a pandas DataFrame with one row "
     "per row given. Did you forget 'return data'?"),
    (lambda data: data[data["size"] > 1], "Shop.postprocess returned 2 rows for 4 rows. Return one "
     "row per row given, each once. Missing keys: 0, 1."),
    (lambda data: pd.concat([data, data.head(1)]), "Shop.postprocess returned 5 rows for 4 rows. "
     "Return one row per row given, each once. Repeated keys: 0."),
    (lambda data: data[["size"]].head(3), "Shop.postprocess returned 3 rows for 4 rows. Return one "
     "row per row given, each once. Missing row numbers: 3."),
    (lambda data: data[["size"]].set_axis(list("abcd")), "Shop.postprocess returned a frame with "
     "neither the key ('row_id') nor the index it was given, so its rows cannot be told apart. "
     "Keep the key columns, or the index."),
]  # fmt: skip


@pytest.mark.parametrize(("postprocess", "message"), WRONG_FEATURES)
def test_run_says_what_postprocess_returned_wrongly(
    postprocess: Callable[[pd.DataFrame], Any], message: str
) -> None:
    """Lost, added and unnamed rows are told with the first keys concerned."""
    with pytest.raises(StageOutputError) as caught:
        make_pipeline(make_rows(4), postprocess=postprocess).run()

    assert str(caught.value) == message
    assert caught.value.stage == "postprocess"


GOOD_FEATURES = [
    lambda data: data.iloc[::-1],
    lambda data: data.iloc[::-1].reset_index(drop=True),
    lambda data: data[["size"]],
    lambda data: data[["size"]].iloc[::-1],
    lambda data: data.merge(pd.DataFrame({"row_id": [3, 2, 1, 0]}), on="row_id", how="right"),
]


@pytest.mark.parametrize("postprocess", GOOD_FEATURES)
def test_run_restores_the_order_of_rows_that_postprocess_changed(
    postprocess: Callable[[pd.DataFrame], pd.DataFrame],
) -> None:
    """Rows that can be told apart go back to their place, by the key or by the index."""
    run = make_pipeline(make_rows(4), postprocess=postprocess).run()

    assert run.predictions.index.tolist() == [0, 1, 2, 3]
    assert run.predictions["prediction"].tolist() == [0.0, 2.0, 4.0, 6.0]


WRONG_PREDICTIONS = [
    (lambda f: None, "Shop.predict returned None. Return a DataFrame with the column 'prediction', "
     "a Series or an array, with one row per feature row."),
    (lambda f: np.ones(2), "Shop.predict returned 2 predictions for 3 feature rows. Return one "
     "prediction per row, in the same order."),
    (lambda f: np.ones((3, 2)), "Shop.predict returned an array of shape (3, 2). Return one number "
     "per row, or a DataFrame with the columns 'prediction' and 'probability_<class>'."),
    (lambda f: f[["size"]], "Shop.predict returned the columns 'size'. One of them must be "
     "'prediction'."),
    (lambda f: pd.Series([1.0, 2.0, 3.0], index=[0, 1, 9]), "Shop.predict returned 3 rows for 3 "
     "rows. Return one row per row given, each once. Missing keys: 2. Unknown keys: 9."),
    (lambda f: np.array(["a", "b", "c"], dtype=object), "Shop.predict returned what is no "
     "number in 'prediction', first 'a'. Return numbers; for labels, return a frame with one "
     "'probability_<class>' column per class, or a categorical."),
]  # fmt: skip


@pytest.mark.parametrize(("predict", "message"), WRONG_PREDICTIONS)
def test_run_says_what_predict_returned_wrongly(
    predict: Callable[[pd.DataFrame], Any], message: str
) -> None:
    """Wrong kind, length, keys and values of predictions are errors that name them."""

    class Shop(GivesFrame):
        def predict(self, features: pd.DataFrame) -> Any:
            return predict(features)

    with pytest.raises(StageOutputError) as caught:
        Shop().run(n_rows=3)

    assert str(caught.value) == message
    assert caught.value.stage == "predict"


def test_run_refuses_a_series_numbered_from_zero() -> None:
    """A Series that lost the key would be joined to the wrong rows, so it is refused."""

    class Shop(GivesFrame):
        def extract(self, n_rows: int = 3) -> pd.DataFrame:
            return make_rows(n_rows).iloc[::-1]

        def predict(self, features: pd.DataFrame) -> Any:
            return pd.Series(features["size"].to_numpy())

    with pytest.raises(StageOutputError) as caught:
        Shop().run()

    assert str(caught.value) == (
        "Shop.predict returned a frame or Series numbered from 0 instead of indexed by the key "
        "('row_id'). Build it with index=features.index, or return an array."
    )


def test_run_raises_on_predictions_that_are_not_finite() -> None:
    """NaN is no prediction; the rows are named."""
    pipe = make_pipeline(make_rows(3), predict=lambda f: f["size"].where(f["size"] > 0))

    with pytest.raises(StageOutputError) as caught:
        pipe.run()

    assert str(caught.value) == (
        "Shop cannot score 1 row after predict:\n"
        "  row_id 0: the prediction is null or not finite\n"
        'Correct the rows, or set on_bad_row = "reject" to score the others and list these with '
        "their reasons."
    )


def test_run_keeps_labels_that_come_with_their_probabilities() -> None:
    """A classifier answers with a label and one probability per class."""

    def classify(features: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame(
            {"prediction": "late", "probability_late": 0.7, "probability_on time": 0.3},
            index=features.index,
        )

    run = make_pipeline(make_rows(2), predict=classify).run()

    assert run.predictions["prediction"].tolist() == ["late", "late"]


@pytest.mark.parametrize("error", [RunError, StageOutputError])
def test_run_errors_carry_their_place(error: type[RunError]) -> None:
    """Stage, batch and rows are attributes, not only text."""
    raised = error("x", stage="predict", batch=2, rows=(10, 19))

    assert (raised.stage, raised.batch, raised.rows) == ("predict", 2, (10, 19))


def test_run_calls_back_with_each_batch() -> None:
    """Progress can be shown while a run goes on."""
    from dspipe import _runtime

    seen: list[int] = []

    run: Run = _runtime.run(
        GivesFrame(batch_rows=2), {"n_rows": 5}, on_batch=lambda result: seen.append(result.n_rows)
    )

    assert seen == [2, 2, 1]
    assert len(run.predictions) == 5
