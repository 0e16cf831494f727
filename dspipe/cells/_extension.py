"""What ``%load_ext dspipe`` adds to IPython: the magic ``%dspipe``, and notes on tracebacks."""

from types import TracebackType
from typing import TYPE_CHECKING

from dspipe.cells._magic import answer
from dspipe.notebooks import note_origin

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from dspipe.cells._answers import Answer

_MAGIC = "dspipe"


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Add ``%dspipe``, and name the cell where an error comes from a converted module.

    Parameters
    ----------
    shell : InteractiveShell
        What ``%load_ext`` hands over.
    """

    def dspipe(line: str) -> "Answer":
        return answer(shell, line)

    dspipe.__doc__ = answer.__doc__
    shell.register_magic_function(dspipe, "line", _MAGIC)  # type: ignore[arg-type]  # IPython's wrapper
    # Somebody else's handler is left in its place: notes are a help, and no more.
    if not shell.custom_exceptions:
        shell.set_custom_exc((Exception,), _show_with_note)  # type: ignore[no-untyped-call]  # IPython


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take away what `load_ipython_extension` added."""
    shell.magics_manager.magics["line"].pop(_MAGIC, None)
    if shell.custom_exceptions == (Exception,):
        shell.set_custom_exc((), None)  # type: ignore[no-untyped-call]  # IPython


def _show_with_note(
    shell: "InteractiveShell",
    kind: type[BaseException],
    error: BaseException,
    trace: TracebackType | None,
    tb_offset: int | None = None,
) -> None:
    note_origin(error)
    shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
