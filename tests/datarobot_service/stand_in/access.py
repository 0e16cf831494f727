"""Who may ask: the token in its header, and the key of a dedicated prediction server."""

from datarobot_service.stand_in.account import Account
from datarobot_service.stand_in.messages import ApiError, Request


def check_token(account: Account, request: Request) -> None:
    """Refuse a request without the token."""
    given = request.headers.get("authorization", "")
    scheme, _, token = given.partition(" ")
    if not token or scheme not in {"Token", "Bearer"}:
        raise ApiError(401, "Invalid Authorization header. No credentials provided.")
    if token != account.token:
        raise ApiError(401, "Invalid API token")


def check_key(account: Account, request: Request) -> None:
    """Refuse a request to a dedicated server without the key."""
    if request.headers.get("datarobot-key") != account.key:
        raise ApiError(401, "The datarobot-key header is missing")
