"""Signatures of stages: their faults as sentences, and who asks for which argument."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import pytest

from dspipe._signature import (
    REQUIRED,
    Parameter,
    find_faults,
    find_unknown_arguments,
    read_descriptions,
    read_parameters,
    select_arguments,
)

if TYPE_CHECKING:
    from decimal import Decimal


class Shop:
    """A class whose own names its annotations use."""

    class Day(date):
        """A day of sale."""

    def extract(self, day: "Day", other: "list[date] | None" = None) -> "Decimal | None":
        """Read.

        Parameters
        ----------
        day : date
            Day of sale,
            local time.

        Returns
        -------
        Decimal
            Nothing.
        """


def _all_well(self: Any, day: date, *, n: int = 1) -> None: ...
def _no_type(self: Any, day, carrier=None) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001
def _stars(self: Any, *days: date, **more: Any) -> None: ...
def _slash(self: Any, day: date, /) -> None: ...
def _hidden(self: Any, price: "Decimal") -> None: ...
def _garbled(self: Any, day: "date[") -> None: ...  # type: ignore[valid-type]  # noqa: F722
def _no_self() -> None: ...
async def _slow(self: Any) -> None: ...


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (_all_well, []),
        (
            _no_type,
            [
                "extract has a parameter 'day' without a type. Write one, such as day: date.",
                "extract has a parameter 'carrier' without a type. "
                "Write one, such as carrier: date.",
            ],
        ),
        (
            _stars,
            [
                "extract takes *days. Name every parameter, each with its type.",
                "extract takes **more. Name every parameter, each with its type.",
            ],
        ),
        (
            _slash,
            [
                "extract takes 'day' by position only, and arguments are given by name. "
                "Remove the '/'."
            ],
        ),
        (
            _hidden,
            [
                "extract has a parameter 'price' of type Decimal, but 'Decimal' is not known when "
                "the class is defined. Import or define it above the class, at the top level and "
                "outside 'if TYPE_CHECKING'."
            ],
        ),
        (_no_self, ["extract has no 'self'. Write: def extract(self, ...)."]),
        (_slow, ["extract is asynchronous. Write def instead of async def."]),
        (3, ["extract is not a method. Write: def extract(self, ...)."]),
        (
            staticmethod(_all_well),
            ["extract is a staticmethod. Make it a method: def extract(self, ...)."],
        ),
    ],
)
def test_find_faults_tells_each_fault_when_extract_is_wrong(
    method: object, expected: list[str]
) -> None:
    """Every fault of extract is one finished sentence."""
    assert find_faults("extract", method) == expected


def test_find_faults_quotes_text_when_annotation_cannot_be_read() -> None:
    """An annotation that is no Python is shown with what Python says of it."""
    (fault,) = find_faults("extract", _garbled)

    assert fault.startswith(
        "extract has a parameter 'day' whose type 'date[' cannot be read (SyntaxError: "
    )


def test_find_faults_says_nothing_when_types_are_names_of_class() -> None:
    """Annotations see the namespace of their class; that of the return value is not read."""
    assert find_faults("extract", Shop.extract, owner=Shop) == []


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("predict", "predict takes no features. Write: def predict(self, features, ...)."),
        (
            "Shop.postprocess",
            "Shop.postprocess takes no data. Write: def postprocess(self, data, ...).",
        ),
    ],
)
def test_find_faults_asks_for_data_when_stage_takes_none(stage: str, expected: str) -> None:
    """A stage beyond extract takes its data first."""

    def method(self: Any) -> None: ...

    assert find_faults(stage, method) == [expected]


def test_find_faults_refuses_slash_beyond_data_when_stage_asks_for_argument() -> None:
    """The data may be positional only; arguments may not."""

    def predict(self: Any, features: Any, day: date, /) -> None: ...

    assert find_faults("predict", predict) == [
        "predict takes 'day' by position only, and arguments are given by name. Remove the '/'."
    ]


def test_find_unknown_arguments_suggests_name_when_stage_misspells_it() -> None:
    """A stage may ask for the parameters of extract only; a default excuses it."""

    def predict(self: Any, features: Any, dya: date, n: int, more: int = 1) -> None: ...

    assert find_unknown_arguments("predict", predict, _all_well) == [
        "predict asks for 'dya', which is no parameter of extract. Did you mean 'day'?"
    ]


def test_find_unknown_arguments_says_nothing_when_extract_takes_any() -> None:
    """An extract with **arguments is another fault."""

    def predict(self: Any, features: Any, dya: date) -> None: ...

    assert find_unknown_arguments("predict", predict, _stars) == []


def test_read_parameters_resolves_types_and_descriptions_when_written_as_text() -> None:
    """Text annotations become types; descriptions come from the docstring."""
    assert read_parameters(Shop.extract, owner=Shop) == [
        Parameter("day", Shop.Day, REQUIRED, "Day of sale, local time."),
        Parameter("other", list[date] | None, None, None),
    ]


def test_read_parameters_keeps_metadata_when_annotated() -> None:
    """Constraints in Annotated survive."""

    def extract(self: Any, year: Annotated[int, "a year"]) -> None: ...

    assert read_parameters(extract)[0].annotation == Annotated[int, "a year"]


def test_read_descriptions_gives_both_when_names_share_entry() -> None:
    """One entry may describe several parameters; other sections are left out."""
    entries = "a, b : int\n    Both.\nc\n"
    text = f"Read.\n\nParameters\n----------\n{entries}\nNotes\n-----\nd : int\n    No.\n"

    assert read_descriptions(text) == {"a": "Both.", "b": "Both."}


class Stages:
    """Stages that ask for arguments in every way."""

    def one(self, data: Any, day: date, limit: int = 3) -> None:
        """Ask by name."""

    def every(self, data: Any, **arguments: Any) -> None:
        """Ask for all."""

    def only_data(self, data: Any) -> None:
        """Ask for nothing."""


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Stages().one, {"day": 1}),
        (Stages.one, {"day": 1}),
        (Stages().every, {"day": 1, "carrier": 2}),
        (Stages().only_data, {}),
    ],
)
def test_select_arguments_gives_what_stage_asks_for_when_bound_or_not(
    method: object, expected: dict[str, object]
) -> None:
    """A stage gets the arguments it names, all with **arguments, and its data never twice."""
    arguments = {"day": 1, "carrier": 2, "data": 3}

    assert select_arguments(method, arguments) == expected
    assert select_arguments(method, arguments) == expected
