"""Parameters of a scoring request: those that exist, and what they may say."""

from collections.abc import Sequence
from dataclasses import dataclass

from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.messages import ApiError, Request

TIME_SERIES = (
    "forecastPoint",
    "predictionsStartDate",
    "predictionsEndDate",
    "relaxKnownInAdvanceFeaturesCheck",
)
NAMES = (
    "passthroughColumns",
    "passthroughColumnsSet",
    "maxExplanations",
    "maxCodes",
    "explanationAlgorithm",
    "thresholdHigh",
    "thresholdLow",
    "maxNgramExplanations",
    "explanationNumTopClasses",
    "explanationClassNames",
    "predictionWarningEnabled",
    "excludeAdjustedPredictions",
    *TIME_SERIES,
)


@dataclass(frozen=True)
class Parameters:
    """What a client wants beside the predictions.

    Attributes
    ----------
    passthrough : tuple of str, or None
        Columns to send back; None stands for all.
    algorithm : str
        ``xemp`` or ``shap``.
    n_explanations : int or None
        How many a row; None stands for all.
    high, low : float or None
        Only rows at or beyond are explained.
    top_classes : int
        How many classes of a multiclass model are explained, the most probable first.
    class_names : tuple of str
        Which classes are explained instead.
    has_warnings : bool
        Whether unusual predictions are marked.
    """

    passthrough: tuple[str, ...] | None = ()
    algorithm: str = "xemp"
    n_explanations: int | None = 0
    high: float | None = None
    low: float | None = None
    top_classes: int = 1
    class_names: tuple[str, ...] = ()
    has_warnings: bool = False


def read_parameters(request: Request, deployment: Deployment) -> Parameters:
    """Read the query of a request; what is unknown or impossible is refused."""
    request.check_query(*NAMES)
    for name in TIME_SERIES:
        if request.find(name) is not None:
            raise ApiError(422, f"'{name}': the deployment is no time series")
    algorithm = request.find("explanationAlgorithm") or "xemp"
    parameters = Parameters(
        passthrough=read_passthrough(request),
        algorithm=algorithm,
        n_explanations=read_n_explanations(request, algorithm),
        high=read_number(request, "thresholdHigh"),
        low=read_number(request, "thresholdLow"),
        top_classes=int(read_number(request, "explanationNumTopClasses") or 1),
        class_names=tuple(request.find_all("explanationClassNames")),
        has_warnings=read_flag(request, "predictionWarningEnabled"),
    )
    check_parameters(parameters, request, deployment)
    return parameters


def read_passthrough(request: Request) -> tuple[str, ...] | None:
    """Read which columns to send back."""
    names = request.find_all("passthroughColumns")
    wanted_set = request.find("passthroughColumnsSet")
    if wanted_set is not None and wanted_set != "all":
        raise ApiError(422, "'passthroughColumnsSet': value is not exactly 'all'")
    if wanted_set and names:
        raise ApiError(422, "'passthroughColumns' and 'passthroughColumnsSet' exclude each other")
    if "" in names:
        raise ApiError(422, "'passthroughColumns': blank value is not allowed")
    return None if wanted_set else tuple(names)


def read_n_explanations(request: Request, algorithm: str) -> int | None:
    """Read how many explanations a row gets: none by default of XEMP, all by default of SHAP."""
    if algorithm not in {"xemp", "shap"}:
        raise ApiError(422, "'explanationAlgorithm': value is not one of 'xemp', 'shap'")
    given = request.find("maxExplanations") or request.find("maxCodes") or "0"
    if given == "all" and algorithm == "shap":
        return None
    if not given.isdecimal():
        raise ApiError(422, "'maxExplanations': value can't be converted to int")
    return None if algorithm == "shap" and int(given) == 0 else int(given)


def read_number(request: Request, name: str) -> float | None:
    """Read a number."""
    given = request.find(name)
    try:
        return None if given is None else float(given)
    except ValueError as error:
        raise ApiError(422, f"'{name}': value can't be converted to float") from error


def read_flag(request: Request, name: str) -> bool:
    """Read a yes or no."""
    given = (request.find(name) or "false").lower()
    if given not in {"true", "false"}:
        raise ApiError(422, f"'{name}': value should be True or False")
    return given == "true"


def check_parameters(parameters: Parameters, request: Request, deployment: Deployment) -> None:
    """Refuse what the model cannot give."""
    is_wanted = parameters.n_explanations != 0
    if is_wanted and parameters.algorithm not in deployment.explanations:
        raise ApiError(
            422,
            f"Prediction explanations ({parameters.algorithm}) are not available for the "
            "deployment's model: they have not been initialized.",
        )
    if is_wanted and parameters.algorithm == "shap" and deployment.target_type == "Multiclass":
        raise ApiError(422, "SHAP explanations are not supported for multiclass models.")
    if parameters.has_warnings and deployment.target_type != "Regression":
        raise ApiError(422, "'predictionWarningEnabled': only regression models are supported")
    if request.find("explanationNumTopClasses") and parameters.class_names:
        raise ApiError(
            422, "'explanationNumTopClasses' and 'explanationClassNames' exclude each other"
        )
    check_classes(parameters.class_names, deployment)


def check_classes(names: Sequence[str], deployment: Deployment) -> None:
    """Refuse classes that the model does not know."""
    known = {str(label) for label in deployment.classes}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ApiError(422, f"'explanationClassNames': unknown classes {unknown}")
