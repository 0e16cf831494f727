"""A predictor without a model: for tests, demonstrations and the first day of a pipeline."""

from collections.abc import Callable, Hashable, Iterator
from numbers import Real
from typing import TYPE_CHECKING, Any, Self

from dspipe._text import quote_some
from dspipe.errors import ConfigurationError, PredictorError
from dspipe.predictors._base import Predictor

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from dspipe._contract import Contract

    Answer = pd.DataFrame | pd.Series[Any] | npt.NDArray[Any]


class MockPredictor(Predictor):
    """Answers with a constant, with a function of the features, or with recorded predictions.

    Parameters
    ----------
    answer : number or callable
        The prediction of every row; or a function from the features to an array, Series or frame.
    contract : Contract, optional
        What the features must look like.

    Attributes
    ----------
    calls : list of (int, int)
        Shape of the features of each call, in order.

    Examples
    --------
    >>> import pandas as pd
    >>> features = pd.DataFrame({"hour": [6, 18]})
    >>> MockPredictor(0.5).predict(features)
    array([0.5, 0.5])
    >>> MockPredictor(lambda features: features["hour"] / 24).predict(features).tolist()
    [0.25, 0.75]
    """

    def __init__(
        self,
        answer: "float | Callable[[pd.DataFrame], Answer]",
        *,
        contract: "Contract | None" = None,
    ) -> None:
        if not callable(answer) and not _is_number(answer):
            raise ConfigurationError(
                f"MockPredictor cannot answer {answer!r}. Give it a number, or a function that "
                "takes the features and returns one prediction a row."
            )
        self._answer = answer
        self._contract = contract
        self.calls: list[tuple[int, int]] = []

    @classmethod
    def recorded(cls, features: "pd.DataFrame", predictions: "pd.DataFrame") -> Self:
        """Answer recorded rows, and fail on every other.

        Parameters
        ----------
        features : DataFrame of shape (n_rows, n_features)
            Recorded features, with the key in the index. A request is known when its key and all
            its values are recorded.
        predictions : DataFrame with n_rows rows
            The answers, in the order of `features`.

        Raises
        ------
        ConfigurationError
            If the two have different numbers of rows.

        Examples
        --------
        >>> import pandas as pd
        >>> features = pd.DataFrame({"hour": [6, 18]}, index=["AA1", "AA2"])
        >>> answers = pd.DataFrame({"prediction": [0.1, 0.7]}, index=["AA1", "AA2"])
        >>> MockPredictor.recorded(features, answers).predict(features.loc[["AA2"]])
             prediction
        AA2         0.7
        """
        if len(features) != len(predictions):
            raise ConfigurationError(
                f"MockPredictor.recorded got {len(features):,} rows of features and "
                f"{len(predictions):,} of predictions. Give one prediction for every recorded row, "
                "in the same order."
            )
        return cls(_Recording(features, predictions))

    @property
    def contract(self) -> "Contract | None":
        """The contract that was given."""
        return self._contract

    def predict(self, features: "pd.DataFrame") -> "Answer":
        """Answer every row; see `Predictor.predict`.

        Raises
        ------
        PredictorError
            If the answers are recorded, and a row or a column is not.
        """
        self.calls.append(features.shape)
        if callable(self._answer):
            return self._answer(features)
        import numpy as np

        return np.full(len(features), self._answer)

    def __repr__(self) -> str:
        """Name the kind of answer in one line."""
        shown: object = self._answer
        if callable(shown):
            shown = getattr(shown, "__qualname__", shown)
        return f"<MockPredictor of {shown}>"


def _is_number(answer: object) -> bool:
    """Say whether an answer is a number or a bool, of Python's or of numpy's."""
    return isinstance(answer, Real) or type(answer).__name__ in {"bool", "bool_"}


class _Recording:
    """Predictions by the key and the values of their features."""

    def __init__(self, features: "pd.DataFrame", predictions: "pd.DataFrame") -> None:
        self._columns = list(features.columns)
        self._predictions = predictions.copy()
        self._positions = {row: position for position, row in enumerate(_iter_rows(features))}

    def __call__(self, features: "pd.DataFrame") -> "pd.DataFrame":
        unrecorded = [name for name in self._columns if name not in features.columns]
        if unrecorded:
            raise PredictorError(
                f"MockPredictor has recorded the columns {quote_some(unrecorded)}, which the "
                "features do not have. Record the answers anew."
            )
        rows = list(_iter_rows(features[self._columns]))
        unknown = [
            key for key, row in zip(features.index, rows, strict=True) if row not in self._positions
        ]
        if unknown:
            raise PredictorError(
                "MockPredictor has no recorded answer for the rows with these keys (either the key "
                f"or a value of its features is new): {quote_some(unknown)}. Record the answers "
                "anew."
            )
        answers = self._predictions.iloc[[self._positions[row] for row in rows]]
        return answers.set_axis(features.index, axis="index")

    def __repr__(self) -> str:
        return f"{len(self._predictions):,} recorded rows"


def _iter_rows(features: "pd.DataFrame") -> Iterator[tuple[Hashable, ...]]:
    """Give key and values of each row, so that 1, 1.0 and the nulls of all types compare equal."""
    columns = [features[name].astype(object) for name in features.columns]
    plain = [column.where(column.notna(), None).map(_hashable).tolist() for column in columns]
    return zip(features.index, *plain, strict=True)


def _hashable(value: Hashable) -> Hashable:
    try:
        hash(value)
    except TypeError:  # a list or a dict, which a column of objects may hold
        return repr(value)
    return value
