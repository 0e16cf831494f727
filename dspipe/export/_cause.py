"""Which step of a pipeline makes the difference between a model and its export."""

from typing import TYPE_CHECKING, Any

import numpy as np

from dspipe.errors import ExportError
from dspipe.export._convert import convert_steps_only
from dspipe.predictors._onnx_model import OnnxModel

if TYPE_CHECKING:
    import pandas as pd

    from dspipe._contract import Contract


def find_cause(
    model: Any, contract: "Contract", frame: "pd.DataFrame", *, tolerance: float
) -> str | None:
    """Name the first step whose result differs; None where the model has no steps.

    The steps before the last are compared by what they make of the rows. When all of them agree,
    it is the last.
    """
    steps = getattr(model, "steps", [])
    for n_steps in range(1, len(steps)):
        expected = model[:n_steps].transform(frame)
        dense = expected.toarray() if hasattr(expected, "toarray") else np.asarray(expected)
        try:
            actual = _transform(model[:n_steps], contract, frame, dense.shape[1])
        except ExportError:  # text flows between these steps, which is no output of numbers
            continue
        apart = np.abs(dense.astype(np.float64) - actual)
        if np.nanmax(apart, initial=0.0) > tolerance:
            return _name(steps[n_steps - 1])
    return _name(steps[-1]) if steps else None


def _transform(steps: Any, contract: "Contract", frame: "pd.DataFrame", n_columns: int) -> Any:
    import onnxruntime as ort

    content = convert_steps_only(steps, contract, n_columns).SerializeToString()
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    model = OnnxModel.from_session(session, contract.columns, ())
    return session.run(None, model.make_inputs(frame))[0]


def _name(step: tuple[str, Any]) -> str:
    return f"'{step[0]}' ({type(step[1]).__name__})"
