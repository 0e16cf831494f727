"""A fitted scikit-learn model, asked for predictions in the form that all predictors answer in."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dspipe._text import quote_some
from dspipe.errors import ConfigurationError

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas as pd

# Models whose predict is, by scikit-learn's code, the class of the largest probability: their label
# needs no second pass over the rows. Others (support vectors, moved thresholds) may disagree.
_LABEL_IS_MOST_PROBABLE = frozenset({
    "BaggingClassifier", "CalibratedClassifierCV", "DecisionTreeClassifier", "ExtraTreeClassifier",
    "ExtraTreesClassifier", "GradientBoostingClassifier", "HistGradientBoostingClassifier",
    "LogisticRegression", "LogisticRegressionCV", "RandomForestClassifier",
})  # fmt: skip


@dataclass(frozen=True)
class FittedModel:
    """A model and the facts that decide how it is asked.

    Attributes
    ----------
    model : scikit-learn estimator
    names : tuple of str
        The inputs, in order.
    task : str
        regression, binary or multiclass.
    classes : array or None
        The class labels, in the order of the columns of ``predict_proba``.
    has_probability, takes_frame, label_is_most_probable : bool
    """

    model: Any
    names: tuple[str, ...]
    task: str
    classes: "npt.NDArray[Any] | None"
    has_probability: bool
    takes_frame: bool
    label_is_most_probable: bool

    @classmethod
    def from_model(cls, model: Any, names: tuple[str, ...]) -> "FittedModel":
        """Look at a model; refuse one that is not fitted, or does not predict one target."""
        task, classes = _find_task(model)
        return cls(
            model=model,
            names=names,
            task=task,
            classes=classes,
            has_probability=classes is not None and hasattr(model, "predict_proba"),
            takes_frame=getattr(model, "feature_names_in_", None) is not None,
            label_is_most_probable=_is_label_most_probable(model),
        )

    def predict(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Answer every row on the index of the features, which hold all `names`."""
        if not len(features):
            return self._answer_nothing(features)
        inputs = features if tuple(features.columns) == self.names else features[list(self.names)]
        given = inputs if self.takes_frame else inputs.to_numpy()
        if self.classes is None:
            return _make_frame({"prediction": _as_float(self.model.predict(given))}, features)
        if not self.has_probability:
            return _make_frame(
                {"prediction": self._as_category(self.model.predict(given))}, features
            )
        # One row a class: the passes over classes below are several times faster that way.
        by_class = self.model.predict_proba(given).T.copy()
        columns = {"prediction": self._label(given, by_class)}
        columns |= {f"probability_{label}": by_class[i] for i, label in enumerate(self.labels)}
        return _make_frame(columns, features)

    @property
    def labels(self) -> list[Any]:
        """The class labels as plain Python values."""
        return [] if self.classes is None else list(self.classes.tolist())

    def _label(self, given: Any, by_class: "npt.NDArray[Any]") -> Any:
        import pandas as pd

        if self.label_is_most_probable:
            is_best = by_class == by_class.max(axis=0)
            # Where two classes are equally probable, models break the tie in their own ways.
            if (is_best.sum(axis=0) == 1).all():
                # Taken from an array of pandas: text is then copied by Arrow, not object by object.
                return pd.Series(self.classes).array.take(is_best.argmax(axis=0))
        return self.model.predict(given)

    def _as_category(self, labels: "npt.NDArray[Any]") -> Any:
        import pandas as pd

        return pd.Categorical(labels, categories=self.labels)

    def _answer_nothing(self, features: "pd.DataFrame") -> "pd.DataFrame":
        """Make the answer to no rows, which scikit-learn refuses to give."""
        import numpy as np

        if self.classes is None:
            return _make_frame({"prediction": np.empty(0)}, features)
        if not self.has_probability:
            return _make_frame({"prediction": self._as_category(self.classes[:0])}, features)
        columns = {f"probability_{label}": np.empty(0) for label in self.labels}
        return _make_frame({"prediction": self.classes[:0], **columns}, features)


def _make_frame(columns: dict[str, Any], features: "pd.DataFrame") -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(columns, index=features.index, copy=False)


def _as_float(predictions: Any) -> "npt.NDArray[Any]":
    import numpy as np

    return np.asarray(predictions, dtype=np.float64).reshape(-1)


def _find_task(model: Any) -> "tuple[str, npt.NDArray[Any] | None]":
    from sklearn.base import is_classifier, is_regressor
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    name = type(model).__name__
    if not (hasattr(model, "fit") and (is_classifier(model) or is_regressor(model))):
        raise ConfigurationError(
            f"The model ({name}) is neither a classifier nor a regressor of scikit-learn. "
            "Give a fitted estimator, or a fitted Pipeline that ends in one."
        )
    try:
        check_is_fitted(model)
    except NotFittedError as error:
        raise ConfigurationError(
            f"The model ({name}) is not fitted. Call its fit before you save it."
        ) from error
    if not is_classifier(model):
        return "regression", None
    classes = model.classes_
    if isinstance(classes, list):
        raise ConfigurationError(
            f"The model ({name}) predicts {len(classes)} targets at once: its classes are "
            f"{quote_some(part.tolist() for part in classes)}. Train one model a target."
        )
    return ("binary" if len(classes) <= 2 else "multiclass"), classes  # noqa: PLR2004 - two classes


def _is_label_most_probable(model: Any) -> bool:
    last = model.steps[-1][1] if hasattr(model, "steps") else model
    return (
        type(last).__module__.startswith("sklearn.")
        and type(last).__name__ in _LABEL_IS_MOST_PROBABLE
    )
