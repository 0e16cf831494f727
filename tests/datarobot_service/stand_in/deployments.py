"""Deployments: a model with a name, its features, and what the service may do with it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["dedicated", "serverless", "portable"]
Label = str | int | float
SERVER_ID = "64a0000000000000000000b1"
ENVIRONMENTS: dict[Kind, tuple[str, str, str]] = {
    "dedicated": ("64a0000000000000000000b2", "Prediction server", "datarobot"),
    "serverless": ("64a0000000000000000000b3", "Serverless", "datarobotServerless"),
}
SETTINGS: dict[str, Any] = {
    "targetDrift": {"enabled": True},
    "featureDrift": {"enabled": True},
    "associationId": {"columnNames": [], "requiredInPredictionRequests": False},
    "predictionIntervals": {"enabled": False, "percentiles": []},
    "predictionsDataCollection": {"enabled": True},
}


@dataclass(frozen=True)
class Feature:
    """One input of a model.

    Attributes
    ----------
    name : str
    type : str
        DataRobot's word for it: ``Numeric``, ``Categorical``, ``Text``, ``Date``, ``Boolean``.
    importance : float
        Between 0 and 1.
    """

    name: str
    type: str = "Numeric"
    importance: float = 1.0


@dataclass(eq=False)
class Deployment:
    """One model that can be asked.

    Attributes
    ----------
    model : scikit-learn estimator or callable
        A callable takes the frame of features and gives one value a row, or one probability a
        class and row in the order of `classes`.
    classes : tuple of labels
        Empty for a regression; of a binary model the positive class comes first.
    features : tuple of Feature
    approval : str
        What stands in every answer.
    cold_requests : int
        How many requests are answered with 503 before the deployment is awake.
    explanations : set of str
        Which of ``xemp`` and ``shap`` it can give.
    baseline : mapping of str to value
        The row that explanations compare with.
    outliers : (float, float) or None
        Predictions of a regression outside of this range are warned of.
    status : str
        ``active`` or ``inactive``.
    permissions : list of str
    settings : dict
        As of the route of that name.
    tracked : dict of str to number or list of probabilities
        What was predicted, by association id; nothing while the settings name no column for it.
    actuals : dict of str to value
        What came true.
    n_scored_rows : int
        Rows scored, drift tracking or not.
    n_tracked_rows : int
        Rows that monitoring has seen.
    """

    id: str
    label: str
    model: Any
    target: str
    kind: Kind
    classes: tuple[Label, ...]
    features: tuple[Feature, ...]
    threshold: float = 0.5
    approval: str = "APPROVED"
    cold_requests: int = 0
    explanations: frozenset[str] = frozenset({"xemp", "shap"})
    baseline: Mapping[str, Any] = field(default_factory=dict)
    outliers: tuple[float, float] | None = None
    model_id: str = "64a0000000000000000000a1"
    status: str = "active"
    permissions: list[str] = field(default_factory=lambda: ["CAN_VIEW", "CAN_MAKE_PREDICTIONS"])
    settings: dict[str, Any] = field(default_factory=lambda: dict(SETTINGS))
    tracked: dict[str, Any] = field(default_factory=dict)
    actuals: dict[str, Any] = field(default_factory=dict)
    n_scored_rows: int = 0
    n_tracked_rows: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def target_type(self) -> str:
        """DataRobot's word for the task."""
        return {0: "Regression", 2: "Binary"}.get(len(self.classes), "Multiclass")

    @property
    def names(self) -> list[str]:
        """Names of the features, in order."""
        return [feature.name for feature in self.features]

    @property
    def association(self) -> str | None:
        """The column whose values join predictions and outcomes."""
        names: list[str] = self.settings["associationId"]["columnNames"]
        return names[0] if names else None

    def count_rows(self, n_rows: int, *, is_tracked: bool = True) -> None:
        """Add to what was scored."""
        with self.lock:
            self.n_scored_rows += n_rows
            self.n_tracked_rows += n_rows if is_tracked else 0

    def wake(self) -> bool:
        """Say whether the deployment is awake; asking wakes it."""
        with self.lock:
            self.cold_requests -= 1
            return self.cold_requests < 0

    def describe(self, url: str, key: str) -> dict[str, Any]:
        """Describe it as the API does."""
        return {
            "id": self.id,
            "label": self.label,
            "description": None,
            "status": self.status,
            "importance": "LOW",
            "createdAt": "2026-01-01T00:00:00.000000Z",
            "approvalStatus": self.approval,
            "defaultPredictionServer": describe_server(url, key)
            if self.kind == "dedicated"
            else None,
            "model": {
                "id": self.model_id,
                "type": "Light Gradient Boosted Trees",
                "targetName": self.target,
                "targetType": self.target_type,
                "projectId": "64a0000000000000000000c1",
                "projectName": self.label,
            },
            "modelPackage": {
                "id": "64a000000000000000000091",
                "name": f"{self.label} v1",
                "registeredModelId": "64a000000000000000000092",
            },
            "predictionUsage": {"dailyRates": [0.0] * 7, "lastTimestamp": None},
            "permissions": self.permissions,
            "serviceHealth": make_health("unknown"),
            "modelHealth": make_health("unknown"),
            "accuracyHealth": make_health("unavailable"),
            "governance": {"approvalStatus": self.approval, "hasOpenedChangeRequests": False},
            "owners": {"count": 1, "preview": []},
            "predictionEnvironment": describe_environment(self.kind),
            "creator": {"id": "u"},
            "tags": [],
        }


def describe_server(url: str, key: str) -> dict[str, str]:
    """Describe the prediction server; the key's name has a hyphen."""
    return {"id": SERVER_ID, "url": url, "datarobot-key": key}


def describe_environment(kind: Kind) -> dict[str, Any]:
    """Describe the environment that a deployment lives in."""
    environment_id, name, platform = ENVIRONMENTS.get(kind, ENVIRONMENTS["dedicated"])
    return {
        "id": environment_id,
        "name": name,
        "platform": platform,
        "isManagedByManagementAgent": False,
        "plugin": None,
        "supportedModelFormats": ["datarobot", "customModel"],
    }


def make_health(status: str) -> dict[str, Any]:
    """Say how something is."""
    return {"status": status, "startDate": None, "endDate": None}


def make_features(model: Any, features: Mapping[str, str] | Sequence[str] | None) -> list[Feature]:
    """List features from their names, from names with types, or from what a model was fitted on."""
    if features is None:
        features = list(model.feature_names_in_)
    if not isinstance(features, Mapping):
        features = dict.fromkeys(features, "Numeric")
    n_features = len(features)
    return [
        Feature(str(name), type_, round(1.0 - i / n_features, 4))
        for i, (name, type_) in enumerate(features.items())
    ]


def make_classes(model: Any, classes: Sequence[Label] | None) -> tuple[Label, ...]:
    """List the classes; a binary model that was fitted has its positive class last."""
    if classes is not None:
        return tuple(classes)
    known = getattr(model, "classes_", ())
    labels = [label.item() if hasattr(label, "item") else label for label in known]
    labels = [str(label) if isinstance(label, bool) else label for label in labels]
    return tuple(reversed(labels)) if len(labels) == 2 else tuple(labels)
