"""The door to a run: the class that a data scientist writes, checked when it is defined."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from dspipe._definition import check_definition, check_options
from dspipe._extras import load_workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd

    from dspipe._records import BatchResult, OnBadRow, Preview, Run
    from dspipe.predictors import Predictor
    from dspipe.sources import Query


class PredictionPipeline(ABC):
    """One prediction, from the query to the answer.

    Write `extract`; write `postprocess` when SQL is not enough; set `predictor` or write
    `predict`. The class is checked when it is defined, and all that is wrong with it is said at
    once. A class that others build on and that is no pipeline yet is written ``class
    Base(PredictionPipeline, abstract=True)``.

    Rows keep their order and none is lost: every row that `extract` returns is in the predictions
    or among the rejected rows of the run. A pipeline holds no state of a run, so one object may
    serve many runs in turn.

    Parameters
    ----------
    predictor, batch_rows, on_bad_row
        Take the place of the class attributes for this object.

    Attributes
    ----------
    key : str or list of str
        The column, or columns, that name a row in every answer. Unique and not null within a run.
    predictor : Predictor or None, default=None
        Turns features into predictions.
    batch_rows : int or None, default=50_000
        Most rows that a stage sees at once; None for all rows, when `postprocess` needs the whole.
    on_bad_row : {"raise", "reject"}, default="raise"
        What happens to a row whose key, features or prediction is faulty: stop the run, or go on
        and list the row with its reason.

    Examples
    --------
    >>> import pandas as pd
    >>> from dspipe.predictors import MockPredictor
    >>> class Late(PredictionPipeline):
    ...     key = "flight"
    ...     predictor = MockPredictor(0.25)
    ...
    ...     def extract(self, n: int):
    ...         return pd.DataFrame({"flight": range(n), "distance": 100.0})
    >>> Late().run(n=2).predictions["prediction"].to_dict()
    {0: 0.25, 1: 0.25}
    """

    key: str | list[str] | tuple[str, ...]
    predictor: "Predictor | None" = None
    batch_rows: int | None = 50_000
    on_bad_row: "OnBadRow" = "raise"

    def __init_subclass__(cls, *, abstract: bool = False, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        check_definition(cls, PredictionPipeline, is_abstract=abstract)

    def __init__(self, **options: Any) -> None:
        check_options(type(self), options)
        for name, value in options.items():
            setattr(self, name, value)

    @abstractmethod
    def extract(self, *args: Any, **kwargs: Any) -> "Query | pd.DataFrame | Iterator[pd.DataFrame]":
        """Get the rows to score; its parameters are the arguments of the pipeline.

        Returns
        -------
        Query, DataFrame or iterator of DataFrame
            One row per prediction, with the key among its columns. A query is streamed in bounded
            memory.
        """

    # Not abstract: SQL alone is enough for most pipelines.
    def postprocess(self, data: "pd.DataFrame", *args: Any, **kwargs: Any) -> "pd.DataFrame":
        """Build features from extracted rows; by default they are the features.

        Parameters
        ----------
        data : DataFrame of shape (1 to batch_rows, n_columns)
            The stage's own copy: columns as extracted, the key among them, a RangeIndex.
        **kwargs
            Any parameter of `extract` that is named in the signature.

        Returns
        -------
        DataFrame
            One row per row of `data`. With the key columns, or the index, so that each row can be
            told.
        """
        del args, kwargs
        return data

    # Not abstract: the predictor does it.
    def predict(
        self, features: "pd.DataFrame", *args: Any, **kwargs: Any
    ) -> "pd.DataFrame | pd.Series[Any] | np.ndarray":
        """Predict; by default the predictor does.

        Parameters
        ----------
        features : DataFrame of shape (1 to batch_rows, n_features)
            The key in the index, the model's inputs as columns.
        **kwargs
            Any parameter of `extract` that is named in the signature.

        Returns
        -------
        DataFrame, Series or array
            One row per feature row: `prediction`, and `probability_<class>` for a classifier.
        """
        del args, kwargs
        if self.predictor is None:
            raise AssertionError("the runtime asks for a predictor before it predicts")
        return self.predictor.predict(features)

    def run(self, /, **arguments: Any) -> "Run":
        """Run the pipeline once.

        Parameters
        ----------
        **arguments
            The parameters of `extract`, checked and converted by their annotations.

        Returns
        -------
        Run
            Predictions indexed by the key, rejected rows, times and provenance.

        Raises
        ------
        ArgumentError
            If arguments are unknown, missing or of the wrong type.
        RunError
            If a stage fails. The user's own exceptions pass unchanged, with a note on stage, batch
            and rows.
        """
        from dspipe import _runtime

        return _runtime.run(self, arguments)

    def preview(self, n_rows: int = 5, /, **arguments: Any) -> "Preview":
        """Show the first rows after every stage; works without a predictor too."""
        from dspipe import _runtime

        return _runtime.preview(self, arguments, n_rows)

    def features(self, /, **arguments: Any) -> "pd.DataFrame":
        """Make the features of a run without predicting: what a model is trained on.

        Returns
        -------
        DataFrame of shape (n_rows, n_features)
            What `postprocess` made, the key in the index. No contract is applied, since a new
            model may come to have another. Rows with a null or repeated key are left out when
            `on_bad_row` is "reject".
        """
        from dspipe import _runtime

        return _runtime.features(self, arguments)

    def score(self, frame: "pd.DataFrame", /, **arguments: Any) -> "Run":
        """Score rows that are already there: all stages but `extract`.

        Parameters
        ----------
        frame : DataFrame
            Rows as `extract` would return them; the key is a column, or the index. Not modified.
        **arguments
            Needed only when `postprocess` or `predict` asks for some.
        """
        from dspipe import _runtime

        return _runtime.score(self, frame, arguments)

    def stream(self, /, **arguments: Any) -> "Iterator[BatchResult]":
        """Check the arguments, then yield the result of each batch, in bounded memory."""
        from dspipe import _runtime

        return _runtime.stream(self, arguments)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The key as a tuple of column names."""
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)

    @property
    def has_postprocess(self) -> bool:
        """Whether the class builds features in Python."""
        return type(self).postprocess is not PredictionPipeline.postprocess

    @property
    def has_predict(self) -> bool:
        """Whether the class predicts in its own way."""
        return type(self).predict is not PredictionPipeline.predict

    def _repr_html_(self) -> str:
        displays = load_workshop("dspipe.displays", needed_by="The display of a pipeline")
        drawn: str = displays.draw_pipeline(self)
        return drawn

    def __repr__(self) -> str:
        key = ", ".join(self.key_columns)
        return f"<{type(self).__name__}: key {key}, predictor {self.predictor!r}>"
