"""Models: what they answer for rows of numbers, as nodes of ONNX on doubles."""

from typing import TYPE_CHECKING, Any

import numpy as np

from dspipe.export._tables import Table
from dspipe.export._trees import add_trees, read_boosting_tree, read_tree, to_single

if TYPE_CHECKING:
    from dspipe.export._conversion import Conversion
    from dspipe.export._graph import Graph


def convert_boosting(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write histogram gradient boosting, its own categories included."""
    graph = conversion.graph
    if getattr(model, "_preprocessor", None) is not None:
        table = conversion.transform(model._preprocessor, table)  # noqa: SLF001 - no public name
    rounds = model._predictors  # noqa: SLF001 - the trees have no public name
    trees = [read_boosting_tree(tree, k) for trees in rounds for k, tree in enumerate(trees)]
    numbers, n_targets = conversion.numbers(table, model), model.n_trees_per_iteration_
    summed = add_trees(graph, numbers, trees, n_targets)
    base = model._baseline_prediction  # noqa: SLF001 - as above
    raw = graph.add("Add", summed, graph.constant(np.reshape(base, (1, n_targets))))
    if method == "predict":
        return _apply_link(conversion, model, raw)
    return raw if method == "decision_function" else to_shares(graph, raw, n_targets)


def convert_forest(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write one tree or a forest: the mean of its trees."""
    graph = conversion.graph
    trees = getattr(model, "estimators_", [model])
    if method == "decision_function":
        raise conversion.refuse(model, "it has no decision_function")
    numbers = to_single(graph, conversion.numbers(table, model))
    n_targets = 1 if method == "predict" else len(model.classes_)
    # For two classes the second share is enough; more need every tree once a class.
    targets = [n_targets - 1] if n_targets <= 2 else list(range(n_targets))  # noqa: PLR2004 - two
    read = [
        read_tree(tree.tree_, tree.tree_.value[:, 0, target] / len(trees), place)
        for tree in trees
        for place, target in enumerate(targets)
    ]
    summed = add_trees(graph, numbers, read, len(targets))
    return add_first_share(graph, summed) if n_targets == 2 else summed  # noqa: PLR2004 - two


def convert_gradient_boosting(
    conversion: "Conversion", model: Any, table: Table, method: str
) -> str:
    """Write gradient boosting of exact trees."""
    graph, n_targets = conversion.graph, model.estimators_.shape[1]
    base = _find_base(conversion, model)
    given = conversion.numbers(table, model)
    conversion.refuse_nulls(given)
    numbers = to_single(graph, given)
    trees = [
        read_tree(tree.tree_, tree.tree_.value[:, 0, 0] * model.learning_rate, target)
        for trees in model.estimators_
        for target, tree in enumerate(trees)
    ]
    summed = add_trees(graph, numbers, trees, n_targets)
    raw = graph.add("Add", summed, graph.constant(base))
    return to_shares(graph, raw, n_targets) if method == "predict_proba" else raw


def convert_linear(conversion: "Conversion", model: Any, table: Table, method: str) -> str:
    """Write a linear model: a regression, or the scores of a classification."""
    graph = conversion.graph
    coefficients = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    n_targets = len(coefficients)
    offsets = np.broadcast_to(np.asarray(model.intercept_, dtype=np.float64), (n_targets,))
    numbers = conversion.numbers(table, model)
    conversion.refuse_nulls(numbers)
    product = graph.add("MatMul", numbers, graph.constant(coefficients.T))
    scores = graph.add("Add", product, graph.constant(offsets.reshape(1, n_targets)))
    if method != "predict_proba":
        return scores
    if not type(model).__name__.startswith("LogisticRegression"):
        raise conversion.refuse(model, "its probabilities are not those of a logistic regression")
    return to_shares(graph, scores, n_targets)


def to_shares(graph: "Graph", raw: str, n_targets: int) -> str:
    """Make probabilities of scores: the logistic function for two classes, softmax for more."""
    if n_targets == 1:
        return add_first_share(graph, graph.add("Sigmoid", raw))
    return graph.add("Softmax", raw, axis=1)


def add_first_share(graph: "Graph", second: str) -> str:
    """Put the share of the first of two classes before that of the second."""
    first = graph.add("Sub", graph.constant(1.0), second)
    return graph.add("Concat", first, second, axis=1)


def _apply_link(conversion: "Conversion", model: Any, raw: str) -> str:
    link = type(model._loss.link).__name__  # noqa: SLF001 - the loss has no public name
    if link == "IdentityLink":
        return raw
    if link == "LogLink":
        return conversion.graph.add("Exp", raw)
    raise conversion.refuse(model, f"its loss has a {link}")


def _find_base(conversion: "Conversion", model: Any) -> Any:
    """Ask for what the trees are added to, which is the same for all rows."""
    if model.init not in (None, "zero"):
        raise conversion.refuse(model, "it begins with another model (init)")
    if getattr(model, "loss", "") == "exponential":
        raise conversion.refuse(model, "its loss is exponential")
    row = np.zeros((1, model.n_features_in_), dtype=np.float32)
    return model._raw_predict_init(row)  # noqa: SLF001 - no public name
