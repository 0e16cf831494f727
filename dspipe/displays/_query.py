"""How a query looks that was not run yet: its text, its bound values, where it would go."""

from collections.abc import Mapping

from dspipe.aws_lambda.telemetry._redaction import is_secret_name
from dspipe.displays import _parts


def draw_query(statement: str, binds: Mapping[str, object], source: str) -> str:
    """Draw a query; values of binds that are called like secrets are not shown."""
    values: dict[str, object] = {
        f":{name}": _parts.inline(repr(value)) for name, value in binds.items()
    }
    hidden = {f":{name}": "***" for name in binds if is_secret_name(name)}
    return _parts.block(
        _parts.heading("Query", note=f"on {source}; not run yet"),
        _parts.code(statement),
        _parts.facts(values | hidden),
    )
