"""S3: files become arguments or rows, and answers are kept."""

import gzip
import io
import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from aws.fixtures import StandIn
from aws_lambda.outcomes import answer, fail, finish, list_arguments, settle_and_answer
from aws_lambda.samples import load_event

from dspipe._aws import client, forget_clients
from dspipe.aws_lambda import Task
from dspipe.aws_lambda._objects import (
    LARGEST_OBJECT_BYTES,
    LINK_SECONDS,
    ObjectAddress,
    check_size,
    find_place,
    keep_answer,
)
from dspipe.aws_lambda.requests._object_files import unpack
from dspipe.aws_lambda.triggers._contents import ContentReader
from dspipe.aws_lambda.triggers._object_triggers import (
    BusObjectTrigger,
    ObjectBatchTrigger,
    ObjectTrigger,
)
from dspipe.errors import ConfigurationError, RequestError, SourceUnavailableError

READER = ContentReader(frozenset({"day", "carrier"}))
NO_ROWS = ContentReader(frozenset({"day", "carrier"}), accept_rows=False)
OBJECTS = ObjectTrigger(READER)
DAYS = [{"day": "2013-06-01", "carrier": "UA"}, {"day": "2013-06-02"}]
DAYS_CSV = b"day,carrier\n2013-06-01,UA\n2013-06-02,\n"
DAYS_LINES = b'{"day": "2013-06-01", "carrier": "UA"}\n\n{"day": "2013-06-02"}\n'
Put = Callable[..., ObjectAddress]


@pytest.fixture(autouse=True)
def _no_clients_kept() -> Iterator[None]:
    """Keep no client from one test to the next."""
    yield
    forget_clients()


@pytest.fixture
def put(aws: StandIn) -> Put:
    """Make a bucket, and put objects into it."""
    s3 = client("s3")
    place = {"LocationConstraint": "eu-west-1"}
    s3.create_bucket(Bucket="flights", CreateBucketConfiguration=place)

    def put_object(key: str, content: bytes, content_type: str = "") -> ObjectAddress:
        s3.put_object(Bucket="flights", Key=key, Body=content, ContentType=content_type)
        return ObjectAddress("flights", key)

    return put_object


def write_parquet(table: pa.Table) -> bytes:
    """Write a Parquet file."""
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def read_error(reader: ContentReader, address: ObjectAddress) -> RequestError:
    """Read an object and give what is said of it."""
    with pytest.raises(RequestError) as caught:
        reader.read_object(address)
    return caught.value


@pytest.mark.parametrize(
    ("key", "content", "content_type"),
    [
        ("june.csv", DAYS_CSV, ""),
        ("june.CSV.gz", gzip.compress(DAYS_CSV), ""),
        ("june", DAYS_CSV, "text/csv; charset=utf-8"),
        ("june.csv", b"\xef\xbb\xbf" + DAYS_CSV, ""),
        ("june.jsonl", DAYS_LINES, ""),
        ("june.ndjson.gz", gzip.compress(DAYS_LINES), ""),
        ("june.json", json.dumps(DAYS).encode(), ""),
        ("june.parquet", write_parquet(pa.Table.from_pylist(DAYS)), ""),
    ],
)
def test_object_is_one_run_a_line_when_all_columns_are_arguments(
    put: Put, key: str, content: bytes, content_type: str
) -> None:
    """Every format of the same lines asks for the same runs; an empty cell is left out."""
    tasks = READER.read_object(put(key, content, content_type))

    given = [
        {name: value for name, value in task.arguments.items() if value is not None}
        for task in tasks
    ]
    assert given == DAYS
    assert all(task.rows is None for task in tasks)


def test_object_is_rows_when_columns_are_no_arguments(put: Put) -> None:
    """Lines of other columns are scored together, in one run."""
    csv = READER.read_object(put("june.csv", b"flight,day\n007,2013-06-01\n"))
    lines = READER.read_object(put("june.jsonl", b'{"flight": "007"}\n{"flight": null}\n'))

    assert csv == [Task(rows={"flight": ["007"], "day": ["2013-06-01"]})]
    assert lines == [Task(rows=[{"flight": "007"}, {"flight": None}])]


def test_object_is_one_run_a_line_when_pipeline_takes_no_rows(put: Put) -> None:
    """Then a column too many is refused by name, as any unknown argument is."""
    tasks = NO_ROWS.read_object(put("june.csv", b"flight,day\n007,2013-06-01\n"))

    assert [task.arguments for task in tasks] == [{"flight": "007", "day": "2013-06-01"}]


def test_object_asks_for_what_its_lines_say_when_they_have_our_names(put: Put) -> None:
    """A line of JSON may be all that a body may be."""
    content = b'{"arguments": {"day": "2013-06-01"}, "continuation": "abc"}\n{"day": "2013-06-02"}'

    assert READER.read_object(put("june.jsonl", content)) == [
        Task(arguments={"day": "2013-06-01"}, continuation="abc"),
        Task(arguments={"day": "2013-06-02"}),
    ]


def test_object_keeps_values_and_types_when_it_is_parquet(put: Put) -> None:
    """The frame is the one that a database with the same values would give."""
    table = pa.table(
        {
            "flight": pa.array(["007", None]),
            "n": pa.array([2**53 + 1, None], pa.int64()),
            "late": pa.array([True, None]),
            "day": pa.array([date(2013, 6, 1), None]),
            "at": pa.array([datetime(2013, 6, 1, 6, tzinfo=UTC), None], pa.timestamp("us", "UTC")),
            "carrier": pa.array(["UA", "UA"]).dictionary_encode(),
            "__index_level_0__": pa.array([5, 6]),
        }
    )

    (task,) = READER.read_object(put("june.parquet", write_parquet(table)))

    frame: pd.DataFrame = task.rows
    assert frame.dtypes.astype(str).to_dict() == {
        "flight": "str" if pd.__version__ >= "3" else "object",
        "n": "Int64",
        "late": "boolean",
        "day": "datetime64[s]",
        "at": "datetime64[us, UTC]",
        "carrier": "str" if pd.__version__ >= "3" else "object",
    }
    assert frame["n"].tolist() == [2**53 + 1, pd.NA]
    assert frame["flight"].tolist()[0] == "007"


@pytest.mark.parametrize(
    ("key", "content", "status", "sentence"),
    [
        (
            "june.txt", b"x", 415,
            "The format of s3://flights/june.txt is not known. End its key in .csv, .jsonl, .json "
            "or .parquet, with .gz after it when it is compressed.",
        ),
        (
            "june.csv", b"\xff\xfe", 400,
            "s3://flights/june.csv is not text in UTF-8. Save it in UTF-8.",
        ),
        (
            "june.jsonl", b'{"day": 1}\n[1]\n', 400,
            "Record 2 of s3://flights/june.jsonl is not an object. Write one object a line, such "
            'as {"day": "2013-06-01"}.',
        ),
        (
            "june.parquet", b"PAR1", 400,
            "s3://flights/june.parquet is not a Parquet file: Parquet file size is 4 bytes, "
            "smaller than the minimum file footer (8 bytes). Write it again.",
        ),
        (
            "june.csv.gz", gzip.compress(DAYS_CSV)[:-9], 400,
            "s3://flights/june.csv.gz is not a whole gzip file: Compressed file ended before the "
            "end-of-stream marker was reached. Compress it again.",
        ),
        (
            "june.parquet",
            write_parquet(pa.table({"due": pa.array([2**30], pa.int32()).cast(pa.date32())})), 422,
            "s3://flights/june.parquet cannot become rows: Column 'due' holds a date that is "
            "infinite or outside the years 1 to 9999. Write another value in its place, or null.",
        ),
        (
            "june.parquet", write_parquet(pa.table({"lot": pa.array([{"a": 1}]).cast(
                pa.struct([("a", pa.duration("s"))]))})), 422,
            "Column 'lot' of s3://flights/june.parquet is of the type struct<a: duration[s]>, "
            "which rows do not have. Write it as a number, a text, a date or a time.",
        ),
    ],
)  # fmt: skip
def test_object_is_refused_when_it_cannot_be_read(
    put: Put, key: str, content: bytes, status: int, sentence: str
) -> None:
    """The object is named, and what to do with it."""
    error = read_error(READER, put(key, content))

    assert (error.status, str(error)) == (status, sentence)


def test_object_is_refused_when_it_is_gone(put: Put) -> None:
    """Events may arrive after an object was deleted."""
    assert str(read_error(READER, ObjectAddress("flights", "gone.csv"))) == (
        "The object s3://flights/gone.csv does not exist. It may have been deleted after its event "
        "was sent; put it there again."
    )


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_size(LARGEST_OBJECT_BYTES + 1, "s3://flights/june.csv"),
        lambda: unpack(gzip.compress(bytes(LARGEST_OBJECT_BYTES + 1), 1), "s3://flights/june.csv"),
    ],
    ids=["as it is", "unpacked"],
)
def test_object_is_refused_when_it_is_too_large(check: Callable[[], object]) -> None:
    """A small file that unpacks to a large one is refused as well."""
    with pytest.raises(RequestError) as caught:
        check()

    assert caught.value.status == 413
    assert str(caught.value).replace(", unpacked,", "") == (
        "s3://flights/june.csv has 100 MB; a function reads at most 100 MB at once. Part it into "
        "several objects."
    )


@pytest.mark.parametrize(
    ("trigger", "name"),
    [
        (OBJECTS, "s3"),
        (BusObjectTrigger(READER), "s3-eventbridge"),
        (ObjectBatchTrigger(READER), "s3-batch"),
        (ObjectBatchTrigger(READER), "s3-batch-2"),
    ],
)
def test_event_leads_to_its_object_when_key_has_a_space(put: Put, trigger: Any, name: str) -> None:
    """Keys are quoted in some events and not in others."""
    put("in/june 1.csv", DAYS_CSV)
    event = load_event(name)
    if name == "s3-batch":
        event["tasks"][0]["s3VersionId"] = None  # as of a bucket that keeps no versions

    assert list_arguments(trigger, event) == [DAYS]


@pytest.mark.parametrize(
    ("trigger", "name", "name_version"),
    [
        (OBJECTS, "s3", lambda event, v: event["Records"][0]["s3"]["object"].update(versionId=v)),
        (
            BusObjectTrigger(READER),
            "s3-eventbridge",
            lambda event, v: event["detail"]["object"].update({"version-id": v}),
        ),
        (
            ObjectBatchTrigger(READER),
            "s3-batch",
            lambda event, v: event["tasks"][0].update(s3VersionId=v),
        ),
    ],
    ids=["s3", "s3-eventbridge", "s3-batch"],
)
def test_event_leads_to_the_version_that_it_names(
    put: Put, trigger: Any, name: str, name_version: Callable[[Any, str], object]
) -> None:
    """What came after it has an event of its own; a version that is gone is told."""
    s3 = client("s3")
    s3.put_bucket_versioning(Bucket="flights", VersioningConfiguration={"Status": "Enabled"})
    put("in/june 1.csv", DAYS_CSV)
    meant = s3.head_object(Bucket="flights", Key="in/june 1.csv")["VersionId"]
    put("in/june 1.csv", b"day\n2013-07-01\n")
    event = load_event(name)
    name_version(event, meant)

    assert list_arguments(trigger, event) == [DAYS]
    s3.delete_object(Bucket="flights", Key="in/june 1.csv", VersionId=meant)
    with pytest.raises(RequestError, match="does not exist"):
        list_arguments(trigger, event)


def test_event_leads_to_its_object_when_it_came_through_a_queue(put: Put) -> None:
    """What a bucket tells a queue is in the body of its message."""
    put("in/june 1.csv", DAYS_CSV)

    assert READER.read(json.dumps(load_event("s3"))) == READER.read(load_event("s3-eventbridge"))
    assert len(READER.read(load_event("s3"))) == 2


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("s3", lambda event: event["Records"][0].update(eventName="ObjectRemoved:Delete")),
        ("s3", lambda event: event["Records"][0]["s3"]["object"].update(key="in/")),
        ("s3-eventbridge", lambda event: event.update({"detail-type": "Object Deleted"})),
    ],
    ids=["removed", "folder", "removed, by the bus"],
)
def test_event_asks_for_nothing_when_no_file_was_created(
    name: str, change: Callable[[Any], object]
) -> None:
    """Removed objects and the marks of empty folders are acknowledged."""
    event = load_event(name)
    change(event)

    trigger = OBJECTS if name == "s3" else BusObjectTrigger(READER)
    assert list_arguments(trigger, event) == [[]]


def test_event_has_no_messages_when_s3_only_tests() -> None:
    """The test that S3 sends once is acknowledged."""
    event = load_event("s3-test")

    assert list(OBJECTS.read(event)) == []
    assert settle_and_answer(OBJECTS, event, []) == {"messages": []}


def test_object_is_passed_over_when_it_is_an_answer(
    put: Put, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bucket that holds both never makes a function feed on its own answers."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://flights/answers")

    tasks = READER.read_object(put("answers/june.csv", DAYS_CSV))

    assert tasks == []
    assert caplog.messages == [
        "s3://flights/answers/june.csv is an answer of this function and is passed over."
    ]


def test_answer_of_an_object_is_kept_when_a_place_is_set(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is called after the object; a second delivery writes the same object again."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://flights/answers")
    event = load_event("s3")

    told = [answer(OBJECTS, event, [True]) for _ in range(2)][-1]

    key = "answers/flights/in/june 1.csv.json"
    assert told["messages"] == [
        {
            "id": "s3://flights/in/june 1.csv",
            "runs": 1,
            "rows": 2,
            "rejected": 0,
            "answer": f"s3://flights/{key}",
        }
    ]
    kept = client("s3").get_object(Bucket="flights", Key=key)
    assert kept["ContentType"] == "application/json"
    assert [row["prediction"] for row in json.load(kept["Body"])["predictions"]] == [0.0, 2.0]
    assert client("s3").list_objects_v2(Bucket="flights")["KeyCount"] == 1


def test_unfinished_answer_is_kept_with_its_continuation_when_it_fails(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done before the deadline is there, and how to go on from it."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://flights")
    event = load_event("s3")
    (message,) = OBJECTS.read(event)

    with pytest.raises(Exception, match="more are left"):
        settle_and_answer(OBJECTS, event, [finish(message, continuation="token")])

    kept = client("s3").get_object(Bucket="flights", Key="flights/in/june 1.csv.json")
    assert json.load(kept["Body"])["continuation"] == "token"


def test_message_fails_when_its_answer_cannot_be_kept(
    put: Put, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An answer that is nowhere is no answer: the event comes again."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://nobodys-bucket/answers")

    with pytest.raises(Exception, match="failed with ConfigurationError"):
        answer(OBJECTS, load_event("s3"), [True])

    assert caplog.messages == ["The answer to message s3://flights/in/june 1.csv is not done."]


def test_batch_has_a_result_for_each_task_when_some_fail(put: Put) -> None:
    """What may pass is tried again by S3; what the object is at fault for is not."""
    event = load_event("s3-batch")
    event["tasks"] = [{**event["tasks"][0], "taskId": str(at)} for at in range(3)]
    trigger = ObjectBatchTrigger(READER)
    first, second, third = trigger.read(event)
    outcomes = [finish(first), fail(second), fail(third, SourceUnavailableError("down"))]

    actual = settle_and_answer(trigger, event, outcomes)

    assert actual == {
        "invocationSchemaVersion": "1.0",
        "treatMissingKeysAs": "TemporaryFailure",
        "invocationId": event["invocationId"],
        "results": [
            {"taskId": "0", "resultCode": "Succeeded", "resultString": ""},
            {
                "taskId": "1",
                "resultCode": "PermanentFailure",
                "resultString": "There is no day 31 June.",
            },
            {
                "taskId": "2",
                "resultCode": "TemporaryFailure",
                "resultString": actual["results"][2]["resultString"],
            },
        ],
    }


def test_answer_can_be_opened_by_its_link_when_it_is_kept(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the link reads the answer, without credentials, for a quarter of an hour."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://flights/answers/")
    now = datetime(2013, 6, 1, tzinfo=UTC)

    link = keep_answer("flight,prediction\n", "req-1.csv", "text/csv", clock=lambda: now)

    assert (link.bucket, link.key) == ("flights", "answers/req-1.csv")
    assert link.expires == now + timedelta(seconds=LINK_SECONDS)
    with urllib.request.urlopen(link.url, timeout=30) as opened:  # noqa: S310 - of the stand-in
        assert opened.read() == b"flight,prediction\n"
        assert opened.headers["Content-Type"] == "text/csv"


def test_answer_has_a_key_of_fixed_length_when_its_name_is_too_long(
    put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    """S3 has keys of at most 1,024 bytes; two long names still have two keys."""
    monkeypatch.setenv("DSPIPE_ANSWERS", "s3://flights/answers")

    keys = {keep_answer("{}", f"{'é' * 600}{n}.json", "application/json").key for n in range(2)}

    assert len(keys) == 2
    assert {len(key) for key in keys} == {len("answers/") + 64 + len(".json")}


def test_answer_cannot_be_kept_when_no_place_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable and the setting are named."""
    monkeypatch.delenv("DSPIPE_ANSWERS", raising=False)

    with pytest.raises(ConfigurationError) as caught:
        keep_answer("{}", "a.json", "application/json")

    assert str(caught.value) == (
        "The answer cannot be kept, because DSPIPE_ANSWERS is not set. Set it to "
        "s3://bucket/prefix, or 'answers' in [tool.dspipe.deploy]."
    )


@pytest.mark.parametrize("place", ["flights/answers", "https://flights", "s3://", "s3:///x"])
def test_place_is_refused_when_it_is_not_in_s3(place: str) -> None:
    """A typing error is seen before the first answer is lost."""
    with pytest.raises(ConfigurationError) as caught:
        find_place({"DSPIPE_ANSWERS": place})

    assert str(caught.value) == (
        f"DSPIPE_ANSWERS is '{place}', which is no place in S3. Write s3://bucket/prefix."
    )
