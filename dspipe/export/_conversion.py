"""Walk through a model step by step: each step is converted by the function for its class."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from dspipe.errors import ExportError
from dspipe.export._graph import Graph
from dspipe.export._tables import Table, join

Transform = Callable[["Conversion", Any, Table], Table]
Respond = Callable[["Conversion", Any, Table, str], str]


class Conversion:
    """The conversion of one model: its graph, and the step that is being converted.

    Parameters
    ----------
    transforms : mapping of str to callable
        For each class of transformers, what writes its `transform`.
    responses : mapping of str to callable
        For each class of models, what writes its `predict_proba`, `decision_function` or `predict`
        as a tensor of doubles with two dimensions.
    """

    def __init__(
        self, transforms: Mapping[str, Transform], responses: Mapping[str, Respond]
    ) -> None:
        self.graph = Graph()
        self._transforms = transforms
        self._responses = responses
        self._path: list[str] = []
        self._guarded: list[str] = []

    def transform(self, step: Any, table: Table) -> Table:
        """Write what a transformer does to columns."""
        if step is None or step == "passthrough":
            return table
        transform: Transform = self._find(self._transforms, step)
        return transform(self, step, table)

    def respond(self, model: Any, table: Table, method: str) -> str:
        """Write what a method of a model gives for rows."""
        respond: Respond = self._find(self._responses, model)
        return respond(self, model, table, method)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Remember the name of the step that is being converted."""
        self._path.append(name)
        try:
            yield
        finally:
            self._path.pop()

    def numbers(self, table: Table, step: Any) -> str:
        """Join columns for a step that takes numbers alone."""
        texts = [cells.name or "?" for cells in table if cells.is_text]
        if texts:
            raise self.refuse(step, f"it is given text in '{texts[0]}', and takes numbers")
        return join(self.graph, table)

    def refuse_nulls(self, numbers: str) -> None:
        """Make the answer of the model a null where these numbers have one.

        A step that takes no nulls fails in scikit-learn, but nodes of ONNX calculate on, and a
        later step might take the null for a value. The predictor refuses an answer that is null.
        """
        if numbers not in self._guarded:
            self._guarded.append(numbers)

    def finish(self, answer: str) -> str:
        """Give the answer with all that must not be null seen to."""
        graph = self.graph
        for numbers in self._guarded:
            zeros = graph.add("Mul", numbers, graph.constant(0.0))
            nothing = graph.add("ReduceSum", zeros, graph.constant([1], "int64"), keepdims=1)
            answer = graph.add("Add", answer, nothing)
        return answer

    def refuse(self, step: Any, reason: str) -> ExportError:
        """Make the error that names a step and why it cannot be converted."""
        where = f"The step '{'.'.join(self._path)}'" if self._path else "The model"
        return ExportError(
            f"{where} ({type(step).__name__}) cannot be converted to ONNX: {reason}. Keep the "
            "model as it is, with SklearnPredictor, or train it with another step in that place."
        )

    def _find(self, known: Mapping[str, Any], step: Any) -> Any:
        name = type(step).__name__
        if name in known and type(step).__module__.startswith("sklearn."):
            return known[name]
        raise self.refuse(step, f"dspipe converts {_enumerate(sorted(known))} in that place")


def _enumerate(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
