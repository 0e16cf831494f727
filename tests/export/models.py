"""Fitted models of many kinds, on features with every type and null that a model may be given."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

N_ROWS = 400
TEXTS, NUMBERS = ["carrier", "kind"], ["delay", "seats", "is_night", "narrow", "age"]
Targets = dict[str, Any]


def make_features() -> pd.DataFrame:
    """Make rows with nulls in numbers, text and categories; narrow numbers, integers, booleans."""
    rng = np.random.default_rng(1)
    columns = {
        "delay": rng.normal(size=N_ROWS),
        "seats": rng.integers(0, 50, N_ROWS),
        "carrier": rng.choice(["x", "y", "z", "rare"], N_ROWS, p=[0.4, 0.35, 0.2, 0.05]),
        "kind": pd.Categorical(rng.choice(["p", "q", "r"], N_ROWS)),
        "is_night": rng.random(N_ROWS) < 1 / 2,
        "narrow": rng.normal(size=N_ROWS).astype("float32"),
        "age": rng.integers(0, 9, N_ROWS).astype(float),
    }
    features = pd.DataFrame(columns, index=pd.RangeIndex(N_ROWS, name="id"))
    for name, step in (("delay", 7), ("carrier", 11), ("kind", 13), ("age", 17)):
        features.loc[features.index[::step], name] = None
    return features


def make_targets(features: pd.DataFrame) -> Targets:
    """Make a number to predict, two labels of text and three of integers."""
    noise = np.random.default_rng(2).normal(size=len(features)) * 0.3
    is_x, is_q = ((features[name] == value) * 1.0 for name, value in zip(TEXTS, "xq", strict=True))
    number = features["delay"].fillna(0) + is_x + features["seats"] / 25 + is_q + noise
    return {
        "number": number,
        "positive": np.exp(number),
        "two": np.where(number > 1.5, "late", "in time"),
        "three": np.digitize(number, [1, 2]),
    }


def ordinal() -> ColumnTransformer:
    """Make codes of text."""
    encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    return make_column_transformer((encode, TEXTS), remainder="passthrough")


def filled(encode: Any = None) -> ColumnTransformer:
    """Fill and scale numbers, and encode text."""
    numbers = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    texts = encode or OneHotEncoder(handle_unknown="ignore")
    return make_column_transformer((texts, TEXTS), (numbers, NUMBERS))


def boosting(**options: Any) -> HistGradientBoostingClassifier:
    """Make small gradient boosting."""
    return HistGradientBoostingClassifier(max_iter=6, random_state=0, **options)


def regressor(**options: Any) -> HistGradientBoostingRegressor:
    """Make small gradient boosting of numbers."""
    return HistGradientBoostingRegressor(max_iter=6, random_state=0, **options)


def forest(**options: Any) -> RandomForestClassifier:
    """Make a small forest."""
    return RandomForestClassifier(6, random_state=0, **options)


def rare() -> OneHotEncoder:
    """Make an encoder that puts rare categories together, and new ones with them."""
    return OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=40, drop="first")


def filled_text() -> Any:
    """Fill text before it is encoded."""
    often = SimpleImputer(strategy="most_frequent")
    return make_pipeline(often, OneHotEncoder(handle_unknown="ignore"))


def bins() -> ColumnTransformer:
    """Cut numbers into bins."""
    cut = KBinsDiscretizer(4, encode="ordinal", quantile_method="averaged_inverted_cdf")
    return make_column_transformer((cut, ["seats", "narrow"]))


def union() -> ColumnTransformer:
    """Take numbers as they are, and some function of them beside."""
    both = FeatureUnion([("as_is", "passthrough"), ("root", FunctionTransformer(np.log1p))])
    return make_column_transformer((both, ["seats"]), (RobustScaler(), [1]))


# How each model is made, and what it learns.
MODELS: dict[str, tuple[Callable[[], Any], str]] = {
    "boosting": (lambda: make_pipeline(ordinal(), boosting()), "two"),
    "boosting of three": (lambda: make_pipeline(ordinal(), boosting()), "three"),
    "boosting of numbers": (lambda: make_pipeline(ordinal(), regressor()), "number"),
    "boosting of counts": (lambda: make_pipeline(ordinal(), regressor(loss="poisson")), "positive"),
    "no split at all": (
        lambda: make_pipeline(ordinal(), boosting(min_samples_leaf=N_ROWS)),
        "two",
    ),
    "one tree": (lambda: make_pipeline(ordinal(), DecisionTreeClassifier(max_depth=3)), "two"),
    "own categories": (
        lambda: make_pipeline(ordinal(), boosting(categorical_features=[0, 1])),
        "two",
    ),
    "forest": (lambda: make_pipeline(filled(), forest()), "two"),
    "forest of three": (lambda: make_pipeline(filled(), forest(min_samples_leaf=4)), "three"),
    "forest of numbers": (lambda: make_pipeline(filled(), RandomForestRegressor(6)), "number"),
    "forest with nulls": (lambda: make_pipeline(ordinal(), ExtraTreesClassifier(6)), "two"),
    "exact boosting": (
        lambda: make_pipeline(filled(), GradientBoostingClassifier(n_estimators=6)),
        "three",
    ),
    "exact boosting without nulls": (
        lambda: make_pipeline(
            make_column_transformer((OneHotEncoder(), ["kind"]), ("passthrough", ["seats"])),
            GradientBoostingRegressor(n_estimators=6),
        ),
        "number",
    ),
    "logistic": (lambda: make_pipeline(filled(rare()), LogisticRegression()), "two"),
    "logistic that refuses": (
        lambda: make_pipeline(filled(OneHotEncoder()), LogisticRegression()),
        "three",
    ),
    "ridge": (lambda: make_pipeline(filled(TargetEncoder(cv=2)), Ridge()), "number"),
    "elastic": (
        lambda: make_pipeline(
            filled(filled_text()), MinMaxScaler(clip=True), "passthrough", ElasticNet(0.1)
        ),
        "number",
    ),
    "vectors": (lambda: make_pipeline(filled(), LinearSVC()), "three"),
    "two vectors": (lambda: make_pipeline(filled(), LinearSVC()), "two"),
    "bins": (lambda: make_pipeline(bins(), boosting()), "two"),
    "union": (lambda: make_pipeline(union(), Ridge()), "number"),
    "stack": (
        lambda: make_pipeline(
            filled(),
            StackingClassifier([("trees", forest()), ("line", LogisticRegression())], cv=2),
        ),
        "three",
    ),
    "stack of pipelines": (
        lambda: StackingClassifier(
            [
                ("trees", make_pipeline(ordinal(), boosting())),
                ("vectors", make_pipeline(filled(), LinearSVC())),
            ],
            cv=2,
        ),
        "two",
    ),
    "stack of numbers": (
        lambda: make_pipeline(
            filled(),
            StackingRegressor([("trees", regressor()), ("no", "drop")], cv=2, passthrough=True),
        ),
        "number",
    ),
    "vote": (
        lambda: make_pipeline(
            filled(),
            VotingClassifier(
                [("trees", boosting()), ("no", "drop"), ("line", LogisticRegression())],
                voting="soft",
                weights=[1, 5, 3],
            ),
        ),
        "two",
    ),
    "vote of numbers": (
        lambda: make_pipeline(
            filled(), VotingRegressor([("trees", regressor()), ("line", Ridge())])
        ),
        "number",
    ),
    "sigmoid": (
        lambda: make_pipeline(filled(), CalibratedClassifierCV(boosting(), cv=2)),
        "two",
    ),
    "sigmoid of three": (
        lambda: CalibratedClassifierCV(make_pipeline(ordinal(), boosting()), cv=2),
        "three",
    ),
    "isotonic": (
        lambda: make_pipeline(filled(), CalibratedClassifierCV(forest(), method="isotonic", cv=2)),
        "three",
    ),
    "isotonic of two": (
        lambda: make_pipeline(filled(), CalibratedClassifierCV(forest(), method="isotonic", cv=2)),
        "two",
    ),
    "search": (
        lambda: make_pipeline(filled(), GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2)),
        "number",
    ),
}
