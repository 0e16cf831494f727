"""Convert a fitted scikit-learn model to ONNX on doubles, columns of the contract in."""

from typing import TYPE_CHECKING, Any

from dspipe._contract_values import blank
from dspipe.errors import ExportError
from dspipe.export._conversion import Conversion, Respond, Transform
from dspipe.export._encoders import convert_encoder
from dspipe.export._ensembles import (
    convert_calibration,
    convert_pipeline,
    convert_search,
    convert_stack,
    convert_steps,
    convert_vote,
)
from dspipe.export._models import (
    convert_boosting,
    convert_forest,
    convert_gradient_boosting,
    convert_linear,
)
from dspipe.export._tables import Cells, Table
from dspipe.export._transformers import (
    convert_bins,
    convert_columns,
    convert_function,
    convert_imputer,
    convert_range,
    convert_scaler,
    convert_union,
)
from dspipe.predictors._onnx_inputs import is_number, is_text

if TYPE_CHECKING:
    from dspipe._contract import Contract
    from dspipe.predictors._fitted import FittedModel

_LINEAR = (
    "ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "HuberRegressor", "Lasso",
    "LassoCV", "LinearRegression", "LinearSVC", "LinearSVR", "LogisticRegression",
    "LogisticRegressionCV", "Perceptron", "Ridge", "RidgeCV", "RidgeClassifier",
    "RidgeClassifierCV", "SGDClassifier", "SGDRegressor",
)  # fmt: skip
_FORESTS = (
    "DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreesClassifier",
    "ExtraTreesRegressor", "RandomForestClassifier", "RandomForestRegressor",
)  # fmt: skip
_TRANSFORMS: dict[str, Transform] = {
    "ColumnTransformer": convert_columns,
    "FeatureUnion": convert_union,
    "FunctionTransformer": convert_function,
    "KBinsDiscretizer": convert_bins,
    "MaxAbsScaler": convert_scaler,
    "MinMaxScaler": convert_range,
    "OneHotEncoder": convert_encoder,
    "OrdinalEncoder": convert_encoder,
    "Pipeline": convert_steps,
    "RobustScaler": convert_scaler,
    "SimpleImputer": convert_imputer,
    "StandardScaler": convert_scaler,
    "TargetEncoder": convert_encoder,
}
_RESPONSES: dict[str, Respond] = {
    **dict.fromkeys(_LINEAR, convert_linear),
    **dict.fromkeys(_FORESTS, convert_forest),
    "CalibratedClassifierCV": convert_calibration,
    "GradientBoostingClassifier": convert_gradient_boosting,
    "GradientBoostingRegressor": convert_gradient_boosting,
    "GridSearchCV": convert_search,
    "HistGradientBoostingClassifier": convert_boosting,
    "HistGradientBoostingRegressor": convert_boosting,
    "Pipeline": convert_pipeline,
    "RandomizedSearchCV": convert_search,
    "StackingClassifier": convert_stack,
    "StackingRegressor": convert_stack,
    "VotingClassifier": convert_vote,
    "VotingRegressor": convert_vote,
}


def convert_model(fitted: "FittedModel", contract: "Contract") -> Any:
    """Convert a model; its inputs are the columns of the contract, by name.

    Returns
    -------
    onnx.ModelProto
        Whose output is ``prediction`` for a regression, ``probabilities`` or, where the model has
        none, ``scores`` for a classification.

    Raises
    ------
    ExportError
        If a step or a column cannot be converted.
    """
    conversion, table = _begin(contract)
    output, method, n_columns = _choose_output(fitted)
    answer = conversion.finish(conversion.respond(fitted.model, table, method))
    conversion.graph.add_output(answer, output, n_columns)
    facts = {"dspipe.task": fitted.task}
    if fitted.classes is not None:
        facts["dspipe.label_dtype"] = fitted.classes.dtype.str
    return conversion.graph.make_model(facts)


def convert_steps_only(steps: Any, contract: "Contract", n_columns: int) -> Any:
    """Convert transformers without a model after them, to see what they make of rows."""
    conversion, table = _begin(contract)
    numbers = conversion.numbers(conversion.transform(steps, table), steps)
    conversion.graph.add_output(numbers, "prediction", n_columns)
    return conversion.graph.make_model({})


def _begin(contract: "Contract") -> tuple[Conversion, Table]:
    conversion = Conversion(_TRANSFORMS, _RESPONSES)
    return conversion, tuple(_add_input(conversion, column) for column in contract.columns)


def _choose_output(fitted: "FittedModel") -> tuple[str, str, int]:
    if fitted.classes is None:
        return "prediction", "predict", 1
    if fitted.has_probability:
        return "probabilities", "predict_proba", len(fitted.classes)
    n_scores = 1 if fitted.task == "binary" else len(fitted.classes)
    return "scores", "decision_function", n_scores


def _add_input(conversion: Conversion, column: Any) -> Cells:
    if not (is_text(column) or is_number(column)):
        raise ExportError(
            f"The model takes the column '{column.name}', which holds {column.value_kind} values "
            f"({column.dtype}); an ONNX model takes numbers, booleans and text. Make numbers or "
            "text of it in postprocess, and train the model on them."
        )
    tensor = conversion.graph.add_input(column.name, is_text=is_text(column))
    null = blank(column.pandas_dtype, 1)[0] if column.kind == "text" else float("nan")
    return Cells(tensor, is_text=is_text(column), name=column.name, null=null)
