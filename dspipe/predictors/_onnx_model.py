"""An ONNX model that was loaded, asked for predictions in the form that all predictors answer in.

One row must be fast: asking a frame for a column costs many times what asking it for a cell does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dspipe.predictors._onnx_inputs import is_text, read_cells, read_column

if TYPE_CHECKING:
    import numpy.typing as npt

    from dspipe._contract import Column

_FEW_ROWS = 4  # up to here cells are read one by one
_NO_LINE = "out of data bounds"  # what ONNX Runtime says where a table has no line for a category


@dataclass(frozen=True)
class OnnxModel:
    """A session of ONNX Runtime, and the facts that decide how it is asked.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
    names : tuple of str
        The inputs, in order.
    texts : tuple of bool
        For each input, whether it is text.
    output : str
        prediction, probabilities or scores.
    labels : array of pandas or None
        The class labels in their own type, in the order of the probabilities.
    """

    session: Any
    names: tuple[str, ...]
    texts: tuple[bool, ...]
    output: str
    labels: Any

    @classmethod
    def from_session(
        cls, session: Any, columns: Sequence["Column"], classes: Sequence[Any]
    ) -> "OnnxModel":
        """Look at a session: what it takes, and what it answers."""
        dtype = session.get_modelmeta().custom_metadata_map.get("dspipe.label_dtype")
        return cls(
            session=session,
            names=tuple(column.name for column in columns),
            texts=tuple(is_text(column) for column in columns),
            output=session.get_outputs()[0].name,
            labels=pd.Series(np.array(classes, dtype=dtype)).array if classes else None,
        )

    def predict(self, features: pd.DataFrame) -> pd.DataFrame:
        """Answer every row on the index of the features, which hold all `names`."""
        answer = self._run(features) if len(features) else self._nothing
        columns = dict(enumerate(self._make_columns(answer)))
        frame = pd.DataFrame(columns, index=features.index, copy=False)
        frame.columns = self._answered.view()  # pandas takes longer to make names than to take them
        return frame

    def make_inputs(self, features: pd.DataFrame) -> dict[str, "npt.NDArray[Any]"]:
        """Make the tensors that the session takes."""
        if len(features) > _FEW_ROWS:
            return {
                name: read_column(features[name], is_text=text)
                for name, text in zip(self.names, self.texts, strict=True)
            }
        rows, at = range(len(features)), features.iat
        return {
            name: read_cells([at[row, place] for row in rows], is_text=text)
            for name, text, place in zip(
                self.names, self.texts, self._places(features), strict=True
            )
        }

    def _places(self, features: pd.DataFrame) -> Sequence[int]:
        given = features.columns.tolist()
        if given == self._names_list:
            return range(len(given))
        return [given.index(name) for name in self.names]

    def _run(self, features: pd.DataFrame) -> "npt.NDArray[Any]":
        try:
            answer: npt.NDArray[Any] = self.session.run(None, self.make_inputs(features))[0]
        except Exception as error:
            if _NO_LINE not in str(error):
                raise
            raise ValueError(_UNKNOWN) from error
        if np.isnan(answer).any():
            raise ValueError(_NO_NUMBER)
        return answer

    def _make_columns(self, answer: "npt.NDArray[Any]") -> list[Any]:
        if self.output == "prediction":
            return [answer[:, 0]]
        if self.output == "scores":
            return [self._choose(answer)]
        # One row a class: the passes over classes below are several times faster that way.
        by_class = answer.T.copy()
        return [self.labels.take(by_class.argmax(axis=0)), *by_class]

    def _choose(self, scores: "npt.NDArray[Any]") -> pd.Categorical:
        is_binary = scores.shape[1] == 1
        codes = (scores[:, 0] > 0).astype(int) if is_binary else scores.argmax(axis=1)
        return pd.Categorical.from_codes(codes, categories=self.labels.tolist())

    @cached_property
    def _names_list(self) -> list[str]:
        return list(self.names)

    @cached_property
    def _answered(self) -> "pd.Index[Any]":
        labels = self.labels.tolist() if self.output == "probabilities" else []
        return pd.Index(["prediction", *(f"probability_{label}" for label in labels)])

    @cached_property
    def _nothing(self) -> "npt.NDArray[Any]":
        """What the session would answer to no rows."""
        return np.empty((0, self.session.get_outputs()[0].shape[1]))


_NO_NUMBER = (
    "its answer is not a number in some rows: a column holds a null that no step of it takes."
)
_UNKNOWN = (
    "a column holds a category, or a null, that the encoder of the model does not know and was "
    "told "
    "to refuse."
)
