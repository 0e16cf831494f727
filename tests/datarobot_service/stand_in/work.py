"""Work that takes a while: a request is answered with an address, which says when it is done."""

from dataclasses import dataclass
from typing import Any

from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.messages import ApiError, Request, Response, reply_json
from datarobot_service.stand_in.routes import ROUTES


@dataclass
class Work:
    """One piece of work.

    Attributes
    ----------
    location : str
        Where its result is, below the root of the API.
    looks_left : int
        How often it is still running when it is looked at.
    end : str
        ``COMPLETED``, ``ERROR`` or ``ABORTED``.
    """

    location: str
    looks_left: int
    end: str = "COMPLETED"


def accept(account: Account, location: str, content: object = None) -> Response:
    """Answer that something is being done, whose result will be at a path of the API."""
    work_id = account.ids.make()
    account.works[work_id] = Work(location, account.looks_of_work, account.end_of_work)
    return reply_json(content or {}, 202, {"Location": f"{account.endpoint}/status/{work_id}/"})


@ROUTES.add("GET", "status/{work}/")
def show_work(account: Account, request: Request, work: str) -> Response:
    """Say that it is still being done, or where its result is."""
    request.check_query()
    found: Work | None = account.works.get(work)
    if found is None:
        raise ApiError(404, "No such status.")
    found.looks_left -= 1
    if found.looks_left >= 0:
        return reply_json(describe_work(work, "RUNNING"))
    if found.end != "COMPLETED":
        return reply_json(describe_work(work, found.end))
    location = f"{account.endpoint}/{found.location}"
    return reply_json(describe_work(work, "COMPLETED"), 303, {"Location": location})


def describe_work(work_id: str, status: str) -> dict[str, Any]:
    """Describe how far it is."""
    return {
        "status": status,
        "statusId": work_id,
        "message": "" if status in {"RUNNING", "COMPLETED"} else "It ended as planned.",
        "code": 0 if status in {"RUNNING", "COMPLETED"} else 1,
        "created": "2026-01-01T00:00:00.000000Z",
        "description": "",
        "statusType": "",
    }
