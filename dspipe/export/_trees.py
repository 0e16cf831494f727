"""Trees: every kind of scikit-learn's becomes one ensemble of ONNX on doubles, split for split.

Thresholds stay the doubles that they are, so no row changes sides at a split. Models that compare
in single precision (all but histogram gradient boosting) have their inputs rounded to it first, as
scikit-learn does. Splits by category become splits by membership in a set.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from dspipe.export._graph import Graph

_LESS_OR_EQUAL, _MEMBER, _SUM = 0, 6, 1
_N_BITS = 32


@dataclass(frozen=True)
class Tree:
    """One tree; node 0 is its root, and what is said of splits has no meaning in leaves.

    Attributes
    ----------
    is_leaf, missing_left : array of bool
    feature, left, right : array of int
    threshold : array of float
        Rows at most this go left.
    sets : mapping of int to list of float
        For nodes that split by category, the categories that go left.
    value : array of float
        What a leaf adds.
    target : int
        To which output it adds.
    """

    is_leaf: "npt.NDArray[np.bool_]"
    missing_left: "npt.NDArray[np.bool_]"
    feature: "npt.NDArray[Any]"
    left: "npt.NDArray[Any]"
    right: "npt.NDArray[Any]"
    threshold: "npt.NDArray[Any]"
    sets: dict[int, list[float]]
    value: "npt.NDArray[Any]"
    target: int


def read_boosting_tree(predictor: Any, target: int) -> Tree:
    """Read a tree of histogram gradient boosting."""
    nodes = predictor.nodes
    by_category = np.flatnonzero(nodes["is_categorical"] & ~nodes["is_leaf"].astype(bool))
    bits = predictor.raw_left_cat_bitsets
    return Tree(
        is_leaf=nodes["is_leaf"].astype(bool),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        feature=nodes["feature_idx"],
        left=nodes["left"],
        right=nodes["right"],
        threshold=nodes["num_threshold"],
        sets={int(node): _read_bits(bits[nodes["bitset_idx"][node]]) for node in by_category},
        value=nodes["value"],
        target=target,
    )


def read_tree(tree: Any, values: "npt.NDArray[Any]", target: int) -> Tree:
    """Read any other tree, with what its leaves shall add."""
    return Tree(
        is_leaf=tree.children_left == -1,
        missing_left=tree.missing_go_to_left.astype(bool),
        feature=tree.feature,
        left=tree.children_left,
        right=tree.children_right,
        threshold=tree.threshold,
        sets={},
        value=values,
        target=target,
    )


def to_single(graph: "Graph", numbers: str) -> str:
    """Round doubles to single precision, as trees that compare in it are given them."""
    narrow = graph.add("Cast", numbers, to=1)  # FLOAT
    return graph.add("Cast", narrow, to=11)  # DOUBLE


def add_trees(graph: "Graph", numbers: str, trees: Iterable[Tree], n_targets: int) -> str:
    """Write trees as one node that sums their leaves."""
    parts: dict[str, list[Any]] = {name: [] for name in _PARTS}
    for tree in trees:
        _append(parts, tree)
    return graph.add(
        "TreeEnsemble",
        numbers,
        n_targets=n_targets,
        aggregate_function=_SUM,
        post_transform=0,
        nodes_modes=np.array(parts.pop("nodes_modes"), dtype=np.uint8),
        nodes_splits=np.array(parts.pop("nodes_splits"), dtype=np.float64),
        leaf_weights=np.array(parts.pop("leaf_weights"), dtype=np.float64),
        **_sets(parts.pop("membership_values")),
        **parts,
    )


_PARTS = (
    "tree_roots", "nodes_featureids", "nodes_modes", "nodes_splits", "nodes_truenodeids",
    "nodes_trueleafs", "nodes_falsenodeids", "nodes_falseleafs", "nodes_missing_value_tracks_true",
    "leaf_targetids", "leaf_weights", "membership_values",
)  # fmt: skip


def _sets(values: list[float]) -> dict[str, Any]:
    return {"membership_values": np.array(values, dtype=np.float64)} if values else {}


def _append(parts: dict[str, list[Any]], tree: Tree) -> None:
    """Add a tree: its inner nodes and its leaves are numbered after those that are there."""
    first_node, first_leaf = len(parts["nodes_modes"]), len(parts["leaf_weights"])
    leaf_number = first_leaf + np.cumsum(tree.is_leaf) - 1
    node_number = first_node + np.cumsum(~tree.is_leaf) - 1
    number = np.where(tree.is_leaf, leaf_number, node_number)
    parts["tree_roots"].append(first_node)
    leaves, inner = np.flatnonzero(tree.is_leaf), np.flatnonzero(~tree.is_leaf)
    parts["leaf_weights"].extend(tree.value[leaves].tolist())
    parts["leaf_targetids"].extend([tree.target] * len(leaves))
    if not len(inner):
        _append_stump(parts, first_leaf)
        return
    left, right = tree.left[inner], tree.right[inner]
    parts["nodes_featureids"].extend(tree.feature[inner].tolist())
    parts["nodes_truenodeids"].extend(number[left].tolist())
    parts["nodes_trueleafs"].extend(tree.is_leaf[left].astype(int).tolist())
    parts["nodes_falsenodeids"].extend(number[right].tolist())
    parts["nodes_falseleafs"].extend(tree.is_leaf[right].astype(int).tolist())
    parts["nodes_missing_value_tracks_true"].extend(tree.missing_left[inner].astype(int).tolist())
    _append_splits(parts, tree, inner)


def _append_splits(parts: dict[str, list[Any]], tree: Tree, inner: "npt.NDArray[Any]") -> None:
    is_set = [int(node) in tree.sets for node in inner]
    parts["nodes_modes"].extend(_MEMBER if found else _LESS_OR_EQUAL for found in is_set)
    parts["nodes_splits"].extend(np.where(is_set, 0.0, tree.threshold[inner]).tolist())
    for node in inner[is_set]:
        parts["membership_values"].extend([*tree.sets[int(node)], float("nan")])  # NaN ends a set


def _append_stump(parts: dict[str, list[Any]], leaf: int) -> None:
    """Write a tree that is one leaf, as a split with the same leaf on both sides."""
    for name in ("nodes_featureids", "nodes_modes", "nodes_splits"):
        parts[name].append(0)
    for name in ("nodes_truenodeids", "nodes_falsenodeids"):
        parts[name].append(leaf)
    for name in ("nodes_trueleafs", "nodes_falseleafs"):
        parts[name].append(1)
    parts["nodes_missing_value_tracks_true"].append(0)


def _read_bits(words: "npt.NDArray[Any]") -> list[float]:
    """Give the numbers whose bits are set."""
    return [
        float(place * _N_BITS + bit)
        for place, word in enumerate(words.tolist())
        for bit in range(_N_BITS)
        if word >> bit & 1
    ]
