"""The contract of every predictor: one method, and a few facts about the model."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from dspipe._extras import load_workshop

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

    from dspipe._contract import Contract
    from dspipe.predictors._feature_findings import FeatureFinding


class Predictor(ABC):
    """Turns features into predictions.

    What a predictor promises:

    - **Order**: row i of the answer belongs to row i of the features. A Series or DataFrame carries
      the
      index of the features.
    - **Purity**: the features are not modified; the same row gives the same answer, whatever rows
      stand
      beside it. `dspipe.testing.check_predictor` checks this.
    - **Threads**: `predict` may be called from several threads at once, after one `load`.

    Examples
    --------
    >>> import pandas as pd
    >>> class Doubler(Predictor):
    ...     def predict(self, features: pd.DataFrame) -> pd.Series:
    ...         return features["x"] * 2
    >>> Doubler().predict(pd.DataFrame({"x": [1, 2]})).tolist()
    [2, 4]
    >>> Doubler()
    <Doubler>
    """

    @abstractmethod
    def predict(
        self, features: "pd.DataFrame"
    ) -> "pd.DataFrame | pd.Series[Any] | npt.NDArray[Any]":
        """Predict every row.

        Parameters
        ----------
        features : DataFrame of shape (n_rows, n_features)
            The inputs of the model, with the key in the index. May have no rows.

        Returns
        -------
        DataFrame, Series or array with n_rows rows
            A frame has the column ``prediction``, and may have one ``probability_<class>`` a class
            and ``reason_<n>``. A Series or a one-dimensional array is the prediction. A text
            prediction is a category, or comes with its probabilities.

        Raises
        ------
        PredictorError
            If the model or its service fails.
        """

    # The members below are not abstract: a function of the features needs none of them.

    def load(self) -> None:
        """Get ready, for example by reading the model.

        Called before the first batch, and maybe again: the second call does nothing. By default
        there is nothing to do.
        """
        return

    @property
    def contract(self) -> "Contract | None":
        """What the features must look like; None accepts everything."""
        return None

    @property
    def model_id(self) -> str | None:
        """What identifies the model in every prediction's provenance; None if nothing does."""
        return None

    @property
    def model_version(self) -> str | None:
        """The version that people gave the model; None if there is none."""
        return None

    def compare_features(self, contract: "Contract") -> "list[FeatureFinding]":
        """Compare what the model takes with what a pipeline makes.

        Parameters
        ----------
        contract : Contract
            Of the pipeline's features, as ``Contract.infer`` reads it off some of them.

        Returns
        -------
        list of FeatureFinding
            What is missing, of another type or extra, the most important feature first; by default
            from the contract of the predictor, and nothing without one.
        """
        from dspipe.predictors._feature_findings import compare_contracts

        wanted = self.contract
        found = [] if wanted is None else compare_contracts(wanted, contract)
        return sorted(found, key=lambda finding: finding.order)

    def _repr_html_(self) -> str:
        displays = load_workshop("dspipe.displays", needed_by="The display of a predictor")
        drawn: str = displays.draw_predictor(self)
        return drawn

    def __repr__(self) -> str:
        """Name the predictor in one line."""
        return f"<{type(self).__name__}>"
