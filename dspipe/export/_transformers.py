"""Transformers: columns in, columns out."""

from typing import TYPE_CHECKING, Any

import numpy as np

from dspipe.export._tables import Cells, Table, single, split
from dspipe.predictors._onnx_inputs import NULL_TEXT

if TYPE_CHECKING:
    from dspipe.export._conversion import Conversion


def convert_columns(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write a column transformer: each of its parts takes the columns that it was fitted on."""
    made: dict[int, Cells] = {}
    for name, part, chosen in step.transformers_:
        places = step.output_indices_.get(name)
        if part == "drop" or places is None or places.start == places.stop:
            continue
        with conversion.step(name):
            taken = _choose(step, table, chosen)
            columns = conversion.transform(part, taken)
        made |= dict(zip(range(places.start, places.stop), columns, strict=True))
    return tuple(made[place] for place in sorted(made))


def convert_union(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write a union: every part takes all columns."""
    columns: list[Cells] = []
    for name, part in step.transformer_list:
        if part != "drop":
            with conversion.step(name):
                columns.extend(conversion.transform(part, table))
    return tuple(columns)


def convert_scaler(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write scalers that take something off and divide: standard, robust, by the largest."""
    graph, numbers = conversion.graph, conversion.numbers(table, step)
    if getattr(step, "clip", False):
        raise conversion.refuse(step, "it clips")
    centre = getattr(step, "mean_" if getattr(step, "with_mean", False) else "center_", None)
    if centre is not None:
        numbers = graph.add("Sub", numbers, graph.constant(np.reshape(centre, (1, -1))))
    if step.scale_ is not None:
        numbers = graph.add("Div", numbers, graph.constant(np.reshape(step.scale_, (1, -1))))
    return split(numbers, len(table))


def convert_range(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write the scaler that brings columns into a range."""
    graph, numbers = conversion.graph, conversion.numbers(table, step)
    numbers = graph.add("Mul", numbers, graph.constant(np.reshape(step.scale_, (1, -1))))
    numbers = graph.add("Add", numbers, graph.constant(np.reshape(step.min_, (1, -1))))
    if step.clip:
        low, high = (graph.constant(float(end)) for end in step.feature_range)
        numbers = graph.add("Clip", numbers, low, high)
    return split(numbers, len(table))


def convert_imputer(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write an imputer that puts one value a column in the place of nulls."""
    if not (isinstance(step.missing_values, float) and np.isnan(step.missing_values)):
        raise conversion.refuse(step, f"it fills {step.missing_values!r} instead of nulls")
    filled = [
        _fill(conversion, cells, value)
        for cells, value in zip(table, step.statistics_, strict=True)
        if step.keep_empty_features or not _is_nan(value)
    ]
    if step.indicator_ is not None:
        filled += [_mark(conversion, table[place]) for place in step.indicator_.features_]
    return tuple(filled)


def convert_function(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write a function of columns, as far as it is known: none, or a check that changes nothing."""
    function = getattr(step.func, "func", step.func)
    known: dict[Any, str] = {
        np.exp: "Exp", np.log: "Log", np.sqrt: "Sqrt", np.abs: "Abs", np.log1p: "Log",
    }  # fmt: skip
    if function is None or getattr(function, "__name__", "") == "check_array":
        return table
    if function not in known:
        name = getattr(function, "__name__", repr(function))
        raise conversion.refuse(step, f"its function {name} is Python, which ONNX cannot run")
    graph, numbers = conversion.graph, conversion.numbers(table, step)
    if function is np.log1p:
        numbers = graph.add("Add", numbers, graph.constant(1.0))
    return split(graph.add(known[function], numbers), len(table))


def convert_bins(conversion: "Conversion", step: Any, table: Table) -> Table:
    """Write a division into bins: the number of a value's bin is how many edges it reaches."""
    graph = conversion.graph
    if step.encode != "ordinal":
        raise conversion.refuse(step, f"it encodes its bins with {step.encode!r}, not 'ordinal'")
    conversion.refuse_nulls(conversion.numbers(table, step))
    made = []
    for cells, edges in zip(table, step.bin_edges_, strict=True):
        inner = graph.constant(np.reshape(edges[1:-1], (1, -1)))
        reached = graph.add("GreaterOrEqual", single(graph, cells), inner)
        ones = graph.add("Cast", reached, to=11)  # DOUBLE
        axis = graph.constant([1], "int64")
        made.append(Cells(graph.add("ReduceSum", ones, axis, keepdims=1)))
    return tuple(made)


def _choose(step: Any, table: Table, chosen: Any) -> Table:
    """Find the columns that a part takes: by name, by place, or by a mask or slice of them."""
    if isinstance(chosen, str):
        chosen = [chosen]
    numbers = np.arange(len(table))
    if isinstance(chosen, slice) and not isinstance(chosen.start or chosen.stop, str):
        return tuple(table[place] for place in numbers[chosen])
    places = list(chosen)
    if places and isinstance(places[0], str):
        names = list(step.feature_names_in_)
        return tuple(table[names.index(name)] for name in places)
    return tuple(table[place] for place in np.atleast_1d(numbers[np.asarray(chosen)]))


def _fill(conversion: "Conversion", cells: Cells, value: Any) -> Cells:
    graph, column = conversion.graph, single(conversion.graph, cells)
    is_null = _find_null(conversion, cells)
    given = graph.constant(value, object if cells.is_text else np.float64)
    return Cells(graph.add("Where", is_null, given, column), is_text=cells.is_text, name=cells.name)


def _mark(conversion: "Conversion", cells: Cells) -> Cells:
    return Cells(conversion.graph.add("Cast", _find_null(conversion, cells), to=11))  # DOUBLE


def _find_null(conversion: "Conversion", cells: Cells) -> str:
    graph, column = conversion.graph, single(conversion.graph, cells)
    if cells.is_text:
        return graph.add("Equal", column, graph.constant(NULL_TEXT, object))
    return graph.add("IsNaN", column)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and bool(np.isnan(value))
