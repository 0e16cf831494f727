"""Predictors: features in, predictions out. Each is imported when it is first named.

`SklearnPredictor` scores with a model folder that `save_sklearn` wrote, `MockPredictor` with
made-up answers. Your own predictor subclasses `Predictor`; an installed package can offer one under
the entry point group ``dspipe.predictors``, for `load_predictor`.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.predictors._base import Predictor
    from dspipe.predictors._entry_points import load_predictor
    from dspipe.predictors._mock import MockPredictor
    from dspipe.predictors._save_sklearn import save_sklearn
    from dspipe.predictors._sklearn import SklearnPredictor

__all__ = ["MockPredictor", "Predictor", "SklearnPredictor", "load_predictor", "save_sklearn"]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "MockPredictor": "dspipe.predictors._mock",
        "Predictor": "dspipe.predictors._base",
        "SklearnPredictor": "dspipe.predictors._sklearn",
        "load_predictor": "dspipe.predictors._entry_points",
        "save_sklearn": "dspipe.predictors._save_sklearn",
    },
)
