"""What a message holds, through all its wrappings: a queue may carry a topic, a bucket or a bus.

One rule says what lines are, wherever they stand: when every column is called as an argument of
`extract` is, each line is one run; otherwise the lines are rows to score, where the pipeline takes
rows.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dspipe.aws_lambda._base import Task
from dspipe.aws_lambda._objects import ObjectAddress, fetch_object, is_answer
from dspipe.aws_lambda.requests._bodies import ENVELOPE, read_json, read_tasks, to_task, to_tasks
from dspipe.aws_lambda.requests._object_files import find_format, read_table, unpack
from dspipe.aws_lambda.requests._tables import Table, table_from_columns, table_from_records
from dspipe.aws_lambda.triggers._shapes import (
    find_objects,
    is_bus_event,
    is_destination_record,
    is_topic_message,
)

_log = logging.getLogger("dspipe")


@dataclass(frozen=True, slots=True)
class ContentReader:
    """Reads what messages hold.

    Parameters
    ----------
    arguments : frozenset of str, default=frozenset()
        Names of the arguments of `extract`.
    accept_rows : bool, default=True
        Whether the pipeline takes rows.

    Examples
    --------
    >>> ContentReader(frozenset({"day"})).read('{"day": "2013-06-01"}')
    [Task(arguments={'day': '2013-06-01'}, rows=None, continuation=None)]
    """

    arguments: frozenset[str] = frozenset()
    accept_rows: bool = True

    def read(self, content: object, content_type: str = "") -> list[Task]:
        """Read a body, or a value of JSON that was parsed already.

        Raises
        ------
        RequestError
            If it cannot be read.
        """
        if not isinstance(content, str | bytes | bytearray):
            return self._unwrap(content)
        media_type = content_type.partition(";")[0].strip().lower()
        if media_type in ("", "application/json"):
            return self._unwrap(read_json(content))
        tasks = read_tasks(content, content_type)
        if media_type.endswith("/csv"):
            return self.read_lines(table_from_columns(tasks[0].rows))
        return tasks

    def read_object(self, address: ObjectAddress | None) -> list[Task]:
        """Fetch an object and read it; nothing is done for what is no object of the sender's."""
        if address is None:
            return []
        if is_answer(address):
            # To score an answer would write another one, which would be scored.
            _log.warning("%s is an answer of this function and is passed over.", address.url)
            return []
        content, content_type = fetch_object(address)
        format_ = find_format(address.url, content_type)
        content = unpack(content, address.url)
        if format_ == "json":
            return self.read(content)
        table = read_table(content, format_, address.url)
        if format_ == "jsonl" and not ENVELOPE.isdisjoint(table.names):
            return [to_task(record) for record in table.to_records()]
        return self.read_lines(table)

    def read_record(self, record: Mapping[str, Any]) -> list[Task]:
        """Read one line that stands alone."""
        return self.read_lines(table_from_records([dict(record)]))

    def read_lines(self, table: Table) -> list[Task]:
        """Tell arguments from rows."""
        if self.accept_rows and not table.names <= self.arguments:
            return [Task(rows=table.to_rows())]
        return [Task(arguments=record) for record in table.to_records()]

    def _unwrap(self, value: Any) -> list[Task]:
        objects = find_objects(value)
        if objects is not None:
            return [task for address in objects for task in self.read_object(address)]
        if is_topic_message(value):
            return self.read(value["Message"])
        if is_bus_event(value):
            return self.read(value["detail"])
        if is_destination_record(value):
            return self.read(choose_payload(value))
        return to_tasks(value)


def choose_payload(record: Mapping[str, Any]) -> Any:
    """Choose what is asked for: what a function answered, or what it failed on.

    >>> context = {"condition": "RetriesExhausted"}
    >>> choose_payload({"requestContext": context, "requestPayload": {"day": "2013-06-01"}})
    {'day': '2013-06-01'}
    """
    if record["requestContext"]["condition"] == "Success":
        return record.get("responsePayload")
    return record["requestPayload"]
