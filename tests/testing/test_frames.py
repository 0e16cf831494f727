"""Frames drawn from a contract."""

from typing import Any

import pandas as pd
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from dspipe._contract import Contract
from dspipe.errors import ConfigurationError, ContractError
from dspipe.testing._frames import frames

TRAINED_ON = pd.DataFrame(
    {
        "hour": pd.Series([0, 23], dtype="int8"),
        "speed": [0.5, None],
        "light": pd.Series([1.5, 2.5], dtype="float32"),
        "carrier": ["UA", "B6"],
        "kind": pd.Categorical(["a", "b"]),
        "late": [True, False],
        "left": pd.Series(["2013-01-01", "2013-12-31"], dtype="datetime64[s]"),
        "zoned": pd.to_datetime(["2013-01-01", "2013-06-01"], utc=True).as_unit("us"),
        "taken": pd.to_timedelta(["1h", "2h"]),
        "notes": pd.Series([[1], None], dtype=object),
    }
)
CONTRACT = Contract.infer(TRAINED_ON)


def complaints(contract: Contract, frame: pd.DataFrame) -> int:
    """Count what a contract finds wrong, columns outside of it included."""
    extra = len(frame.columns.difference(list(contract.names)))
    try:
        conformed = contract.apply(frame)
    except ContractError:
        return 1 + extra
    return len(conformed.bad_rows) + len(conformed.warnings) + extra


@settings(max_examples=50)
@given(frames(CONTRACT, valid=True, max_rows=12))
def test_frames_fit_their_contract_when_they_are_valid(frame: pd.DataFrame) -> None:
    """A valid frame gives no bad row and no warning."""
    assert complaints(CONTRACT, frame) == 0
    assert frame.dtypes.equals(TRAINED_ON.dtypes)


@settings(max_examples=50)
@given(frames(CONTRACT, valid=False, max_rows=5))
def test_frames_break_their_contract_when_they_are_not_valid(frame: pd.DataFrame) -> None:
    """An invalid frame has something to find."""
    assert complaints(CONTRACT, frame) >= 1


@pytest.mark.parametrize("is_broken", [True, False])
def test_frames_are_of_both_sorts_when_nothing_is_said(*, is_broken: bool) -> None:
    """Valid and invalid frames are both drawn."""
    found: Any = find(
        frames(CONTRACT), lambda frame: (complaints(CONTRACT, frame) > 0) == is_broken
    )

    assert (complaints(CONTRACT, found) > 0) == is_broken


@given(st.data())
def test_frames_keep_to_the_number_of_rows(data: st.DataObject) -> None:
    """The number of rows is between the two limits."""
    frame = data.draw(frames(Contract.infer(TRAINED_ON[["hour"]]), min_rows=2, max_rows=3))

    assert 2 <= len(frame) <= 3


def test_frames_refuse_limits_when_no_number_of_rows_is_left() -> None:
    """Limits in the wrong order fail where they are written."""
    with pytest.raises(ConfigurationError) as caught:
        frames(CONTRACT, min_rows=5, max_rows=2)

    assert str(caught.value) == (
        "frames cannot draw between 5 and 2 rows. min_rows must be at least 0 and at most max_rows."
    )
