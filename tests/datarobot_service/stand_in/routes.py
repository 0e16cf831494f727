"""Routes: a method and a path, and the function that answers."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.messages import ApiError, Request, Response, reply_json

Handler = Callable[..., Response]
API = "/api/v2/"


@dataclass(frozen=True)
class Route:
    """One method and path; the groups of the pattern go to the handler by name."""

    method: str
    pattern: re.Pattern[str]
    handler: Handler


@dataclass
class Routes:
    """A table of routes, filled by decorators."""

    table: list[Route] = field(default_factory=list)

    def add(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Register a handler for ``projects/{project}/`` below the root of the API.

        A slash at the end may be missing: the official client leaves it out of some paths.
        """
        parts = re.escape(path.rstrip("/"))
        pattern = re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", parts) + "/?")

        def register(handler: Handler) -> Handler:
            self.table.append(Route(method, pattern, handler))
            return handler

        return register

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]]:
        """Find the handler for a whole path."""
        found = [
            (route, match.groupdict())
            for route in self.table
            if (match := route.pattern.fullmatch(path.removeprefix(API)))
        ]
        if not found:
            raise ApiError(404, f"Not found: {path}")
        for route, arguments in found:
            if route.method == method:
                return route.handler, arguments
        allowed = ", ".join(sorted({route.method for route, _ in found}))
        raise ApiError(405, f"Method {method} is not allowed.", {"Allow": allowed})


ROUTES = Routes()


def make_page(account: Account, request: Request, items: list[Any]) -> dict[str, Any]:
    """Cut a page out of a list, with the addresses of its neighbours."""
    offset = int(request.find("offset") or 0)
    limit = int(request.find("limit") or 100) or len(items) or 1
    root = f"{account.url}{request.path}"
    has_next = offset + limit < len(items)
    return {
        "count": len(items[offset : offset + limit]),
        "totalCount": len(items),
        "next": f"{root}?offset={offset + limit}&limit={limit}" if has_next else None,
        "previous": f"{root}?offset={max(offset - limit, 0)}&limit={limit}" if offset else None,
        "data": items[offset : offset + limit],
    }


def reply_page(account: Account, request: Request, items: list[Any]) -> Response:
    """Answer with a page."""
    return reply_json(make_page(account, request, items))
