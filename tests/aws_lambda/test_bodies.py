"""A body asks for runs in JSON, JSON lines, a form or CSV, and what is wrong is told."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dspipe.aws_lambda import Task, read_tasks
from dspipe.aws_lambda.requests._bodies import ENVELOPE
from dspipe.errors import RequestError

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("content", "content_type", "expected"),
    [
        ("{}", "", [Task()]),
        ("null", "", [Task()]),
        ('{"day": "2013-06-01"}', "application/json", [Task({"day": "2013-06-01"})]),
        (b'\xef\xbb\xbf{"n": 1}', "application/json; charset=UTF-8", [Task({"n": 1})]),
        ('\ufeff{"n": 1}', "application/vnd.api+json", [Task({"n": 1})]),
        ('{"n": "é"}'.encode("latin-1"), 'text/json; charset="latin-1"', [Task({"n": "é"})]),
        ('[{"n": 1}, {"n": 2}]', "", [Task({"n": 1}), Task({"n": 2})]),
        ('{"n": 1}\n\n{"n": 2}\n', "application/x-ndjson", [Task({"n": 1}), Task({"n": 2})]),
        ("n=1&c=UA&c=AA&x=", FORM, [Task({"n": "1", "c": ["UA", "AA"], "x": ""})]),
        ("a=1&a=2&a=3", FORM, [Task({"a": ["1", "2", "3"]})]),
        ('flight,note\n007,"a, b"\n008,\n', "text/csv", [
            Task(rows={"flight": ["007", "008"], "note": ["a, b", None]})
        ]),
        ('{"rows": [{"a": 1}], "n": 2}', "", [Task({"n": 2}, [{"a": 1}])]),
        ('{"columns": {"a": [1]}}', "", [Task({}, {"a": [1]})]),
        ('{"arguments": {"rows": 5}, "n": 2}', "", [Task({"n": 2, "rows": 5})]),
        ('{"continuation": "abc"}', "", [Task(continuation="abc")]),
        ({"n": 1}, "", [Task({"n": 1})]),
    ],
)  # fmt: skip
def test_read_tasks_reads_what_is_asked_for(
    content: object, content_type: str, expected: list[Task]
) -> None:
    """Every form that is taken comes to the same tasks."""
    actual = read_tasks(content, content_type)

    assert actual == expected


@pytest.mark.parametrize(
    ("content", "content_type", "status", "message"),
    [
        ('{"n": 1', "", 400,
         "The body is not JSON: Expecting ',' delimiter at line 1, column 8. Correct it, or name "
         "what it is in the content type."),
        ("[" * 100_000, "", 400,
         "The body is not JSON that can be read (RecursionError). Send text in UTF-8, with numbers "
         "below 4,300 digits and objects at most a few hundred deep."),
        ("5", "", 400,
         "The body holds an int. Send an object with the arguments of the pipeline, such as "
         '{"day": "2013-06-01"}.'),
        ('{"rows": 5}', "", 400,
         "'rows' holds an int. Give it a list with one object a row; an argument that is called so "
         'is written {"arguments": {"rows": ...}}.'),
        ('{"columns": [1]}', "", 400,
         "'columns' holds a list. Give it an object with one list a column; an argument that is "
         'called so is written {"arguments": {"columns": ...}}.'),
        ('{"rows": [], "columns": {}}', "", 400,
         "The body has 'rows' and 'columns'. Give the rows in one of them."),
        ('{"arguments": 5}', "", 400,
         "'arguments' holds an int. Give it an object with one name an argument; an argument that "
         'is itself called so is written {"arguments": {"arguments": ...}}.'),
        ('{"arguments": {"n": 1}, "n": 2}', "", 400,
         "The argument 'n' is given inside 'arguments' and beside it. Give it once."),
        ('{"continuation": 5}', "", 400,
         "'continuation' holds an int. Give it the text of an earlier answer; an argument that is "
         'called so is written {"arguments": {"continuation": ...}}.'),
        ("<n>1</n>", "application/xml", 415,
         "The body has the content type 'application/xml'. Send application/json, "
         "application/x-ndjson, application/x-www-form-urlencoded, or text/csv with rows."),
        (b"{}", "application/json; charset=klingon", 415,
         "The body has the charset 'klingon', which is not known. Send it in UTF-8."),
        (b"\xff\xfe", "", 400,
         "The body is not text in utf-8. Send it in UTF-8, or name its charset in the content "
         "type."),
        ("", "text/csv", 400,
         "The body is CSV without a line. Send a header and one line a row."),
        ("a,a\n1,2\n", "text/csv", 400,
         "The header of the CSV body has the column 'a' more than once. Give each column a name of "
         "its own."),
        ("a,b\n1\n", "text/csv", 400,
         "Row 1 of the CSV body has 1 fields; the header has 2. Give every row as many fields as "
         "the header."),
        ('a\n"x', "text/csv", 400,
         "The body is not CSV: unexpected end of data at line 2. Send fields parted by commas, "
         "with double quotes around those that hold a comma or a quote."),
    ],
)  # fmt: skip
def test_read_tasks_says_what_is_wrong(
    content: object, content_type: str, status: int, message: str
) -> None:
    """What cannot be read is refused with the status and the reason."""
    with pytest.raises(RequestError) as caught:
        read_tasks(content, content_type)

    assert str(caught.value) == message
    assert caught.value.status == status


@given(
    st.dictionaries(
        st.text(max_size=12) | st.sampled_from(sorted(ENVELOPE)),
        st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.integers()),
        max_size=4,
    )
)
def test_read_tasks_takes_any_argument_inside_arguments(arguments: dict[str, object]) -> None:
    """There is no name that an argument cannot have."""
    (task,) = read_tasks(json.dumps({"arguments": arguments}))

    assert task == Task(arguments)


@given(st.binary(max_size=200), st.sampled_from(["", "text/csv", FORM, "application/x-ndjson"]))
def test_read_tasks_gives_tasks_or_says_why_not(content: bytes, content_type: str) -> None:
    """No body of bytes comes to an error of another kind."""
    with suppress(RequestError):
        tasks = read_tasks(content, content_type)

        assert all(isinstance(task, Task) for task in tasks)
