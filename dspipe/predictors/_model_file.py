"""Read and write a model's file; nothing is loaded that is not trusted.

skops builds only types that it is told to trust. What it trusts by itself is not enough for common
models, so the list below adds parts of scikit-learn that were found, by saving many estimators, to
be missing and that run no code of the file's choosing. Two of them, the trees, are left out by
skops for another reason: their compiled code follows stored node numbers without checking them.
They are trusted here because ``_trees`` checks those numbers after loading. Search trees of nearest
neighbours and splines have the same weakness and no such check; they are left to the user's
``trust``.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from dspipe._extras import load_extra
from dspipe._text import count
from dspipe.errors import ConfigurationError, ModelFolderError
from dspipe.predictors._folder import PICKLE_FILE
from dspipe.predictors._stable_file import make_stable
from dspipe.predictors._trees import check_trees

Trust = tuple[str, ...] | Literal["pickle"]

_KERNELS = (
    "ConstantKernel", "DotProduct", "ExpSineSquared", "Exponentiation", "Matern", "Product", "RBF",
    "RationalQuadratic", "Sum", "WhiteKernel",
)  # fmt: skip
_SCORES = ("chi2", "f_classif", "f_oneway", "f_regression", "r_regression")
_SPLITTERS = (
    "GroupKFold", "GroupShuffleSplit", "KFold", "LeaveOneOut", "RepeatedKFold",
    "RepeatedStratifiedKFold", "ShuffleSplit", "StratifiedGroupKFold", "StratifiedKFold",
    "StratifiedShuffleSplit", "TimeSeriesSplit",
)  # fmt: skip
TRUSTED_TYPES = (
    "functools.partial",
    "numpy.dtype",
    "numpy.mean",
    "sklearn._loss.loss.HalfTweedieLossIdentity",
    "sklearn.calibration._CalibratedClassifier",
    "sklearn.calibration._SigmoidCalibration",
    "sklearn.calibration._TemperatureScaling",
    "sklearn.compose._column_transformer.make_column_selector",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.feature_selection._mutual_info.mutual_info_classif",
    "sklearn.feature_selection._mutual_info.mutual_info_regression",
    *(f"sklearn.feature_selection._univariate_selection.{name}" for name in _SCORES),
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
    "sklearn.metrics._scorer._PassthroughScorer",
    *(f"sklearn.model_selection._split.{name}" for name in _SPLITTERS),
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
    "sklearn.tree._tree.Tree",
    "sklearn.utils._bunch.Bunch",
    "sklearn.utils.validation.check_array",
)


def check_trust(trust: Iterable[str] | str) -> Trust:
    """Read the option `trust`; a single text other than "pickle" is surely a forgotten comma."""
    if trust == "pickle":
        return "pickle"
    if isinstance(trust, str):
        raise ConfigurationError(
            f"trust is {trust!r}. It must be a tuple of type names, as in trust=({trust!r},), "
            'or trust="pickle".'
        )
    return tuple(trust)


def load_model(path: Path, trust: Trust) -> Any:
    """Load a model's file that is whole; see `SklearnPredictor` for `trust`."""
    if path.name == PICKLE_FILE:
        return _load_pickle(path, trust)
    skops_io = load_extra("skops.io", extra="sklearn", needed_by="SklearnPredictor")
    named = () if trust == "pickle" else trust
    check_untrusted(skops_io.get_untrusted_types(file=path), named, f"The model file {path}")
    try:
        model = skops_io.load(path, trusted=[*TRUSTED_TYPES, *named])
    except Exception as error:  # a type can fail to be built in any way
        raise ModelFolderError(
            f"The model file {path} cannot be loaded: {type(error).__name__}: {error}. Check that "
            "the packages of its types are installed, in the versions that its card names."
        ) from error
    check_trees(model, f"The model file {path}")
    return model


def check_untrusted(found: Iterable[str], trust: Trust, subject: str) -> None:
    """Refuse types that neither the built-in list nor the user trusts."""
    untrusted = sorted(set(found) - {*TRUSTED_TYPES, *trust})
    if untrusted:
        names = ", ".join(repr(name) for name in untrusted)
        raise ModelFolderError(
            f"{subject} holds {count(len(untrusted), 'type')} that dspipe does not trust: {names}. "
            "Loading a type runs its code. If you know where the file comes from, trust them by "
            f"name: trust=({names},)."
        )


def dump_model(model: object, path: Path) -> None:
    """Write a model's file, as skops or as a pickle by the file's name."""
    if path.name == PICKLE_FILE:
        load_extra("joblib", extra="sklearn", needed_by="save_sklearn").dump(model, path)
        return
    try:
        load_extra("skops.io", extra="sklearn", needed_by="save_sklearn").dump(model, path)
        make_stable(path)
    except Exception as error:  # skops refuses a type in several ways, and a type may refuse skops
        raise ConfigurationError(
            f"The model ({type(model).__name__}) cannot be saved with skops: "
            f"{type(error).__name__}: {error}. Leave that part out of the model, or pass "
            'trust="pickle" to save a pickle instead.'
        ) from error


def _load_pickle(path: Path, trust: Trust) -> Any:
    if trust != "pickle":
        raise ModelFolderError(
            f"The model file {path} is a pickle, and unpickling runs any code that it holds. "
            'Pass trust="pickle" if you made the file yourself, or save the model anew with '
            "save_sklearn, which writes no pickle by itself."
        )
    joblib = load_extra("joblib", extra="sklearn", needed_by="SklearnPredictor")
    try:
        return joblib.load(path)
    except Exception as error:  # unpickling runs any code, which fails in any way
        raise ModelFolderError(
            f"The model file {path} cannot be loaded: {type(error).__name__}: {error}. Check that "
            "the packages of its types are installed, in the versions that its card names."
        ) from error
