"""Kinesis and DynamoDB: records in order, items as DynamoDB writes them."""

import base64
import json
from decimal import Decimal
from typing import Any

import pytest
from aws_lambda.outcomes import answer, list_arguments
from aws_lambda.samples import load_event
from boto3.dynamodb.types import Binary, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from dspipe.aws_lambda.triggers._attribute_values import read_item
from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._streams import KinesisTrigger, TableTrigger
from dspipe.errors import RequestError

DAY = {"day": "2013-06-01"}
READER = ContentReader(frozenset({"day", "Id", "Message"}))
KINESIS, TABLE = KinesisTrigger(READER), TableTrigger(READER)


def make_kinesis(*data: bytes) -> Any:
    """Make an event with one record a piece of data, with its place as sequence number."""
    return {
        "Records": [
            {
                "eventSource": "aws:kinesis",
                "eventID": f"shardId-0:{at}",
                "kinesis": {
                    "sequenceNumber": str(at),
                    "data": base64.b64encode(piece).decode("ascii"),
                },
            }
            for at, piece in enumerate(data)
        ]
    }


def make_change(**change: Any) -> Any:
    """Make an event with one change of an item."""
    record = {"eventID": "c4ca", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "7"}}
    record["dynamodb"] |= change  # type: ignore[operator]  # a dict, as written above
    return {"Records": [{**record, "eventSource": "aws:dynamodb"}]}


def read_error(trigger: KinesisTrigger | TableTrigger, event: Any) -> str:
    """Read the first message of an event and give what is said of it."""
    with pytest.raises(RequestError) as caught:
        trigger.read(event)[0].read()
    return str(caught.value)


def test_kinesis_reads_arguments_when_data_is_json() -> None:
    """The data of a record is base64 of JSON."""
    assert list_arguments(KINESIS, load_event("kinesis")) == [[DAY]]


def test_kinesis_refuses_records_when_its_library_packed_them() -> None:
    """Packed records hold others in a binary form; the way out is said."""
    packed = b"\xf3\x89\x9a\xc2\x0a\x05"

    assert read_error(KINESIS, make_kinesis(packed)) == (
        "The record holds several that the Kinesis Producer Library packed into one. Switch its "
        "aggregation off."
    )


def test_kinesis_refuses_data_when_it_is_not_base64() -> None:
    """What is no event of Kinesis is a fault of its sender."""
    event = make_kinesis(b"{}")
    event["Records"][0]["kinesis"]["data"] = "é"

    assert read_error(KINESIS, event) == (
        "The data of the record is not base64. Send the event as Kinesis does."
    )


@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_stream_goes_on_from_first_failure_when_records_fail(is_done: list[bool]) -> None:
    """The one record that is named is the first that was not done, if there is one."""
    event = make_kinesis(*[json.dumps(DAY).encode()] * len(is_done))
    n_done = is_done.index(False) if False in is_done else len(is_done)

    actual = answer(KINESIS, event, is_done[: n_done + 1])

    expected = [{"itemIdentifier": str(n_done)}] if n_done < len(is_done) else []
    assert actual == {"batchItemFailures": expected}
    assert KINESIS.is_ordered(event)


def test_table_reads_new_images_when_items_change() -> None:
    """An item that was removed asks for nothing, and counts as done."""
    event = load_event("dynamodb")

    actual = list_arguments(TABLE, event)

    assert actual == [
        [{"Message": "New item!", "Id": 101}],
        [{"Message": "This item has changed", "Id": 101}],
        [],
    ]
    assert answer(TABLE, event, [True, False]) == {
        "batchItemFailures": [{"itemIdentifier": "4421584500000000017450439092"}]
    }


@pytest.mark.parametrize(
    ("accept_rows", "expected"),
    [(True, [[{"day": "2013-06-01", "distance": 719}]]), (False, [DAY | {"distance": 719}])],
)
def test_table_reads_row_when_item_has_more_than_arguments(
    *, accept_rows: bool, expected: list[Any]
) -> None:
    """An item is a row to score, where the pipeline takes rows."""
    event = make_change(NewImage={"day": {"S": "2013-06-01"}, "distance": {"N": "719"}})
    trigger = TableTrigger(ContentReader(frozenset({"day"}), accept_rows=accept_rows))

    assert list_arguments(trigger, event) == [expected]


def test_table_reads_keys_when_stream_shows_nothing_else() -> None:
    """With KEYS_ONLY the keys are the arguments: `extract` finds the rest."""
    event = make_change(Keys={"Id": {"N": "101"}}, StreamViewType="KEYS_ONLY")

    assert list_arguments(TABLE, event) == [[{"Id": 101}]]


def test_table_refuses_change_when_its_new_image_is_left_out() -> None:
    """What an item is now cannot be told from what it was."""
    event = make_change(Keys={"Id": {"N": "101"}}, StreamViewType="OLD_IMAGE")

    assert read_error(TABLE, event) == (
        "The stream shows items by OLD_IMAGE, which leaves out what they are now. Set the view "
        "type of the stream to NEW_IMAGE, NEW_AND_OLD_IMAGES or KEYS_ONLY."
    )


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            {"X": "1"},
            "An attribute of the item has the type 'X', which DynamoDB does not have. It has: S, "
            "N, B, BOOL, NULL, L, M, SS, NS, BS.",
        ),
        (
            {"N": "seven"},
            "An attribute of the item is of the type 'N' and holds no number. Send the event as "
            "DynamoDB does.",
        ),
    ],
)
def test_table_refuses_item_when_its_types_are_unknown(value: Any, sentence: str) -> None:
    """What DynamoDB cannot have written is told without its value."""
    assert read_error(TABLE, make_change(NewImage={"day": value})) == sentence


numbers = st.integers(-(10**37), 10**37) | st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20
)
values = st.recursive(
    st.none() | st.booleans() | st.text() | numbers | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), values, max_size=5))
def test_item_is_read_as_it_was_when_boto3_wrote_it(item: dict[str, Any]) -> None:
    """Whatever boto3 writes into a table comes back with the same values, to the last digit."""
    written = {name: encode(TypeSerializer().serialize(value)) for name, value in item.items()}

    assert exact(read_item(written)) == exact(item)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"SS": ["a", "b"]}, ["a", "b"]),
        ({"NS": ["1", "0.5"]}, [1, 0.5]),
        ({"BS": ["AAE="]}, [b"\x00\x01"]),
        ({"N": "1E+2"}, 100),
        ({"N": "0.1"}, 0.1),
        ({"N": "0.12345678901234567890"}, Decimal("0.12345678901234567890")),
    ],
)
def test_item_has_plain_values_when_it_is_read(value: Any, expected: Any) -> None:
    """Sets are lists; a number is an int or a float wherever that holds all of its digits."""
    actual = read_item({"a": value})["a"]

    assert actual == expected
    assert type(actual) is type(expected)


def encode(value: Any) -> Any:
    """Write bytes as they travel in an event."""
    if isinstance(value, bytes | Binary):
        return base64.b64encode(bytes(value)).decode("ascii")
    if isinstance(value, dict):
        return {name: encode(item) for name, item in value.items()}
    return [encode(item) for item in value] if isinstance(value, list) else value


def exact(value: Any) -> Any:
    """Show a value so that equal means equal to the last digit."""
    if isinstance(value, dict):
        return {name: exact(item) for name, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, float):
        return Decimal(repr(value))
    return value
