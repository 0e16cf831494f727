"""The command line, ``dspipe``: the only part of the package that prints.

`_app` holds the commands, `_locate` finds the pipeline, `_flags` turns its arguments into options,
`_output` and `_tables` write what came of a run, `_failures` says what went wrong.
"""

import sys

from dspipe._extras import load_extra
from dspipe.errors import MissingExtraError


def main() -> None:
    """Run the command that the shell asks for, and exit with its code."""
    try:
        load_extra("typer", extra="cli", needed_by="The command line")
    except MissingExtraError as error:
        sys.exit(f"Error: {error}")
    from dspipe.cli._app import app

    app()
