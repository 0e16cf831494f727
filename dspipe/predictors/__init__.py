"""Predictors: features in, predictions out. Each is imported when it is first named.

`SklearnPredictor` scores with a model folder that `save_sklearn` wrote, `MockPredictor` with
made-up answers. Your own predictor subclasses `Predictor`; an installed package can offer one under
the entry point group ``dspipe.predictors``, for `load_predictor`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dspipe.predictors._base import Predictor
    from dspipe.predictors._entry_points import load_predictor
    from dspipe.predictors._mock import MockPredictor
    from dspipe.predictors._save_sklearn import save_sklearn
    from dspipe.predictors._sklearn import SklearnPredictor

__all__ = ["MockPredictor", "Predictor", "SklearnPredictor", "load_predictor", "save_sklearn"]

_HOMES = {
    "MockPredictor": "_mock",
    "Predictor": "_base",
    "SklearnPredictor": "_sklearn",
    "load_predictor": "_entry_points",
    "save_sklearn": "_save_sklearn",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
