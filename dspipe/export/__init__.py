"""Export: a model in another form, accepted only when it answers as the original does.

`export_onnx` converts the model of a folder that `save_sklearn` wrote, compares it with the
original on real rows and on rows made to find a difference, and writes a folder for
`dspipe.predictors.OnnxPredictor`.
"""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.export._export import Export, export_onnx
    from dspipe.export._find_rows import find_rows
    from dspipe.export._verify import Comparison

__all__ = ["Comparison", "Export", "export_onnx", "find_rows"]

_ROOMS = {
    "_export": ["Export", "export_onnx"],
    "_find_rows": ["find_rows"],
    "_verify": ["Comparison"],
}

__getattr__, __dir__ = lazy_names(
    globals(),
    {name: f"dspipe.export.{room}" for room, names in _ROOMS.items() for name in names},
)
