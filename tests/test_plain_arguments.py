"""Checks made without pydantic: the same values and the same faults as with it."""

import enum
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from dspipe._argument_faults import translate_faults
from dspipe._arguments import arguments_model, check_arguments
from dspipe._plain_arguments import find_check
from dspipe._signature import REQUIRED, Parameter
from dspipe.errors import ArgumentError


class Season(enum.Enum):
    """Members of two types."""

    SUMMER = "s"
    WINTER = 2
    COLD = 2  # noqa: PIE796 - an alias


class Level(enum.IntEnum):
    """Whole numbers."""

    LOW = 1
    HIGH = 2


class Unit(enum.StrEnum):
    """Texts."""

    DAYS = "days"
    HOURS = "hours"


class Open(enum.Enum):
    """Finds members in a way of its own."""

    ANY = "any"

    @classmethod
    def _missing_(cls, value: object) -> "Open":
        return cls.ANY


class Empty(enum.Enum):
    """Has no member."""


LEAVES = st.sampled_from(
    [
        str,
        int,
        float,
        bool,
        date,
        datetime,
        Season,
        Level,
        Unit,
        Literal["a", 1],
        Literal[True, "x"],
    ]
)
KINDS = st.recursive(
    LEAVES,
    lambda inner: (
        inner.map(lambda kind: list[kind])  # type: ignore[valid-type]  # a type that was drawn
        | inner.map(lambda kind: kind | None)
        | st.lists(inner, min_size=2, max_size=3).map(lambda kinds: reduce(or_, kinds))
    ),
    max_leaves=3,
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.dates()
    | st.datetimes(timezones=st.just(UTC) | st.none())
    | st.sampled_from(
        ["2013-10-01", "2013-10-01T06:30:00Z", "7", "1.5", "true", "a", 1, "s", "days"]
    )
    | st.sampled_from([Season.WINTER, Level.LOW, Unit.HOURS, b"a", object])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=2), SCALARS)
NAMES = st.sampled_from(["day", "copy", "n"])


def make_class(kinds: dict[str, Any], defaults: dict[str, Any] | None = None) -> type:
    """Make a class whose extract has these parameters."""
    listed = sorted(kinds, key=lambda name: name in (defaults or {}))
    text = ", ".join(
        f"{name}: kinds['{name}']" + (f" = defaults['{name}']" if name in (defaults or {}) else "")
        for name in listed
    )
    names: dict[str, Any] = {"kinds": kinds, "defaults": defaults}
    exec(f"def extract(self, {text}): ...", names)  # noqa: S102 - a signature made of test data
    return type("Made", (), {"extract": names["extract"]})


def parameters_of(kinds: dict[str, Any], defaults: dict[str, Any] | None = None) -> list[Parameter]:
    """Describe parameters, those with a default last."""
    defaults = defaults or {}
    listed = sorted(kinds, key=lambda name: name in defaults)
    return [Parameter(name, kinds[name], defaults.get(name, REQUIRED), None) for name in listed]


def outcome(
    check: Callable[[dict[str, Any]], Any], values: dict[str, Any], names: list[str]
) -> Any:
    """Give values with their types, or the sentences of the faults."""
    try:
        checked = check(values)
    except ValidationError as error:
        fault = translate_faults("Made", names, values, error)
        return str(fault), fault.errors
    return [(name, describe(value)) for name, value in checked.items()]


def describe(value: object) -> Any:
    """Write a value so that equal texts mean equal values of equal types."""
    return (
        [describe(each) for each in value]
        if isinstance(value, list)
        else (type(value), repr(value))
    )


def check_by_model(cls: type) -> Callable[[dict[str, Any]], Any]:
    """Check with the pydantic model."""
    model = arguments_model(cls)
    names = {name: field.alias or name for name, field in model.__pydantic_fields__.items()}

    def check(values: dict[str, Any]) -> dict[str, Any]:
        checked = model.model_validate(values)
        return {alias: getattr(checked, name) for name, alias in names.items()}

    return check


@given(st.dictionaries(NAMES, KINDS, max_size=3), st.data())
def test_plain_check_gives_what_the_model_gives_for_any_value(
    kinds: dict[str, Any], data: st.DataObject
) -> None:
    """Both take the same values alike, and refuse the others with the same sentences."""
    values = data.draw(st.dictionaries(NAMES | st.just("odd"), VALUES, max_size=4))
    plain = find_check(parameters_of(kinds))

    assert plain is not None
    by_model = check_by_model(make_class(kinds))
    assert outcome(plain, values, list(kinds)) == outcome(by_model, values, list(kinds))


@given(st.dictionaries(NAMES, KINDS, min_size=1, max_size=3), st.data())
def test_plain_check_fills_in_the_defaults_that_the_model_fills_in(
    kinds: dict[str, Any], data: st.DataObject
) -> None:
    """A default is checked like a value; one that does not fit is left to the model to tell."""
    defaults = {
        name: data.draw(SCALARS.filter(lambda value: value is not object)) for name in kinds
    }
    plain = find_check(parameters_of(kinds, defaults))

    if plain is not None:
        by_model = check_by_model(make_class(kinds, defaults))
        assert outcome(plain, {}, list(kinds)) == outcome(by_model, {}, list(kinds))


def test_plain_check_never_shares_a_default_that_can_change() -> None:
    """A list that one run changes is not the next run's default."""
    check = find_check([Parameter("ids", list[int], [1], None)])
    assert check is not None

    check({})["ids"].append(2)

    assert check({}) == {"ids": [1]}


@pytest.mark.parametrize(
    "parameter",
    [
        Parameter("n", Annotated[int, Field(ge=1)], REQUIRED, None),
        Parameter("n", int, Field(3), None),
        Parameter("n", dict[str, int], REQUIRED, None),
        Parameter("n", list, REQUIRED, None),
        Parameter("n", list[dict[str, int]] | None, None, None),
        Parameter("n", Any, REQUIRED, None),
        Parameter("n", Literal[b"a"], REQUIRED, None),
        Parameter("n", Open, REQUIRED, None),
        Parameter("n", Empty, REQUIRED, None),
        Parameter("n", enum.Flag("F", "A B"), REQUIRED, None),
        Parameter("n", int, "x", None),
        Parameter("n", Optional["int"], None, None),
    ],
    ids=lambda parameter: f"{parameter.annotation}={parameter.default}",
)
def test_plain_check_leaves_to_pydantic_what_only_pydantic_knows(parameter: Parameter) -> None:
    """Limits, models, other containers, enums with ways of their own, and wrong defaults."""
    assert find_check([parameter]) is None


def test_arguments_of_plain_types_are_checked_without_importing_pydantic() -> None:
    """A cold start does not pay for what it does not use; a fault does not either."""
    code = """
import sys
from datetime import date
from typing import Literal
from dspipe import PredictionPipeline
from dspipe._arguments import check_arguments
from dspipe.errors import ArgumentError
class Late(PredictionPipeline):
    key = "id"
    def extract(self, day: date, carriers: list[str] | None = None, by: Literal["a"] = "a"): ...
print(check_arguments(Late, {"day": "2013-06-01"}))
try:
    check_arguments(Late, {"dya": 1})
except ArgumentError as error:
    print(error)
print("pydantic" in sys.modules)
"""

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [
        "{'day': datetime.date(2013, 6, 1), 'carriers': None, 'by': 'a'}",
        "Late got an unknown argument 'dya'. It takes: day, carriers, by. Did you mean 'day'?",
        "False",
    ]


def test_arguments_of_other_types_are_checked_by_the_model() -> None:
    """What is not plain works as it did."""
    made = make_class({"n": Annotated[int, Field(ge=1)]})

    assert check_arguments(made, {"n": "2"}) == {"n": 2}
    with pytest.raises(ArgumentError, match="greater than or equal to 1"):
        check_arguments(made, {"n": 0})
