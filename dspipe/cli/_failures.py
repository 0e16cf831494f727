"""Say on standard error what went wrong, so that a person can read it; choose the exit code."""

import linecache
import os
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

import dspipe
from dspipe.cli._locate import PipelineNotFoundError
from dspipe.errors import ArgumentError, DspipeError

RUN_FAILED = 1
WRONG_USAGE = 2

_PACKAGE = Path(dspipe.__file__).parent
_LIBRARIES = tuple(
    Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")
)


@contextmanager
def reported(*, debug: bool) -> Iterator[None]:
    """Turn an exception into a message on standard error and an exit code.

    2 for arguments and names that are wrong, 1 for all else. A reader that left, such as ``head``,
    is no failure.
    """
    try:
        yield
    except BrokenPipeError:
        _leave_quietly()
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        if _is_usage_error(error):
            raise
        _note_origin(error)
        if debug:
            traceback.print_exc()
        typer.secho("Error: ", fg="red", bold=True, err=True, nl=False)
        typer.echo(explain(error, debug=debug), err=True)
        is_usage = isinstance(error, ArgumentError | PipelineNotFoundError)
        raise typer.Exit(WRONG_USAGE if is_usage else RUN_FAILED) from None


def explain(error: BaseException, *, debug: bool = False) -> str:
    """Write an exception for its reader.

    Returns
    -------
    str
        The message, for an exception of the user's own with its type; its notes (stage, batch and
        rows); and where in the user's code it came from.
    """
    is_ours = isinstance(error, DspipeError)
    text = str(error) if is_ours else f"{type(error).__name__}: {error}"
    lines = [*text.rstrip(": ").splitlines(), *getattr(error, "__notes__", ())]
    place = _find_syntax_place(error) or _find_place(error)
    if place is not None and not isinstance(error, ArgumentError | PipelineNotFoundError):
        lines.append(place)
    if not is_ours and not debug:
        lines.append("Add --debug for the whole traceback.")
    return "\n".join(lines[:1] + [f"  {line}" for line in lines[1:]])


def _note_origin(error: BaseException) -> None:
    """Name the cell of the notebook, where the error came through a converted module."""
    from dspipe.notebooks import note_origin

    note_origin(error)


def _find_place(error: BaseException) -> str | None:
    """Name the last line of the user's code on the way to the error."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        if file.is_file() and not _is_library(file.resolve()):
            source = linecache.getline(str(file), line).strip()
            return f"At {file}:{line} in {frame.f_code.co_name}: {source}"
    return None


def _find_syntax_place(error: BaseException) -> str | None:
    if not isinstance(error, SyntaxError) or error.filename is None:
        return None
    return f"At {error.filename}:{error.lineno}: {(error.text or '').strip()}"


def _is_library(file: Path) -> bool:
    return any(file.is_relative_to(folder) for folder in (_PACKAGE, *_LIBRARIES))


def _is_usage_error(error: Exception) -> bool:
    """Recognise click's own errors, whether typer brings click along or imports it."""
    return any(kind.__name__ == "ClickException" for kind in type(error).__mro__)


def _leave_quietly() -> None:
    # Python flushes standard output once more as it exits, and would complain then.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
