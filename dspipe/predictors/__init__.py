"""Predictors: features in, predictions out. Each is imported when it is first named.

`SklearnPredictor` scores with a model folder that `save_sklearn` wrote, `OnnxPredictor` with one
that `dspipe export onnx` made of it, `MockPredictor` with
made-up answers, `DataRobotPredictor` and `HttpPredictor` by asking a service. Your own predictor
subclasses `Predictor`; an installed package can offer one under the entry point group
``dspipe.predictors``, for `load_predictor`.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe._remote._retry import RequestLimits
    from dspipe.predictors._base import Predictor
    from dspipe.predictors._entry_points import load_predictor
    from dspipe.predictors._feature_findings import FeatureFinding
    from dspipe.predictors._http import HttpPredictor
    from dspipe.predictors._mock import MockPredictor
    from dspipe.predictors._onnx import OnnxPredictor
    from dspipe.predictors._save_sklearn import save_sklearn
    from dspipe.predictors._sklearn import SklearnPredictor
    from dspipe.predictors.datarobot._predictor import DataRobotPredictor
    from dspipe.predictors.datarobot._service import Explanations

__all__ = [
    "DataRobotPredictor",
    "Explanations",
    "FeatureFinding",
    "HttpPredictor",
    "MockPredictor",
    "OnnxPredictor",
    "Predictor",
    "RequestLimits",
    "SklearnPredictor",
    "load_predictor",
    "save_sklearn",
]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "DataRobotPredictor": "dspipe.predictors.datarobot._predictor",
        "Explanations": "dspipe.predictors.datarobot._service",
        "FeatureFinding": "dspipe.predictors._feature_findings",
        "HttpPredictor": "dspipe.predictors._http",
        "MockPredictor": "dspipe.predictors._mock",
        "OnnxPredictor": "dspipe.predictors._onnx",
        "Predictor": "dspipe.predictors._base",
        "RequestLimits": "dspipe._remote._retry",
        "SklearnPredictor": "dspipe.predictors._sklearn",
        "load_predictor": "dspipe.predictors._entry_points",
        "save_sklearn": "dspipe.predictors._save_sklearn",
    },
)
