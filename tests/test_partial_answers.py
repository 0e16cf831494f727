"""A predictor may answer some rows and not others; the run keeps what there is."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from dspipe import PredictionPipeline
from dspipe._facts import ATTRIBUTE
from dspipe._records import OnBadRow
from dspipe.errors import PartialAnswerError, PredictorAnswerError
from dspipe.predictors import Predictor


class EvenOnly(Predictor):
    """Doubles even sizes, and has no answer for others."""

    def __init__(self, *, is_mute: bool = False) -> None:
        self._is_mute = is_mute

    def predict(self, features: pd.DataFrame) -> Any:
        """Answer the even rows."""
        even = [n for n, size in enumerate(features["size"]) if size % 2 == 0 and not self._is_mute]
        odd = {n: f"{n} is odd" for n in range(len(features)) if n not in even}
        answers = (features["size"].iloc[even] * 2).to_frame("prediction")
        if not odd:
            answers.attrs[ATTRIBUTE] = {"requests": 1}
            return answers
        if 1 in odd:
            odd.pop(1)  # a predictor may have no words for a row
        raise PartialAnswerError(
            "Some rows are odd.",
            answers=answers,
            positions=even,
            reasons=odd,
            facts={"requests": 2},
        ) from PredictorAnswerError("odd")


def make(on_bad_row: OnBadRow, sizes: list[float], **options: bool) -> PredictionPipeline:
    """Make a pipeline over some sizes, three rows a batch."""

    class Sizes(PredictionPipeline):
        key = "id"
        batch_rows = 3

        def extract(self) -> pd.DataFrame:
            return pd.DataFrame({"id": [f"r{n}" for n in range(len(sizes))], "size": sizes})

    pipe = Sizes()
    pipe.predictor, pipe.on_bad_row = EvenOnly(**options), on_bad_row
    return pipe


def test_answers_are_kept_and_other_rows_rejected_with_their_own_reasons() -> None:
    """Each reason stands with its row, in the order of the rows."""
    run = make("reject", [0, 1, 2, 3, 4, 5, 6, 8, 10]).run()

    assert run.predictions["prediction"].to_dict() == {
        "r0": 0, "r2": 4, "r4": 8, "r6": 12, "r7": 16, "r8": 20,
    }  # fmt: skip
    assert run.rejected["reason"].to_dict() == {
        "r1": "the predictor gave no reason", "r3": "0 is odd", "r5": "2 is odd",
    }  # fmt: skip
    assert run.rejected["stage"].unique().tolist() == ["predict"]
    assert run.rows == {"extract": 9, "postprocess": 9, "predict": 6, "rejected": 3}
    assert run.provenance.served == {"requests": 5}
    assert run.predictions.attrs == {}


def test_answers_that_are_null_are_rejected_too() -> None:
    """What a predictor answers is checked, whether it is all or a part."""
    run = make("reject", [0, 1, np.inf]).run()

    assert run.predictions.index.tolist() == ["r0"]
    assert len(run.rejected) == 2


def test_every_row_is_rejected_when_none_has_an_answer() -> None:
    """A part may be nothing."""
    run = make("reject", [0, 1], is_mute=True).run()

    assert run.predictions.empty
    assert run.rejected["reason"].tolist() == ["0 is odd", "the predictor gave no reason"]


def test_error_passes_when_bad_rows_shall_raise() -> None:
    """It tells the batch, and keeps its cause."""
    with pytest.raises(PartialAnswerError) as caught:
        make("raise", [0, 2, 4, 1]).run()

    assert (caught.value.batch, caught.value.rows) == (2, (3, 3))
    assert isinstance(caught.value.__cause__, PredictorAnswerError)


def test_provenance_says_nothing_of_a_service_when_the_model_is_local() -> None:
    """What is not there takes no place."""
    run = make("raise", [0, 2]).run()

    assert run.provenance.to_dict()["served"] == {"requests": 1}
    local = make("raise", [0, 2])
    local.predictor = None
    type(local).predict = lambda self, features: features["size"]  # type: ignore[assignment, method-assign] # a pipeline of this test alone
    assert "served" not in make_provenance(local)


def make_provenance(pipe: PredictionPipeline) -> dict[str, object]:
    """Run, and give the provenance."""
    return pipe.run().provenance.to_dict()
