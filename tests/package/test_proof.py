"""The package must come to the answer that was made here."""

from dataclasses import replace
from typing import Any

import pytest

from dspipe.errors import PackageError
from dspipe.package.proof._compare import prove
from dspipe.package.repository._sample_run import SampleRun

ROWS = [{"id": "007", "prediction": 0.25}, {"id": "8", "prediction": None}]
RUN = SampleRun(
    (), (), None, (), {"numpy": "2.4.6"}, {"id": ["007", "8"]}, None, {},
    {"predictions": ROWS, "rejected": []},
)  # fmt: skip
NEXT = 0.25000000000000006


def answer(*predictions: Any) -> dict[str, Any]:
    """Give an answer with these predictions."""
    return {"predictions": [*predictions], "rejected": [], "rows": {}}


def test_equal_answers_are_proof_to_the_last_bit() -> None:
    """The report says how many rows and how exactly."""
    assert prove(RUN, answer(*ROWS), {"numpy": "2.4.6"}) == (
        "The package gives the same answer for 2 rows as this machine, to the last bit."
    )


def test_other_versions_may_differ_by_a_billionth_and_it_is_said() -> None:
    """Another numpy may round another way; nothing is claimed that was not seen."""
    theirs = answer({"id": "007", "prediction": NEXT}, ROWS[1])

    assert prove(RUN, theirs, {"numpy": "2.5.5"}) == (
        "The package gives the same answer for 2 rows as this machine, within 1e-09 (other "
        "versions: numpy 2.5.5, here 2.4.6)."
    )


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        (
            answer({"id": "007", "prediction": NEXT}, ROWS[1]),
            "row 0 of 'predictions' is {'id': '007', 'prediction': 0.25000000000000006}, and "
            "{'id': '007', 'prediction': 0.25} was made here",
        ),
        (
            answer(ROWS[0], {"id": 8, "prediction": None}),
            "row 1 of 'predictions' is {'id': 8, 'prediction': None}, and {'id': '8', "
            "'prediction': None} was made here",
        ),
        (answer(ROWS[0]), "it has 1 in 'predictions', and 2 were made here"),
    ],
)
def test_any_difference_is_refused_when_versions_are_the_same(
    theirs: dict[str, Any], told: str
) -> None:
    """A bit, a type or a row: each is another answer."""
    with pytest.raises(PackageError) as caught:
        prove(RUN, theirs, {"numpy": "2.4.6"})

    assert str(caught.value) == (
        f"The package does not give the sample's answer: {told}. Lock the versions that the model "
        "was made with, and remove what depends on time or chance from the pipeline."
    )


def test_refusal_names_other_versions() -> None:
    """The likely reason is in the message."""
    theirs = answer({"id": "007", "prediction": 0.26}, ROWS[1])

    with pytest.raises(PackageError, match=r"Its versions are others: numpy 2.5.5, here 2.4.6\. "):
        prove(RUN, theirs, {"numpy": "2.5.5"})


def test_rejected_rows_are_compared_too() -> None:
    """A row that is refused there and scored here is a difference."""
    run = replace(RUN, answer={"predictions": [], "rejected": [{"id": 1, "reason": "null"}]})

    with pytest.raises(PackageError, match="it has 0 in 'rejected', and 1 were made here"):
        prove(run, answer(), {})
