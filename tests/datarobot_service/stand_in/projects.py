"""Projects: a table, a target, and the models that an autopilot has trained so far."""

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.messages import ApiError
from datarobot_service.stand_in.training import (
    ASCENDING,
    CANDIDATES,
    Blend,
    Partition,
    fit,
    make_partition,
    measure,
)

MODES = {"auto": 0, "manual": 2, "quick": 3, "comprehensive": 4}
FEATURE_LIST = "64a0000000000000000000fe"


@dataclass
class Model:
    """One line of a leaderboard.

    Attributes
    ----------
    id, name, family : str
    fitted : scikit-learn estimator
    metrics : dict of str to float
        On the validation rows.
    blends : list of str
        Models that it is the mean of.
    """

    id: str
    name: str
    family: str
    fitted: Any
    metrics: dict[str, float]
    blends: list[str] = field(default_factory=list)
    method: str = ""
    has_impact: bool = False


@dataclass
class Job:
    """One job of a project, such as a blend.

    Attributes
    ----------
    room : str
        ``jobs`` or ``modelJobs``.
    name : str
        What is done.
    location : str
        Where the result will be, below the root of the API.
    looks_left : int
        How often it is still running when it is looked at.
    """

    room: str
    name: str
    location: str
    looks_left: int


@dataclass
class Project:
    """One project.

    Attributes
    ----------
    id, name : str
    table : DataFrame
    partition : Partition or None
        None before there is a target.
    mode : str
    metric : str
        What the leaderboard goes by.
    waiting : list
        Candidates that are not trained yet.
    models : list of Model
    """

    id: str
    name: str
    table: pd.DataFrame
    partition: Partition | None = None
    mode: str = ""
    metric: str = ""
    waiting: list[Any] = field(default_factory=list)
    models: list[Model] = field(default_factory=list)
    jobs: list[Job] = field(default_factory=list)

    @property
    def ready(self) -> Partition:
        """The partition, which there must be."""
        if self.partition is None:
            raise ApiError(422, "The project has no target.")
        return self.partition

    @property
    def target_type(self) -> str:
        """DataRobot's word for the task."""
        return {0: "Regression", 2: "Binary"}.get(len(self.ready.classes), "Multiclass")

    def set_target(self, target: str, mode: str, metric: str | None) -> None:
        """Choose a target; every mode but the manual one has candidates to train."""
        if self.partition is not None:
            raise ApiError(422, {"target": "The target was chosen already."})
        if target not in self.table.columns:
            raise ApiError(422, {"target": f"There is no column {target}."})
        self.partition = make_partition(self.table, target)
        self.mode = mode
        self.metric = metric or ("LogLoss" if self.partition.classes else "RMSE")
        if mode != "manual":
            self.waiting = list(CANDIDATES[not self.partition.classes])

    def train_next(self, account: Account) -> None:
        """Train the next candidate, if one waits."""
        if not self.waiting:
            return
        name, family, make_model = self.waiting.pop(0)
        self.add(account, name, family, fit(self.ready, make_model))

    def add(self, account: Account, name: str, family: str, fitted: Any) -> Model:
        """Put a model on the leaderboard."""
        metrics = measure(self.ready, fitted)
        model = Model(account.ids.make(), name, family, fitted, metrics)
        self.models.append(model)
        return model

    def blend(self, account: Account, ids: list[str], method: str) -> Model:
        """Put the mean of some models on the leaderboard."""
        models = [self.find(model_id) for model_id in ids]
        fitted = Blend([model.fitted for model in models])
        blend = self.add(account, f"{method} Blender", "BLENDER", fitted)
        blend.blends, blend.method = ids, method
        return blend

    def find(self, model_id: str) -> Model:
        """Find a model."""
        for model in self.models:
            if model.id == model_id:
                return model
        raise ApiError(404, f"Model {model_id} cannot be found.")

    def sort(self, metric: str | None = None) -> list[Model]:
        """List the models, the best first."""
        wanted = (metric or self.metric).lstrip("-")
        if self.models and wanted not in self.models[0].metrics:
            raise ApiError(422, {"sortByMetric": f"{wanted} is no metric of the project."})
        sign = 1 if ASCENDING[wanted] else -1
        return sorted(self.models, key=lambda model: sign * model.metrics[wanted])

    def describe(self) -> dict[str, Any]:
        """Describe it as the API does."""
        described: dict[str, Any] = {
            "id": self.id,
            "projectName": self.name,
            "fileName": "data.csv",
            "stage": "modeling" if self.partition else "aim",
            "autopilotMode": MODES[self.mode] if self.mode else None,
            "created": "2026-01-01T00:00:00.000000Z",
            "target": None,
            "metric": self.metric or None,
            "targetType": None,
            "positiveClass": None,
            "maxTrainPct": 80.0,
            "maxTrainRows": int(len(self.table) * 0.8),
            "holdoutUnlocked": False,
            "unsupervisedMode": False,
            "useFeatureDiscovery": False,
            "catalogId": None,
            "catalogVersionId": None,
            "useCase": None,
        }
        if self.partition is not None:
            classes = self.partition.classes
            described["target"] = self.partition.target
            described["targetType"] = self.target_type
            described["positiveClass"] = classes[0] if len(classes) == 2 else None
        return described

    def describe_training(self, name: str) -> dict[str, Any]:
        """Describe a model that is being trained, beside its id and status."""
        return {
            "projectId": self.id,
            "processes": [name],
            "samplePct": 80.0,
            "modelType": name,
            "featurelistId": FEATURE_LIST,
            "modelCategory": "model",
            "blueprintId": f"{0:032x}",
            "isBlocked": False,
            "modelId": None,
        }

    def describe_model(self, model: Model) -> dict[str, Any]:
        """Describe a line of the leaderboard."""
        described: dict[str, Any] = {
            "id": model.id,
            "projectId": self.id,
            "modelType": model.name,
            "modelCategory": "blend" if model.blends else "model",
            "modelNumber": self.models.index(model) + 1,
            "modelFamily": model.family,
            "modelFamilyFullName": model.name,
            "blueprintId": f"{self.models.index(model):032x}",
            "metrics": {
                name: {"validation": value, "crossValidation": None, "holdout": None}
                for name, value in model.metrics.items()
            },
            "processes": [model.name],
            "featurelistName": "Informative Features",
            "featurelistId": FEATURE_LIST,
            "samplePct": 80.0,
            "trainingRowCount": len(self.ready.training),
            "isFrozen": False,
            "isStarred": False,
            "isTrainedIntoValidation": False,
            "isTrainedIntoHoldout": False,
            "predictionThreshold": 0.5 if len(self.ready.classes) == 2 else None,
            "predictionThresholdReadOnly": False,
            "supportsMonotonicConstraints": False,
            "supportsComposableMl": True,
        }
        if model.blends:
            described |= {"modelIds": model.blends, "blenderMethod": model.method}
        return described


def find_project(account: Account, project_id: str) -> Project:
    """Find a project."""
    if project_id not in account.projects:
        raise ApiError(404, f"Project {project_id} cannot be found.")
    found: Project = account.projects[project_id]
    return found
