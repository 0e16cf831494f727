"""Pipelines with stages swapped: rows in the place of the database, a predict that looks on."""

from collections.abc import Callable, Mapping
from copy import copy
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

from dspipe._pipeline import PredictionPipeline

if TYPE_CHECKING:
    import pandas as pd

Pipeline = TypeVar("Pipeline", bound=PredictionPipeline)


def with_rows(pipeline: Pipeline, rows: "pd.DataFrame") -> Pipeline:
    """Make the same pipeline with rows in the place of its source.

    Its `extract` checks the same arguments and then gives `rows`, whatever they say. So `run`,
    `preview` and `stream` work without a database.

    Parameters
    ----------
    pipeline : PredictionPipeline
        Not modified; its predictor and options are those of the new one too.
    rows : DataFrame
        What `extract` shall return: the key among its columns. Not modified.

    Returns
    -------
    PredictionPipeline
        Of a subclass with the same name.

    Examples
    --------
    >>> import pandas as pd
    >>> from dspipe import PredictionPipeline, sql
    >>> from dspipe.predictors import MockPredictor
    >>> class Late(PredictionPipeline):
    ...     key = "flight"
    ...     predictor = MockPredictor(0.25)
    ...
    ...     def extract(self, day: str):
    ...         return sql("select flight from flights where day = :day", day=day)
    >>> with_rows(Late(), pd.DataFrame({"flight": [7, 8]})).run(day="2013-06-01").arguments
    {'day': '2013-06-01'}
    """

    @wraps(type(pipeline).extract)
    def extract(self: PredictionPipeline, **arguments: object) -> "pd.DataFrame":
        del self, arguments
        return rows

    return swap_stages(pipeline, {"extract": extract})


def without_stages(pipeline: Pipeline) -> Pipeline:
    """Make a pipeline that only extracts: no predictor to load, no row refused."""
    made = swap_stages(
        pipeline,
        {"postprocess": PredictionPipeline.postprocess, "predict": PredictionPipeline.predict},
    )
    made.predictor, made.on_bad_row = None, "reject"
    return made


def collect_features(
    pipeline: PredictionPipeline, rows: "pd.DataFrame", arguments: Mapping[str, object]
) -> "pd.DataFrame":
    """Score rows, and give what reached `predict` after the contract, all batches joined."""
    import numpy as np
    import pandas as pd

    seen: list[pd.DataFrame] = []

    def predict(self: PredictionPipeline, features: pd.DataFrame) -> "np.ndarray":
        del self
        seen.append(features.copy())
        return np.zeros(len(features))

    swap_stages(pipeline, {"predict": predict}).score(rows, **arguments)
    return pd.concat(seen) if seen else pd.DataFrame()


def swap_stages(pipeline: Pipeline, stages: Mapping[str, Callable[..., Any]]) -> Pipeline:
    """Copy a pipeline, with these methods instead of its own."""
    cls = type(pipeline)
    made = copy(pipeline)
    # The module stays too: it tells where the pipeline's settings and its commit are.
    names = {"__module__": cls.__module__, "__qualname__": cls.__qualname__, "__doc__": cls.__doc__}
    made.__class__ = type(cls.__name__, (cls,), {**names, **stages})
    return made
