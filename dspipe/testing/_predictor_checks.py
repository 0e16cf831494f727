"""What every predictor promises, as small checks that can be run one by one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from dspipe._text import count, quote_some
from dspipe.predictors import Predictor

PredictorCheck = Callable[[Predictor, pd.DataFrame], None]
MOST_ROWS_ALONE = 20
# Sums over many rows may be added in another order than over one.
RELATIVE_TOLERANCE = 1e-9


def check_predictor(predictor: Predictor, features: pd.DataFrame) -> None:
    """Run every check on a predictor, and report all that fail together.

    Parameters
    ----------
    predictor : Predictor
        Loaded first.
    features : DataFrame of shape (at least 2, n_features)
        Rows that the predictor can score, with the key in the index. Not modified.

    Raises
    ------
    AssertionError
        Naming each check that fails, and why.

    Examples
    --------
    >>> from dspipe.predictors import MockPredictor
    >>> check_predictor(MockPredictor(0.5), pd.DataFrame({"hour": [6, 18]}))
    """
    predictor.load()
    failures = [
        f"{check.__name__}: {failure}"
        for check in predictor_checks()
        if (failure := _find_failure(check, predictor, features)) is not None
    ]
    if failures:
        lines = "\n".join(f"- {failure}" for failure in failures)
        raise AssertionError(f"{predictor!r} fails {count(len(failures), 'check')}:\n{lines}")


def predictor_checks() -> list[PredictorCheck]:
    """List the checks: functions of a predictor and features, for ``pytest.mark.parametrize``.

    Examples
    --------
    >>> predictor_checks()[0].__name__
    'check_answers_every_row'
    """
    return [
        check_answers_every_row,
        check_keeps_index,
        check_follows_order,
        check_answers_rows_alone_as_together,
        check_leaves_features_as_they_are,
        check_repeats_its_answer,
        check_predicts_usable_values,
        check_copes_with_no_rows,
    ]


def check_answers_every_row(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that the answer has one row per feature row."""
    n_answers = len(predictor.predict(features))
    _claim(
        n_answers == len(features),
        f"It answered {count(n_answers, 'row')} to {count(len(features), 'row')}.",
    )


def check_keeps_index(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that a frame or Series in answer carries the index of the features."""
    answer = predictor.predict(features)
    if isinstance(answer, pd.DataFrame | pd.Series):
        found = quote_some(answer.index.tolist())
        _claim(answer.index.equals(features.index), f"Its answer has another index: {found}.")


def check_follows_order(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that rows in another order give the same answers in that order."""
    order = np.random.default_rng(0).permutation(len(features))
    expected = _ask(predictor, features).iloc[order]
    _claim_equal(
        _ask(predictor, features.iloc[order]), expected, "Rows in another order got other answers"
    )


def check_answers_rows_alone_as_together(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that a row alone gives the answer that it gives among others."""
    together = _ask(predictor, features)
    for row in range(min(len(features), MOST_ROWS_ALONE)):
        alone = _ask(predictor, features.iloc[[row]])
        _claim_equal(
            alone, together.iloc[[row]], f"Row {row} alone got another answer than among others"
        )


def check_leaves_features_as_they_are(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that the features are the same after the call."""
    given = features.copy(deep=True)
    predictor.predict(given)
    try:
        assert_frame_equal(given, features, check_exact=True)
    except AssertionError as error:
        raise AssertionError(f"It modified the features: {_shorten(error)}") from error


def check_repeats_its_answer(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that the same features give the same answer again."""
    first, second = _ask(predictor, features), _ask(predictor, features)
    _claim_equal(second, first, "The second call got another answer than the first")


def check_predicts_usable_values(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that predictions are finite numbers or classes, and probabilities shares of 1."""
    answer = _ask(predictor, features)
    _claim("prediction" in answer, f"Its answer has no column 'prediction': {list(answer)}.")
    prediction = answer["prediction"]
    probabilities = answer.filter(regex="^probability_").astype(float)
    is_number = pd.api.types.is_numeric_dtype(prediction.dtype)
    is_class = isinstance(prediction.dtype, pd.CategoricalDtype) or len(probabilities.columns) > 0
    _claim(
        is_number or is_class,
        f"Its predictions are {prediction.dtype}: text must be a category or come with "
        "probabilities.",
    )
    usable = np.isfinite(prediction.astype(float)) if is_number else prediction.notna()
    bad = answer.index[~np.asarray(usable, dtype=bool)].tolist()
    _claim(not bad, f"Its predictions are null or infinite for the keys {quote_some(bad)}.")
    if len(probabilities.columns):
        _check_probabilities(probabilities)


def check_copes_with_no_rows(predictor: Predictor, features: pd.DataFrame) -> None:
    """Claim that no rows give no answers, in the same columns and dtypes."""
    expected, answer = _ask(predictor, features).head(0), _ask(predictor, features.head(0))
    _claim(len(answer) == 0, f"It answered {count(len(answer), 'row')} to no rows.")
    _claim(
        list(answer.dtypes.items()) == list(expected.dtypes.items()),
        f"Without rows its columns are {dict(answer.dtypes)}, with rows {dict(expected.dtypes)}.",
    )


def _check_probabilities(probabilities: pd.DataFrame) -> None:
    inside = ((probabilities >= 0) & (probabilities <= 1)).all(axis="columns")
    whole = pd.Series(np.isclose(probabilities.sum(axis="columns"), 1), index=probabilities.index)
    bad = probabilities.index[~(inside & whole)].tolist()
    _claim(not bad, f"Its probabilities are no shares of 1 for the keys {quote_some(bad)}.")


def _ask(predictor: Predictor, features: pd.DataFrame) -> pd.DataFrame:
    answer = predictor.predict(features)
    if isinstance(answer, pd.DataFrame):
        return answer
    if isinstance(answer, pd.Series):
        return answer.to_frame("prediction")
    return pd.DataFrame({"prediction": answer}, index=features.index)


def _find_failure(
    check: PredictorCheck, predictor: Predictor, features: pd.DataFrame
) -> str | None:
    try:
        check(predictor, features)
    except Exception as error:  # noqa: BLE001 - any failure is a finding
        is_claim = isinstance(error, AssertionError)
        return str(error) if is_claim else f"It raised {type(error).__name__}: {error}"
    return None


def _claim(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - a claim reads like assert
    if not holds:
        raise AssertionError(otherwise)


def _claim_equal(actual: pd.DataFrame, expected: pd.DataFrame, otherwise: str) -> None:
    try:
        assert_frame_equal(actual, expected, rtol=RELATIVE_TOLERANCE, atol=0.0)
    except AssertionError as error:
        raise AssertionError(f"{otherwise}: {_shorten(error)}") from error


def _shorten(error: Any) -> str:
    return " ".join(str(error).split())[:200]
