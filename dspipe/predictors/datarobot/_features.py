"""What a deployment says of its features, and how it differs from what a pipeline makes."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dspipe.predictors._feature_findings import FeatureFinding

if TYPE_CHECKING:
    from dspipe._contract import Contract

# Which kinds of a contract DataRobot reads as its types; others than these are not judged.
_KINDS = {
    "Numeric": {"integer", "number", "boolean"},
    "Boolean": {"boolean", "integer", "number", "text", "category"},
    "Categorical": {"text", "category", "boolean", "integer", "number"},
    "Text": {"text", "category"},
    "Date": {"date", "datetime", "text"},
    "Time": {"duration", "text"},
}


def compare(features: Sequence[dict[str, Any]], contract: "Contract") -> list[FeatureFinding]:
    """Compare the features of a deployment with those of a contract, the most important first."""
    columns = {column.name: column for column in contract.columns}
    known = {str(feature.get("name")): feature for feature in features}
    found = []
    for name, feature in known.items():
        importance, type_ = feature.get("importance"), str(feature.get("featureType"))
        if name not in columns:
            found.append(FeatureFinding("missing", name, f"the model takes {type_}", importance))
            continue
        kind = columns[name].value_kind
        if kind not in _KINDS.get(type_, {kind}):
            problem = f"it is {columns[name].dtype}, where the model takes {type_}"
            found.append(FeatureFinding("wrong_type", name, problem, importance))
    found += [
        FeatureFinding("extra", name, "the model does not use it")
        for name in columns
        if name not in known
    ]
    return sorted(found, key=lambda finding: finding.order)
