"""What a model is like, measured on its validation rows: impact of features, ROC, lift."""

from typing import Any

import numpy as np
from datarobot_service.stand_in.projects import Model, Project
from datarobot_service.stand_in.training import ASCENDING, measure, predict

N_BINS = 10


def compute_impact(project: Project, model: Model) -> list[dict[str, Any]]:
    """Measure how much worse the model gets when one feature's values are mixed up."""
    partition, chance = project.ready, np.random.default_rng(0)
    metric = project.metric
    sign = 1 if ASCENDING[metric] else -1
    worse: dict[str, float] = {}
    for name in partition.names:
        mixed = partition.validation.copy()
        mixed[name] = chance.permutation(mixed[name].to_numpy())
        part = type(partition)(
            partition.training, mixed, partition.target, partition.classes, partition.features
        )
        worse[name] = sign * (measure(part, model.fitted)[metric] - model.metrics[metric])
    largest = max(worse.values()) or 1.0
    return [
        {
            "featureName": name,
            "impactNormalized": value / largest,
            "impactUnnormalized": value,
            "redundantWith": None,
            "parentFeatureName": None,
        }
        for name, value in sorted(worse.items(), key=lambda item: -item[1])
    ]


def compute_roc(project: Project, model: Model) -> dict[str, Any]:
    """Count right and wrong answers at every threshold."""
    partition = project.ready
    scores = predict(partition, model.fitted, partition.validation)[:, 0]
    is_positive = (partition.truth == partition.classes[0]).to_numpy()
    thresholds = [2.0, *sorted(set(scores.tolist()), reverse=True)]
    points = [make_point(scores, is_positive, threshold) for threshold in thresholds]
    rates = [it["truePositiveRate"] - it["falsePositiveRate"] for it in points]
    return {
        "auc": model.metrics["AUC"],
        "kolmogorovSmirnovMetric": max(rates),
        "negativeClassPredictions": scores[~is_positive].tolist(),
        "positiveClassPredictions": scores[is_positive].tolist(),
        "rocPoints": points,
    }


def make_point(scores: Any, is_positive: Any, threshold: float) -> dict[str, float]:
    """Count right and wrong answers at one threshold."""
    said = scores >= threshold
    tp, fp = int((said & is_positive).sum()), int((said & ~is_positive).sum())
    fn, tn = int((~said & is_positive).sum()), int((~said & ~is_positive).sum())
    n = tp + fp + fn + tn
    precision, negative_precision = ratio(tp, tp + fp), ratio(tn, tn + fn)
    base = float(np.sqrt(float(tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))
    return {
        "accuracy": ratio(tp + tn, n),
        "f1Score": ratio(2 * tp, 2 * tp + fp + fn),
        "falseNegativeScore": fn,
        "trueNegativeScore": tn,
        "truePositiveScore": tp,
        "falsePositiveScore": fp,
        "trueNegativeRate": ratio(tn, tn + fp),
        "falsePositiveRate": ratio(fp, tn + fp),
        "truePositiveRate": ratio(tp, tp + fn),
        "matthewsCorrelationCoefficient": ratio(tp * tn - fp * fn, base),
        "positivePredictiveValue": precision,
        "negativePredictiveValue": negative_precision,
        "threshold": threshold,
        "fractionPredictedAsPositive": ratio(tp + fp, n),
        "fractionPredictedAsNegative": ratio(tn + fn, n),
        "liftPositive": ratio(precision, ratio(tp + fn, n)),
        "liftNegative": ratio(negative_precision, ratio(tn + fp, n)),
    }


def ratio(part: float, whole: float) -> float:
    """Divide; nothing of nothing is nothing."""
    return part / whole if whole else 0.0


def compute_lift(project: Project, model: Model) -> dict[str, Any]:
    """Compare means of predictions and of the truth, from low to high."""
    partition = project.ready
    found = predict(partition, model.fitted, partition.validation)
    truth = partition.truth.to_numpy()
    if partition.classes:
        found, truth = found[:, 0], (truth == partition.classes[0]).astype(float)
    bins = np.array_split(np.argsort(found, kind="stable"), N_BINS)
    return {
        "bins": [
            {
                "actual": float(truth[rows].mean()),
                "predicted": float(found[rows].mean()),
                "binWeight": float(len(rows)),
            }
            for rows in bins
            if len(rows)
        ]
    }
