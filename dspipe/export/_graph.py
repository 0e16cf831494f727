"""The graph of an ONNX model while it is written: nodes, constants and names."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dspipe._extras import load_extra

# The oldest sets that have what is needed: TreeEnsemble on doubles, with sets of categories, came
# with the fifth of ai.onnx.ml.
OPSET, ML_OPSET, IR_VERSION = 21, 5, 10
_ML = "ai.onnx.ml"
_ML_NODES = frozenset({"LabelEncoder", "TreeEnsemble"})


class Graph:
    """Nodes of an ONNX graph, in the order in which they run."""

    def __init__(self) -> None:
        self._onnx = load_extra("onnx", extra="onnx-export", needed_by="dspipe export onnx")
        self._nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._constants: dict[tuple[str, tuple[int, ...], bytes], Any] = {}

    def add_input(self, name: str, *, is_text: bool) -> str:
        """Add an input of one column."""
        kind = self._onnx.TensorProto.STRING if is_text else self._onnx.TensorProto.DOUBLE
        info = self._onnx.helper.make_tensor_value_info(name, kind, ["rows", 1])
        self._inputs.append(info)
        return name

    def add_output(self, tensor: str, name: str, n_columns: int) -> None:
        """Make a tensor of doubles an output of the model."""
        kind = self._onnx.TensorProto.DOUBLE
        self._nodes.append(self._onnx.helper.make_node("Identity", [tensor], [name]))
        info = self._onnx.helper.make_tensor_value_info(name, kind, ["rows", n_columns])
        self._outputs.append(info)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node, and give the name of its one output."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        domain = _ML if kind in _ML_NODES else ""
        given = {key: self._attribute(value) for key, value in attributes.items()}
        node = self._onnx.helper.make_node(kind, list(inputs), [name], domain=domain, **given)
        self._nodes.append(node)
        return name

    def constant(self, value: Any, dtype: Any = np.float64) -> str:
        """Add a constant, once, and give its name."""
        array = np.ascontiguousarray(value, dtype=dtype)
        content = repr(array.tolist()).encode() if array.dtype == object else array.tobytes()
        key = (str(array.dtype), np.shape(value), content)
        if key not in self._constants:
            name = f"constant_{len(self._constants)}"
            made = self._onnx.numpy_helper.from_array(array.reshape(np.shape(value)), name)
            self._constants[key] = made
        return str(self._constants[key].name)

    def make_model(self, facts: Mapping[str, str]) -> Any:
        """Make the model, checked, with facts about it in its metadata."""
        helper = self._onnx.helper
        graph = helper.make_graph(
            self._nodes, "dspipe", self._inputs, self._outputs, list(self._constants.values())
        )
        sets = [helper.make_opsetid("", OPSET), helper.make_opsetid(_ML, ML_OPSET)]
        model = helper.make_model(graph, opset_imports=sets, producer_name="dspipe")
        model.ir_version = IR_VERSION
        helper.set_model_props(model, dict(facts))
        self._onnx.checker.check_model(model)
        return model

    def _attribute(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return self._onnx.numpy_helper.from_array(value)
        return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
