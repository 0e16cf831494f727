"""The checks of pipelines: each fails where exactly its rule is broken, all pass on good ones."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dspipe import PredictionPipeline, Run
from dspipe._contract import Contract
from dspipe.errors import ArgumentError
from dspipe.predictors import MockPredictor
from dspipe.testing import check_pipeline, pipeline_checks
from dspipe.testing._pipeline_checks import PipelineCheck

ROWS = pd.DataFrame({"row_id": list("abcdef"), "size": [1.0, 2.0, 3.0, 4.0, 5.0, 9.0]})


class Counter:
    """Counts calls."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin again at 0."""
        self.n_calls = 0

    def next(self) -> int:
        """Give the number of this call."""
        self.n_calls += 1
        return self.n_calls - 1


CALLS = Counter()


class Doubles(PredictionPipeline):
    """Keeps every rule."""

    key = "row_id"
    predictor = MockPredictor(
        lambda features: features["size"] * 2, contract=Contract.infer(ROWS[["size"]])
    )

    def extract(self, n_rows: int = 6) -> pd.DataFrame:
        """Give the first rows."""
        return ROWS.head(n_rows)

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Write into the frame, which is the stage's own."""
        data["half"] = data["size"] / 2
        return data


class TakesAnything(PredictionPipeline):
    """Has arguments of no type."""

    key = "row_id"
    predictor = MockPredictor(1)

    def extract(self, day: Any = None, size: Any = 1, n_rows: int = 6) -> pd.DataFrame:
        """Give all rows."""
        return ROWS


class WritesIntoLists(Doubles):
    """Changes the lists inside of the rows."""

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Append to the list of every row, which its copy shares."""
        for tags in data["tags"]:
            tags.append("seen")
        return data[["row_id", "size"]]


class CountsCalls(Doubles):
    """Makes other features every time; no contract drops them, and no answer shows them."""

    predictor = MockPredictor(lambda features: features["size"])

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Add the number of the call."""
        return data.assign(call=CALLS.next())


class BreaksContract(Doubles):
    """Makes a null where the model saw none."""

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Lose the size of two rows."""
        return data.assign(size=data["size"].where(data["size"] < 5))


class LosesRow(Doubles):
    """Returns fewer rows than it was given."""

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Drop a row."""
        return data[data["row_id"] != "c"]


class DropsAnswer(Doubles):
    """Hides an answer from its caller."""

    def score(self, frame: pd.DataFrame, /, **arguments: Any) -> Run:
        """Leave out one row."""
        return super().score(frame[frame["row_id"] != "f"], **arguments)


class SortsAnswers(Doubles):
    """Gives sorted answers to rows in any order."""

    def predict(self, features: pd.DataFrame) -> np.ndarray:
        """Sort the answers."""
        return np.sort(features["size"].to_numpy())


class ComparesWithBatch(Doubles):
    """Compares a row with the others of its batch."""

    def predict(self, features: pd.DataFrame) -> pd.Series:
        """Subtract the mean of the batch."""
        return features["size"] - features["size"].mean()


class SeesAllAtOnce(ComparesWithBatch):
    """Compares a row with all others of the run."""

    batch_rows = None


class Reason:
    """A class of the user's own."""


WHY = Reason()


class ComparesFloats(Doubles):
    """Gives answers that differ in their last bits from batch to batch."""

    def predict(self, features: pd.DataFrame) -> pd.Series:
        """Multiply by nearly one."""
        return features["size"] * (1 + len(features) * 1e-13)


class AnswersObjects(Doubles):
    """Gives reasons that JSON does not know."""

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """Put an object of its own beside each number."""
        return pd.DataFrame({"prediction": 1.0, "reason_1": WHY}, index=features.index)


class SharesName(Doubles):
    """Has a key of the same name as an answer."""

    key = "prediction"

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Pass on."""
        return data


class FailsWithoutRows(Doubles):
    """Divides by the number of rows."""

    def score(self, frame: pd.DataFrame, /, **arguments: Any) -> Run:
        """Refuse to score nothing."""
        run = super().score(frame, **arguments)
        return run if len(frame) else super().score(ROWS.head(1), **arguments)


class NeedsFactor(PredictionPipeline):
    """Needs an argument after extract."""

    key = "row_id"
    predictor = MockPredictor(1)

    def extract(self, factor: float) -> pd.DataFrame:
        """Give all rows."""
        return ROWS

    def postprocess(self, data: pd.DataFrame, factor: float) -> pd.DataFrame:
        """Use the argument."""
        return data.assign(size=data["size"] * factor)


TAGGED = ROWS.assign(tags=pd.Series([["old"] for _ in range(len(ROWS))]))
NAMED_PREDICTION = ROWS.rename(columns={"row_id": "prediction"})
BROKEN = [
    (
        TakesAnything(),
        ROWS,
        "TakesAnything fails check_arguments_have_types: these arguments of extract take any "
        "value: 'day', 'size'. Annotate them with the type that the query needs, such as date or "
        "int.",
    ),
    (
        DropsAnswer(),
        ROWS,
        "DropsAnswer fails check_every_row_has_one_answer: 6 rows got 5 predictions and 0 "
        "rejections, or got them in another order. First keys: 'a', 'b', 'c', 'd', 'e' and 1 "
        "more. Give one answer per row, in the order of the rows.",
    ),
    (
        LosesRow(),
        ROWS,
        "LosesRow fails check_every_row_has_one_answer: LosesRow.postprocess returned 5 rows for "
        "6 rows. Return one row per row given, each once. Missing keys: 'c'.",
    ),
    (
        BreaksContract(on_bad_row="reject"),
        ROWS,
        "BreaksContract fails check_contract_takes_features: the contract of the model refuses 2 "
        "rows of 6. First keys: 'e', 'f'; the first because: Column 'size' is null; the contract "
        "allows no null there. Correct postprocess, or train the model on such rows.",
    ),
    (
        CountsCalls(),
        ROWS,
        "CountsCalls fails check_features_are_repeatable: the same rows gave other features the "
        "second time. 'call' differs in 6 rows, first for the keys 'a' (1 against 2), 'b' (1 "
        "against 2), 'c' (1 against 2). Take what changes from run to run, such as the time or a "
        "random number, from an argument of extract.",
    ),
    (
        WritesIntoLists(),
        TAGGED,
        "WritesIntoLists fails check_rows_are_not_modified: scoring changed the rows it was given. "
        "'tags' differs in 6 rows, first for the keys 0 (['old'] against ['old', 'seen']), 1 "
        "(['old'] against ['old', 'seen']), 2 (['old'] against ['old', 'seen']). Build new values "
        "instead of changing lists, dicts or other objects in place.",
    ),
    (
        SortsAnswers(),
        ROWS,
        "SortsAnswers fails check_order_of_rows_is_irrelevant: the same rows in another order got "
        "other predictions. 'prediction' differs in 6 rows, first for the keys 'a' (1.0 against "
        "5.0), 'b' (2.0 against 9.0), 'c' (3.0 against 4.0). A stage uses the position of a row or "
        "its neighbours: compute such values in SQL.",
    ),
    (
        ComparesWithBatch(),
        ROWS,
        "ComparesWithBatch fails check_batches_agree: batches of 2 rows got other predictions than "
        "all rows at once. 'prediction' differs in 6 rows, first for the keys 'a' (-3.0 against "
        "-0.5), 'b' (-2.0 against 0.5), 'c' (-1.0 against -0.5). A stage looks at other rows of "
        "its batch: compute such values in SQL, or set batch_rows = None.",
    ),
    (
        AnswersObjects(),
        ROWS,
        "AnswersObjects fails check_answers_are_json: 'reason_1' holds objects of the type "
        "'Reason', which JSON cannot carry. First keys: 'a', 'b', 'c', 'd', 'e' and 1 more. Return "
        "numbers or text instead.",
    ),
    (
        SharesName(),
        NAMED_PREDICTION,
        "SharesName fails check_answers_are_json: key and answers share the name 'prediction', and "
        "a JSON record has each name once. Rename the column in extract or predict.",
    ),
    (
        FailsWithoutRows(),
        ROWS,
        "FailsWithoutRows fails check_no_rows_give_no_answers: no rows got 1 answer. First keys: "
        "'a'. Answer only the rows that are given.",
    ),
]


@pytest.mark.parametrize(
    ("pipeline", "rows", "message"), BROKEN, ids=[type(entry[0]).__name__ for entry in BROKEN]
)
def test_check_pipeline_names_the_broken_rule_and_no_other(
    pipeline: PredictionPipeline, rows: pd.DataFrame, message: str
) -> None:
    """A pipeline that breaks one rule is told so, with the first keys, and nothing else."""
    CALLS.restart()

    with pytest.raises(AssertionError) as caught:
        check_pipeline(pipeline, rows)

    assert str(caught.value) == message


def test_broken_pipelines_cover_every_check() -> None:
    """Each check is seen to fail above."""
    failed = {message.split("fails ")[1].split(":")[0] for _, _, message in BROKEN}

    assert failed == {check.__name__ for check in pipeline_checks()}


@pytest.mark.parametrize("check", pipeline_checks())
@pytest.mark.parametrize("pipeline", [Doubles(), SeesAllAtOnce(), ComparesFloats()], ids=repr)
def test_every_check_passes_alone_when_the_pipeline_is_good(
    check: PipelineCheck, pipeline: PredictionPipeline
) -> None:
    """A check is a function that pytest can run by itself, and a good pipeline passes it."""
    check(pipeline, ROWS)


def test_checks_have_names_and_rules_for_the_report() -> None:
    """Every check carries its own name and states its rule."""
    rules = {check.__name__: check.__doc__ for check in pipeline_checks()}

    assert all(name.startswith("check_") and rule for name, rule in rules.items())


def test_check_pipeline_takes_rows_from_extract_when_none_are_given() -> None:
    """With arguments alone the first rows of extract are checked, without postprocess."""
    with pytest.raises(AssertionError) as caught:
        check_pipeline(LosesRow(), n_rows=3)

    assert str(caught.value) == (
        "LosesRow fails check_every_row_has_one_answer: LosesRow.postprocess returned 2 rows for 3 "
        "rows. Return one row per row given, each once. Missing keys: 'c'."
    )


def test_check_pipeline_reports_bad_keys_of_extract() -> None:
    """A key that comes twice is a failed check, also where the rows come from extract."""

    class Repeats(Doubles):
        def extract(self, n_rows: int = 6) -> pd.DataFrame:
            return ROWS.assign(row_id="a").head(n_rows)

    with pytest.raises(AssertionError) as caught:
        check_pipeline(Repeats(), n_rows=2)

    assert str(caught.value) == (
        "Repeats fails check_every_row_has_one_answer: Repeats cannot score 1 row after extract:\n"
        "  row_id 'a': the key was met before in this run\n"
        'Correct the rows, or set on_bad_row = "reject" to score the others and list these with '
        "their reasons."
    )


def test_check_pipeline_takes_the_key_from_the_index() -> None:
    """Rows as `score` takes them are rows to check."""
    check_pipeline(Doubles(), ROWS.set_index("row_id"))


def test_check_pipeline_passes_arguments_to_the_stages() -> None:
    """A stage that asks for an argument gets it; without it the error is that of the arguments."""
    rows = ROWS.head(3)

    check_pipeline(NeedsFactor(), rows, factor=2)

    with pytest.raises(ArgumentError, match="needs the argument 'factor'"):
        check_pipeline(NeedsFactor(), rows)


@pytest.mark.parametrize("n_rows", [0, 1])
def test_check_pipeline_refuses_rows_that_prove_nothing(n_rows: int) -> None:
    """Without two rows there is no order and there are no batches."""
    with pytest.raises(AssertionError) as caught:
        check_pipeline(Doubles(), n_rows=n_rows)

    assert str(caught.value) == (
        f"Doubles cannot be checked with {n_rows} row{'' if n_rows else 's'}. Give at least 2 "
        "rows, or arguments for which extract finds them."
    )


def test_check_pipeline_lets_errors_of_the_user_pass() -> None:
    """An exception of a stage is no failed check: it keeps its type and its note."""

    class Divides(Doubles):
        def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
            raise ZeroDivisionError("by zero")

    with pytest.raises(ZeroDivisionError) as caught:
        check_pipeline(Divides(), ROWS)

    assert caught.value.__notes__ == ["While running Divides.postprocess on batch 1 (rows 0 to 5)."]
