"""Models made of models: pipelines, votes, stacks, and probabilities that were calibrated."""

from typing import TYPE_CHECKING, Any

import numpy as np

from dspipe.export._models import add_first_share
from dspipe.export._tables import Table, join, split

if TYPE_CHECKING:
    from dspipe.export._conversion import Conversion


def convert_pipeline(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write a pipeline that ends in a model."""
    for name, step in model.steps[:-1]:
        with conversion.step(name):
            table = conversion.transform(step, table)
    name, last = model.steps[-1]
    with conversion.step(name):
        return conversion.respond(last, table, method)


def convert_steps(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write a pipeline of transformers."""
    for name, part in step.steps:
        with conversion.step(name):
            table = conversion.transform(part, table)
    return table


def convert_vote(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write the weighted mean of what models say."""
    if getattr(model, "voting", "soft") == "hard":
        raise conversion.refuse(model, "it counts votes (voting='hard'); take voting='soft'")
    graph, weights = conversion.graph, _weights_of(model)
    total = ""
    for (name, _), part, weight in zip(_kept(model), model.estimators_, weights, strict=True):
        with conversion.step(name):
            said = conversion.respond(part, table, method)
        share = graph.add("Mul", said, graph.constant(weight))
        total = graph.add("Add", total, share) if total else share
    return total


def convert_stack(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write a stack: what models say is what the last one is given."""
    said: list[Any] = []
    n_classes = len(getattr(model, "classes_", ()))
    for (name, _), part, asked in zip(
        _kept(model), model.estimators_, model.stack_method_, strict=True
    ):
        with conversion.step(name):
            answer = conversion.respond(part, table, asked)
        width = 1 if asked == "predict" or (asked, n_classes) == ("decision_function", 2) else None
        columns = split(answer, width or n_classes)
        is_doubled = (asked, n_classes) == ("predict_proba", 2)
        said.extend(columns[1:] if is_doubled else columns)
    with conversion.step("final_estimator"):
        passed = table if model.passthrough else ()
        return conversion.respond(model.final_estimator_, (*said, *passed), method)


def convert_search(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write what a search found best."""
    with conversion.step("best_estimator_"):
        return conversion.respond(model.best_estimator_, table, method)


def convert_calibration(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write calibrated probabilities: the mean over the models of all folds."""
    if method != "predict_proba":
        raise conversion.refuse(model, f"it has no {method}")
    graph, total = conversion.graph, ""
    for fold in model.calibrated_classifiers_:
        with conversion.step("estimator"):
            shares = _calibrate(conversion, fold, table)
        total = graph.add("Add", total, shares) if total else shares
    return graph.add("Div", total, graph.constant(float(len(model.calibrated_classifiers_))))


def _calibrate(conversion: "Conversion", fold: Any, table: Table) -> str:
    graph, n_classes = conversion.graph, len(fold.classes)
    if fold.method not in _CURVES or len(fold.estimator.classes_) != n_classes:
        raise conversion.refuse(fold, f"its method is {fold.method!r}")
    has_decision = hasattr(fold.estimator, "decision_function")
    method = "decision_function" if has_decision else "predict_proba"
    said = conversion.respond(fold.estimator, table, method)
    is_binary = n_classes == 2  # noqa: PLR2004 - two classes
    columns = split(said, 1 if is_binary and has_decision else n_classes)
    if is_binary:
        column = join(graph, columns[-1:])
        return add_first_share(graph, _CURVES[fold.method](conversion, fold.calibrators[0], column))
    curves = [
        _CURVES[fold.method](conversion, calibrator, join(graph, (column,)))
        for calibrator, column in zip(fold.calibrators, columns, strict=True)
    ]
    return _share_out(conversion, graph.add("Concat", *curves, axis=1), n_classes)


def _share_out(conversion: "Conversion", parts: str, n_classes: int) -> str:
    """Divide by the sum; where all parts are zero, every class gets the same."""
    graph = conversion.graph
    total = graph.add("ReduceSum", parts, graph.constant([1], "int64"), keepdims=1)
    is_zero = graph.add("Equal", total, graph.constant(0.0))
    even = graph.constant(np.full((1, n_classes), 1 / n_classes))
    return graph.add("Where", is_zero, even, graph.add("Div", parts, total))


def _add_sigmoid(conversion: "Conversion", calibrator: Any, column: str) -> str:
    graph = conversion.graph
    steep = graph.add("Mul", column, graph.constant(-float(calibrator.a_)))
    return graph.add("Sigmoid", graph.add("Sub", steep, graph.constant(float(calibrator.b_))))


def _add_isotonic(conversion: "Conversion", calibrator: Any, column: str) -> str:
    """Write a line of straight pieces as a sum of ramps that rise from 0 to their height."""
    graph = conversion.graph
    places = np.asarray(calibrator.X_thresholds_, dtype=np.float64)
    heights = np.asarray(calibrator.y_thresholds_, dtype=np.float64)
    lengths, rises = np.diff(places), np.diff(heights)
    beyond = graph.add("Sub", column, graph.constant(places[:-1].reshape(1, -1)))
    part = graph.add("Div", beyond, graph.constant(lengths.reshape(1, -1)))
    ramps = graph.add("Clip", part, graph.constant(0.0), graph.constant(1.0))
    risen = graph.add("MatMul", ramps, graph.constant(rises.reshape(-1, 1)))
    return graph.add("Add", risen, graph.constant(heights[0]))


_CURVES = {"isotonic": _add_isotonic, "sigmoid": _add_sigmoid}


def _kept(model: Any) -> list[tuple[str, Any]]:
    return [(name, part) for name, part in model.estimators if part != "drop"]


def _weights_of(model: Any) -> list[float]:
    given = model.weights
    parts = model.estimators
    weights = [1.0] * len(parts) if given is None else [float(weight) for weight in given]
    kept = [w for w, (_, part) in zip(weights, parts, strict=True) if part != "drop"]
    return [weight / sum(kept) for weight in kept]
