"""Answers of DataRobot are brought to their rows, or refused with a sentence."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dspipe._remote._messages import Answer, Response
from dspipe.errors import ConfigurationError, PredictorAnswerError
from dspipe.predictors import DataRobotPredictor, Explanations
from dspipe.predictors.datarobot._answers import make_answer
from dspipe.predictors.datarobot._reading import read_csv, read_json
from dspipe.predictors.datarobot._rows import write_rows

ROWS = pd.DataFrame({"x": [1, 2]}, index=["a", "b"])


def read(text: str, *, target: str | None = None, labels: Any = None) -> Answer:
    """Read the answer to both rows, in the dialect that it is written in."""
    response = Response(200, text.encode())
    is_json = text.startswith("{")
    found = read_json(response, "It", 0) if is_json else read_csv(response, "It", target)
    return make_answer(found, ROWS, 0, name="It", labels=labels, n_reasons=0)


def write_json(first: Any, second: Any, *, values: Any = None) -> str:
    """Write the answer of a server that sends no passthrough."""
    rows = [
        {
            "rowId": n,
            "prediction": prediction,
            "predictionValues": values or [{"label": "y", "value": prediction}],
        }
        for n, prediction in enumerate([first, second])
    ]
    return json.dumps({"data": rows})


def test_rows_are_counted_when_the_server_sends_no_numbers() -> None:
    """The service's own count of rows is second best."""
    answer = read(write_json(1.5, None))

    assert answer.predictions["prediction"].tolist()[0] == 1.5
    assert answer.predictions["prediction"].isna().tolist() == [False, True]


def test_target_is_found_by_its_columns_when_nobody_names_it() -> None:
    """All columns of predictions begin with it."""
    answer = read("y_a_PREDICTION,y_b_PREDICTION,y_PREDICTION,dspipe_row\n.5,.5,a,1\n.1,.9,b,0\n")

    assert answer.predictions["prediction"].to_dict() == {"a": "b", "b": "a"}
    assert answer.predictions["probability_b"].to_dict() == {"a": 0.9, "b": 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "a_PREDICTION,b_PREDICTION,dspipe_row\n1,2,0\n1,2,1\n",
            "It answered no column '<target>_PREDICTION', but 'a_PREDICTION', 'b_PREDICTION', "
            "'dspipe_row'. Name the target with DataRobotPredictor(target=...).",
        ),
        (
            "y_PREDICTION,dspipe_row\none,0\n2,1\n",
            "It answered what is no number where a prediction stands: could not convert string to "
            "float: 'one'. Name the target with DataRobotPredictor(target=...).",
        ),
        (
            "y_PREDICTION\n1\n2\n",
            "It answered 2 rows for 2 rows, and 2 of them were not asked for (their numbers: None, "
            "None). The answer belongs to other rows; ask again.",
        ),
        (
            'y_PREDICTION\n"1\n',
            "It answered CSV that cannot be read: Error tokenizing data. C error: EOF inside "
            "string starting at row 1. See whether the address is that of a deployment.",
        ),
        (
            write_json("a", "c", values=[{"label": "a", "value": 1}, {"label": "b", "value": 0}]),
            "It answered the predictions 'c', which are none of the classes 'a', 'b'. Correct "
            "labels=.",
        ),
        (
            write_json(1, 2, values=[{"label": "a", "value": "x"}, {"label": "b", "value": 0}]),
            "It answered the predictions 1, 2, which are none of the classes 'a', 'b'. Correct "
            "labels=.",
        ),
        (
            write_json("one", "two"),
            "It answered what is no number where a prediction stands: could not convert string to "
            "float: 'one'.",
        ),
    ],
)
def test_answer_is_refused_when_it_cannot_be_told_what_it_says(text: str, message: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(PredictorAnswerError) as caught:
        read(text)

    assert str(caught.value) == message


def test_answer_is_refused_when_labels_were_expected_and_numbers_came() -> None:
    """A regression has no classes."""
    with pytest.raises(PredictorAnswerError) as caught:
        read(write_json(1.5, 2.5), labels=["a", "b"])

    assert str(caught.value) == (
        "It answered numbers without classes, where 'a', 'b' were expected. Leave out labels= for "
        "a regression."
    )


def test_values_of_all_types_are_written_without_loss() -> None:
    """Numbers bare, everything else as quoted text, nulls as nothing."""
    frame = pd.DataFrame(
        {
            "day": [datetime(2026, 1, 1, tzinfo=UTC), None],
            "flag": [True, False],
            "kind": pd.Categorical(["a", None]),
            "small": np.array([0.1, np.nan], dtype="float32"),
            "some": pd.array([True, None], dtype="boolean"),
        }
    )

    written = write_rows(frame, 5, has_key=False).decode()

    assert written.splitlines()[1:] == [
        '"2026-01-01 00:00:00+00:00",True,"a",0.10000000149011612,True,5',
        ",False,,,,6",
    ]


def test_rows_are_refused_when_two_columns_would_have_one_name() -> None:
    """The number of a row has a column of its own."""
    with pytest.raises(ConfigurationError) as caught:
        write_rows(ROWS.assign(dspipe_row=1), 0, has_key=False)

    assert str(caught.value) == (
        "The rows for DataRobot would have the column 'dspipe_row' twice. Rename the one that "
        "postprocess returns."
    )


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: Explanations(0),
            "Explanations cannot be 0 by 'xemp'. Ask for at least 1, by 'xemp' or 'shap'.",
        ),
        (
            lambda: DataRobotPredictor("5f", answer="xml"),  # type: ignore[arg-type] # wrong on purpose
            "An answer cannot be 'xml'. Choose 'json' or 'csv'.",
        ),
        (
            lambda: DataRobotPredictor("5f", labels="yes"),
            "labels='yes' is a text. Give a list: ['yes'].",
        ),
        (
            lambda: DataRobotPredictor(None).load(),
            "DataRobotPredictor needs the id of a deployment, or the address of a portable "
            "prediction server with server=.",
        ),
    ],
)
def test_predictor_is_refused_when_an_option_cannot_be_meant(make: Any, message: str) -> None:
    """What is sure to fail is said at once."""
    with pytest.raises(ConfigurationError) as caught:
        make()

    assert str(caught.value) == message


def test_predictor_knows_nothing_before_it_asks() -> None:
    """No rows need no service."""
    predictor = DataRobotPredictor(None, server="http://127.0.0.1:9")

    answer = predictor.predict(ROWS.head(0))

    assert (predictor.model_id, predictor.model_version, predictor.contract) == (None, None, None)
    assert answer.dtypes.to_dict() == {"prediction": np.dtype("float64")}
    assert repr(predictor) == "<DataRobotPredictor of a portable server>"


def test_predictor_is_light_to_import() -> None:
    """A function that starts cold pays for pandas and urllib3 when it has rows, and not before."""
    code = (
        "import sys; from dspipe.predictors import DataRobotPredictor, HttpPredictor; "
        "DataRobotPredictor('5f'); "
        "print(sorted({'pandas', 'numpy', 'urllib3', 'ssl', 'datarobot'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
