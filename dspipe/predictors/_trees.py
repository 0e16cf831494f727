"""Check the node numbers of decision trees that came from a file.

The compiled code of scikit-learn follows a tree's node and feature numbers without checking them,
so a file with wrong numbers could make it read foreign memory or never end. A tree is sound when
every child comes after its parent and within the tree, and every feature is one of the model's.

Source: the reasons that skops gives beside its list of types not trusted by default
(``skops.io.exceptions``, version 0.16, read 2026-11).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from dspipe.errors import ModelFolderError


def check_trees(model: object, subject: str) -> None:
    """Refuse a model in which a decision tree has a node number that leads out of it."""
    for tree, owner in iter_trees(model):
        if not _is_sound(tree, owner):
            raise ModelFolderError(
                f"{subject} holds a decision tree whose nodes point outside of it, which "
                "scikit-learn never writes. The file was damaged, or made to do harm: do not use "
                "it. Save the model anew."
            )


def iter_trees(model: object) -> Iterator[tuple[Any, Any]]:
    """Find every tree in a model, each with the estimator that holds it."""
    seen: set[int] = set()
    waiting: list[tuple[Any, Any]] = [(model, None)]
    while waiting:
        part, owner = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if _is_tree(part):
            yield part, owner
            continue
        owner = part if hasattr(part, "n_features_in_") else owner
        waiting.extend((child, owner) for child in _children(part))


def _is_tree(part: object) -> bool:
    return type(part).__name__ in ("Tree", "TreePredictor") and type(part).__module__.startswith(
        "sklearn."
    )


def _children(part: Any) -> Iterable[object]:
    if isinstance(part, dict):
        return list(part.values())
    if isinstance(part, list | tuple | set | frozenset):
        return list(part)
    if getattr(getattr(part, "dtype", None), "kind", "") == "O" and hasattr(part, "ravel"):
        return list(part.ravel())
    return list(getattr(part, "__dict__", {}).values())


def _is_sound(tree: Any, owner: Any) -> bool:
    n_features = getattr(owner, "n_features_in_", 0)
    if type(tree).__name__ == "Tree":
        return _is_sound_tree(tree, n_features)
    return _is_sound_boosting_tree(tree, n_features, getattr(owner, "_bin_mapper", None))


def _is_sound_tree(tree: Any, n_features: int) -> bool:
    left, right, features = tree.children_left, tree.children_right, tree.feature
    inner = left != -1
    return bool(
        tree.node_count > 0
        and tree.value.size >= tree.node_count
        and _lead_onwards(left[inner], right[inner], inner)
        and ((features[inner] >= 0) & (features[inner] < n_features)).all()
    )


def _is_sound_boosting_tree(tree: Any, n_features: int, bins: Any) -> bool:
    nodes = tree.nodes
    inner = nodes["is_leaf"] == 0
    splits = nodes[inner]
    by_category = splits[splits["is_categorical"] == 1]
    return bool(
        len(nodes)
        and _lead_onwards(splits["left"], splits["right"], inner)
        and ((splits["feature_idx"] >= 0) & (splits["feature_idx"] < n_features)).all()
        and (by_category["bitset_idx"] < len(tree.raw_left_cat_bitsets)).all()
        and (not len(by_category) or bins.is_categorical_[by_category["feature_idx"]].all())
    )


def _lead_onwards(left: Any, right: Any, inner: Any) -> bool:
    """Say whether every child stands after its parent and within the tree."""
    parents, n_nodes = inner.nonzero()[0], len(inner)
    return all(((child > parents) & (child < n_nodes)).all() for child in (left, right))
