"""What a batch job may ask for: the keys of its body, and those of intake and output."""

from typing import Any

from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.messages import ApiError, Request
from datarobot_service.stand_in.parameters import Parameters

CLOUD = {"type", "url", "credentialId", "format"}
JDBC = {"type", "dataStoreId", "table", "schema", "catalog", "credentialId"}
INTAKE: dict[str, set[str]] = {
    "localFile": {"type", "multipart", "async"},
    "s3": CLOUD | {"endpointUrl"},
    "azure": CLOUD,
    "gcp": CLOUD,
    "jdbc": JDBC | {"query", "fetchSize"},
    "dataset": {"type", "datasetId", "datasetVersionId"},
}
OUTPUT: dict[str, set[str]] = {
    "localFile": {"type"},
    "s3": CLOUD | {"endpointUrl"},
    "azure": CLOUD,
    "gcp": CLOUD,
    "jdbc": JDBC | {"statementType", "updateColumns", "whereColumns", "createTableIfNotExists"},
}
REQUIRED = {
    "s3": {"url"},
    "azure": {"url"},
    "gcp": {"url"},
    "jdbc": {"dataStoreId"},
    "dataset": {"datasetId"},
}
STATEMENTS = {"insert", "update", "insert_update", "create_table", "createTable", "insertUpdate"}
KEYS = (
    "numConcurrent", "chunkSize", "maxExplanations", "maxNgramExplanations", "explanationAlgorithm",
    "explanationNumTopClasses", "explanationClassNames", "thresholdHigh", "thresholdLow",
    "predictionThreshold", "passthroughColumns", "passthroughColumnsSet",
    "includePredictionStatus", "skipDriftTracking", "predictionWarningEnabled",
    "predictionInstance", "columnNamesRemapping", "includeProbabilitiesClasses", "csvSettings",
    "abortOnError", "includeProbabilities", "explanationsMode",
)  # fmt: skip
ALLOWED = dict.fromkeys(KEYS, False) | {
    "deploymentId": True,
    "intakeSettings": True,
    "outputSettings": True,
}
CSV_SETTINGS = {"delimiter": ",", "quotechar": '"', "encoding": "utf-8"}


def read_spec(request: Request) -> dict[str, Any]:
    """Read what a job is to do, and add the defaults."""
    spec = request.read_json(ALLOWED)
    check_place("intakeSettings", spec["intakeSettings"], INTAKE)
    check_place("outputSettings", spec["outputSettings"], OUTPUT)
    if spec.get("passthroughColumns") and spec.get("passthroughColumnsSet"):
        raise ApiError(422, {"passthroughColumns": "excludes passthroughColumnsSet"})
    check_chunks(spec.get("chunkSize", "auto"))
    defaults = {"numConcurrent": 4, "chunkSize": "auto", "maxExplanations": 0}
    return defaults | spec | {"csvSettings": CSV_SETTINGS | spec.get("csvSettings", {})}


def check_place(name: str, place: Any, known: dict[str, set[str]]) -> None:
    """Refuse a place that does not exist, or is not described as it must be."""
    if not isinstance(place, dict) or place.get("type") not in known:
        raise ApiError(422, {name: f"type is not one of {sorted(known)}"})
    type_ = place["type"]
    unknown = sorted(place.keys() - known[type_])
    missing = sorted(REQUIRED.get(type_, set()) - place.keys())
    if unknown:
        raise ApiError(422, {name: {key: f"{key} is not allowed key" for key in unknown}})
    if missing:
        raise ApiError(422, {name: dict.fromkeys(missing, "is required")})
    if place.get("statementType", "insert") not in STATEMENTS:
        raise ApiError(422, {name: {"statementType": f"is not one of {sorted(STATEMENTS)}"}})


def check_chunks(size: object) -> None:
    """Refuse a size of chunks that is none."""
    if size not in {"auto", "fixed", "dynamic"} and not (isinstance(size, int) and size > 0):
        raise ApiError(422, {"chunkSize": "is not auto, fixed, dynamic or a number of bytes"})


def make_parameters(spec: dict[str, Any]) -> Parameters:
    """Say what a job wants beside the predictions, as a scoring request would."""
    algorithm = spec.get("explanationAlgorithm") or "xemp"
    n_explanations = spec["maxExplanations"]
    return Parameters(
        passthrough=None
        if spec.get("passthroughColumnsSet") == "all"
        else tuple(spec.get("passthroughColumns") or ()),
        algorithm=algorithm,
        n_explanations=None if n_explanations == "all" else int(n_explanations),
        high=spec.get("thresholdHigh"),
        low=spec.get("thresholdLow"),
        top_classes=int(spec.get("explanationNumTopClasses") or 1),
        class_names=tuple(spec.get("explanationClassNames") or ()),
        has_warnings=bool(spec.get("predictionWarningEnabled")),
    )


def choose_columns(
    spec: dict[str, Any], deployment: Deployment, columns: list[tuple[str, Any]]
) -> list[tuple[str, Any]]:
    """Leave out the probabilities that are not wanted, and rename."""
    wanted = spec.get("includeProbabilitiesClasses")
    unwanted = {
        f"{deployment.target}_{label}_PREDICTION"
        for label in deployment.classes
        if not spec.get("includeProbabilities", True)
        or (wanted is not None and str(label) not in [str(name) for name in wanted])
    }
    names = spec.get("columnNamesRemapping") or {}
    if isinstance(names, list):
        names = {pair["inputName"]: pair["outputName"] for pair in names}
    renamed = [(names.get(name, name), cells) for name, cells in columns if name not in unwanted]
    return [(name, cells) for name, cells in renamed if name is not None]
