"""Arguments: one model from the signature of extract, checked values out, sentences for faults."""

import warnings
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from dspipe._arguments import arguments_model, check_arguments, json_schema
from dspipe.errors import ArgumentError, PipelineDefinitionError


class Season(Enum):
    """A part of the year."""

    SUMMER = "s"
    WINTER = 2


class Window(BaseModel):
    """A span of days."""

    start: date
    n_days: int = 1


class Churn:
    """Tells whether a customer leaves."""

    def extract(  # noqa: PLR0913 - one parameter of every kind
        self,
        as_of: date,
        customer_id: int | None = None,
        *,
        top_n: Annotated[int, Field(ge=1, description="How many")] = 5,
        moment: datetime | None = None,
        share: float = 0.5,
        name: str = "x",
        late: bool = False,
        season: Season = Season.SUMMER,
        unit: Literal["days", 7] = "days",
        days: list[date] | None = None,
        window: Window | None = None,
        either: int | list[str] = 0,
    ) -> None:
        """Read customers.

        Parameters
        ----------
        as_of : date
            Day of the question.
        top_n : int
            Not this.
        """


class Clashes:
    """Parameters that pydantic wants for itself."""

    def extract(
        self, copy: int, json: int, schema: int, model_x: int, model_fields: int, _private: int
    ) -> None:
        """Read."""


def build(**annotations: Any) -> type:
    """Make a class whose extract has these parameters without defaults."""
    text = ", ".join(f"{name}: kinds['{name}']" for name in annotations)
    names: dict[str, Any] = {"kinds": annotations}
    exec(f"def extract(self, {text}): ...", names)  # noqa: S102 - a signature made of test data
    return type("Made", (), {"extract": names["extract"]})


def check(**given: object) -> dict[str, Any]:
    """Check arguments of Churn, the required one filled in."""
    return check_arguments(Churn, {"as_of": "2013-10-01", **given})


def test_check_arguments_gives_all_in_order_when_one_is_given() -> None:
    """Defaults fill in what was not given."""
    actual = check_arguments(Churn, {"as_of": date(2013, 10, 1)})

    assert actual == {
        "as_of": date(2013, 10, 1),
        "customer_id": None,
        "top_n": 5,
        "moment": None,
        "share": 0.5,
        "name": "x",
        "late": False,
        "season": Season.SUMMER,
        "unit": "days",
        "days": None,
        "window": None,
        "either": 0,
    }
    assert list(actual)[:3] == ["as_of", "customer_id", "top_n"]


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("as_of", "2013-10-02", date(2013, 10, 2)),
        ("as_of", pd.Timestamp("2013-10-02"), date(2013, 10, 2)),
        ("as_of", np.datetime64("2013-10-02"), date(2013, 10, 2)),
        ("customer_id", "7", 7),
        ("customer_id", np.int32(7), 7),
        ("moment", "2013-10-01T06:30:00", datetime(2013, 10, 1, 6, 30)),  # noqa: DTZ001 - no zone
        ("moment", "2013-10-01T06:30:00Z", datetime(2013, 10, 1, 6, 30, tzinfo=UTC)),
        (
            "moment",
            "2013-10-01T06:30:00+02:00",
            datetime(2013, 10, 1, 6, 30, tzinfo=timezone(timedelta(hours=2))),
        ),
        (
            "moment",
            pd.Timestamp("2013-10-01T06:30:00.123456789", tz="UTC"),
            datetime(2013, 10, 1, 6, 30, 0, 123456, tzinfo=UTC),
        ),
        (
            "moment",
            np.datetime64("2013-10-01T06:30:00", "ns"),
            datetime(2013, 10, 1, 6, 30),  # noqa: DTZ001 - no zone
        ),
        ("share", np.float32(0.25), 0.25),
        ("share", "0.25", 0.25),
        ("name", "007", "007"),
        ("name", np.str_("007"), "007"),
        ("late", "true", True),
        ("late", np.bool_(True), True),  # noqa: FBT003 - the value under test
        ("season", 2, Season.WINTER),
        ("season", Season.WINTER, Season.WINTER),
        ("unit", 7, 7),
        ("days", ["2013-10-01"], [date(2013, 10, 1)]),
        ("days", pd.Series(pd.to_datetime(["2013-10-01"])), [date(2013, 10, 1)]),
        ("days", pd.DatetimeIndex(["2013-10-01"]), [date(2013, 10, 1)]),
        ("days", np.array(["2013-10-01"], dtype="datetime64[ns]"), [date(2013, 10, 1)]),
        ("days", (pd.Timestamp("2013-10-01"),), [date(2013, 10, 1)]),
        ("window", {"start": "2013-10-01"}, Window(start=date(2013, 10, 1))),
        ("either", ["a"], ["a"]),
        ("customer_id", pd.NA, None),
        ("moment", pd.NaT, None),
    ],
)
def test_check_arguments_converts_value_when_form_is_known(
    name: str, given: object, expected: object
) -> None:
    """Python values, texts, JSON forms, numpy scalars and pandas timestamps mean the same."""
    actual = check(**{name: given})[name]

    assert actual == expected
    assert type(actual) is type(expected)


def test_check_arguments_names_close_match_when_name_is_misspelt() -> None:
    """A misspelt name is one fault, not an unknown argument and a missing one."""

    class ChurnPipeline:
        def extract(self, as_of: date, customer_id: int) -> None: ...

    with pytest.raises(ArgumentError) as caught:
        check_arguments(ChurnPipeline, {"as_of": "2013-10-01", "custmer_id": 1})

    expected = (
        "ChurnPipeline got an unknown argument 'custmer_id'. It takes: as_of, customer_id. "
        "Did you mean 'customer_id'?"
    )
    assert str(caught.value) == expected
    assert caught.value.errors == ({"argument": "custmer_id", "problem": expected},)


def test_check_arguments_lists_all_faults_when_several_are_wrong() -> None:
    """Each fault is one line of the message and one record."""

    class Late:
        def extract(self, day: date, n: Annotated[int, Field(ge=1)], season: Season) -> None: ...

    with pytest.raises(ArgumentError) as caught:
        check_arguments(Late, {"n": 0, "season": "x" * 80, "zzz": 1})

    assert str(caught.value).splitlines() == [
        "Late needs the argument 'day'. It takes: day, n, season.",
        "Late cannot take 0 as 'n': it must be greater than or equal to 1.",
        f"Late cannot take '{'x' * 58}… as 'season': it must be 's' or 2.",
        "Late got an unknown argument 'zzz'. It takes: day, n, season.",
    ]
    assert [record["argument"] for record in caught.value.errors] == ["day", "n", "season", "zzz"]


@pytest.mark.parametrize(
    ("name", "given", "problem"),
    [
        ("as_of", 20131001, "20131001 as 'as_of': it must be a date such as 2013-10-01"),
        ("as_of", "20131001", "'20131001' as 'as_of': it must be a date such as 2013-10-01"),
        ("as_of", "1.5e9", "'1.5e9' as 'as_of': it must be a date such as 2013-10-01"),
        ("as_of", "2013-02-30", "'2013-02-30' as 'as_of': it must be a date such as 2013-10-01"),
        ("as_of", None, "None as 'as_of': it must be a date such as 2013-10-01"),
        (
            "moment",
            5,
            "5 as 'moment': it must be a date and time such as 2013-10-01T06:30:00",
        ),
        ("days", [3], "3 as 'days[0]': it must be a date such as 2013-10-01"),
        ("customer_id", "x", "'x' as 'customer_id': it must be a whole number"),
        ("customer_id", 1.5, "1.5 as 'customer_id': it must be a whole number"),
        ("share", "x", "'x' as 'share': it must be a number"),
        ("name", 7, "7 as 'name': it must be a text"),
        ("late", "maybe", "'maybe' as 'late': it must be true or false"),
        ("unit", "weeks", "'weeks' as 'unit': it must be 'days' or 7"),
        (
            "window",
            {"start": "x"},
            "'x' as 'window.start': it must be a date such as 2013-10-01",
        ),
        ("either", {}, "{} as 'either': it must be a whole number or a valid list"),
    ],
)
def test_check_arguments_says_what_is_expected_when_value_does_not_fit(
    name: str, given: object, problem: str
) -> None:
    """The message names the value, the argument, and what it must be."""
    with pytest.raises(ArgumentError) as caught:
        check(**{name: given})

    assert str(caught.value) == f"Churn cannot take {problem}."


def test_check_arguments_names_place_when_nested_model_is_wrong() -> None:
    """Faults inside a nested model are named by their path."""
    with pytest.raises(ArgumentError) as caught:
        check(window={"strt": "2013-10-01"})

    assert str(caught.value) == "Churn needs the argument 'window.start'."


def test_check_arguments_names_place_when_nested_model_forbids_more() -> None:
    """An unknown name inside a nested model that forbids it is told."""

    class Strict(BaseModel, extra="forbid"):
        n: int = 1

    with pytest.raises(ArgumentError) as caught:
        check_arguments(build(window=Strict), {"window": {"m": 1}})

    assert str(caught.value) == "Made got an unknown argument 'window.m'. Remove it."


def test_check_arguments_says_so_when_pipeline_takes_none() -> None:
    """A pipeline without arguments refuses any."""

    class Plain:
        def extract(self) -> None: ...

    with pytest.raises(ArgumentError) as caught:
        check_arguments(Plain, {"day": 1})

    assert str(caught.value) == "Plain got an unknown argument 'day'. It takes no arguments."
    assert check_arguments(Plain, {}) == {}


def test_check_arguments_passes_message_of_user_when_validator_refuses() -> None:
    """What a validator of the user says is kept."""

    class Even(BaseModel):
        n: Annotated[int, Field(multiple_of=2)]

    with pytest.raises(ArgumentError) as caught:
        check_arguments(
            build(moment=AwareDatetime, even=Even),
            {"moment": "2013-10-01T00:00", "even": {"n": 1}},
        )

    assert str(caught.value).splitlines() == [
        "Made cannot take '2013-10-01T00:00' as 'moment': it must have timezone info.",
        "Made cannot take 1 as 'even.n': it must be a multiple of 2.",
    ]


def test_check_arguments_works_when_names_clash_with_pydantic() -> None:
    """A parameter may have any name."""
    given = {"copy": 1, "json": 2, "schema": 3, "model_x": 4, "model_fields": 5, "_private": 6}
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        assert check_arguments(Clashes, given) == given

    assert list(json_schema(Clashes)["properties"]) == list(given)
    with pytest.raises(ArgumentError) as caught:
        check_arguments(Clashes, {**given, "copy": "x"})
    assert str(caught.value) == "Clashes cannot take 'x' as 'copy': it must be a whole number."


def test_check_arguments_refuses_number_when_date_is_deep_inside() -> None:
    """A number is no date wherever the date stands in a type; constraints stay."""
    days = list[Annotated[date, Field(ge=date(2013, 1, 1))] | None]
    made = build(days=days, by_day=dict[date, Literal["a"]])

    with pytest.raises(ArgumentError) as caught:
        check_arguments(made, {"days": [None, 5, "2012-01-01"], "by_day": {"2013-01-01": "a"}})

    assert str(caught.value).splitlines() == [
        "Made cannot take 5 as 'days[1]': it must be a date such as 2013-10-01.",
        "Made cannot take '2012-01-01' as 'days[2]': it must be greater than or equal to "
        "2013-01-01.",
    ]


def test_check_arguments_passes_words_of_user_when_own_validator_refuses() -> None:
    """A ValueError of the user's own validator is told in its words."""

    def refuse(value: int) -> int:
        raise ValueError("odd is not even.")

    with pytest.raises(ArgumentError) as caught:
        check_arguments(build(n=Annotated[int, AfterValidator(refuse)]), {"n": 1})

    assert str(caught.value) == "Made cannot take 1 as 'n': it is refused: odd is not even."


def test_check_arguments_never_shares_default_when_it_is_mutable() -> None:
    """A list that one run changes is not the next run's default."""

    class Late:
        def extract(self, ids: list[int] = []) -> None: ...  # noqa: B006 - the case under test

    check_arguments(Late, {})["ids"].append(1)

    assert check_arguments(Late, {}) == {"ids": []}


def test_check_arguments_takes_field_as_default_when_signature_has_one() -> None:
    """A default written as Field works as in pydantic."""

    class Late:
        def extract(self, n: int = Field(3, le=5)) -> None: ...

    assert check_arguments(Late, {}) == {"n": 3}
    with pytest.raises(ArgumentError, match="it must be less than or equal to 5"):
        check_arguments(Late, {"n": 6})


@given(
    st.fixed_dictionaries(
        {"as_of": st.dates()},
        optional={
            "customer_id": st.none() | st.integers(),
            "share": st.floats(allow_nan=False),
            "name": st.text(),
            "days": st.lists(st.dates()),
            "moment": st.datetimes(timezones=st.just(UTC) | st.none()),
        },
    )
)
def test_check_arguments_gives_same_values_when_they_come_as_json(values: dict[str, Any]) -> None:
    """The JSON form of checked arguments checks to the same arguments."""
    checked = check_arguments(Churn, values)
    model = arguments_model(Churn)
    as_json = model.model_validate(values).model_dump(mode="json", by_alias=True)

    assert {name: checked[name] for name in values} == values
    assert check_arguments(Churn, as_json) == checked


def test_arguments_model_is_same_object_when_asked_twice() -> None:
    """The model is built once for each class."""
    assert arguments_model(Churn) is arguments_model(Churn)


def test_arguments_model_lists_faults_when_defaults_do_not_fit() -> None:
    """A default that does not fit its type is told when the model is built."""

    class Late:
        def extract(self, day: date = None, copy: int = "x") -> None: ...  # type: ignore[assignment]  # noqa: RUF013 - the case under test

    with pytest.raises(PipelineDefinitionError) as caught:
        arguments_model(Late)

    assert caught.value.faults == (
        "extract gives 'day' the default None, which must be a date such as 2013-10-01. "
        "Add '| None' to its type.",
        "extract gives 'copy' the default 'x', which must be a whole number.",
    )
    assert str(caught.value) == "Late cannot be used: " + "".join(
        f"\n  - {fault}" for fault in caught.value.faults
    )


def test_arguments_model_names_parameter_when_type_cannot_be_checked() -> None:
    """A type that pydantic does not know is told with its parameter."""
    with pytest.raises(PipelineDefinitionError) as caught:
        arguments_model(build(day=date, json=pd.DataFrame))

    assert str(caught.value) == (
        "Made cannot be used: extract has a parameter 'json' of a type that cannot be checked: "
        "DataFrame. Arguments are numbers, texts, dates, enums, lists of these, or pydantic models."
    )


def test_json_schema_describes_every_argument_when_docstring_does() -> None:
    """Descriptions come from the docstring; the user's own Field wins."""
    schema = json_schema(Churn)

    assert (schema["title"], schema["description"]) == (
        "ChurnArguments",
        "Tells whether a customer leaves.",
    )
    assert (schema["required"], schema["additionalProperties"]) == (["as_of"], False)
    assert schema["properties"]["as_of"] == {
        "description": "Day of the question.",
        "format": "date",
        "title": "As Of",
        "type": "string",
    }
    assert schema["properties"]["top_n"] == {
        "default": 5,
        "description": "How many",
        "minimum": 1,
        "title": "Top N",
        "type": "integer",
    }
