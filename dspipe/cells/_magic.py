"""The magic ``%dspipe``: what would ship, whether it is right, and the module itself."""

from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe import PredictionPipeline
from dspipe._text import quote_some, suggest
from dspipe.cells._answers import Answer
from dspipe.cells._place import Saved, find_saved
from dspipe.errors import ConfigurationError, DspipeError
from dspipe.notebooks import convert, judge_cells

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.magic_arguments import MagicArgumentParser


def answer(shell: "InteractiveShell", line: str) -> Answer:
    """Say what becomes of the cells of this notebook, check its pipeline, or convert it.

    ::

        %dspipe cells                  which cells would ship, and why the others would not
        %dspipe check                  replay golden runs, and check what a pipeline promises
        %dspipe convert                write the module beside the notebook
        %dspipe cells churn.ipynb      of a notebook that is named, where it is not found by itself
        %dspipe check --class Churn    of one pipeline, where there are several
        %dspipe convert --force        overwrite a module that was edited by hand
    """
    from IPython.core.error import UsageError  # IPython shows it without a traceback

    options = _make_parser().parse_argstring(line)  # type: ignore[no-untyped-call]  # as below
    try:
        return _COMMANDS[options.command](shell, options)
    except DspipeError as error:
        raise UsageError(str(error)) from error


def _make_parser() -> "MagicArgumentParser":
    from IPython.core.magic_arguments import MagicArgumentParser

    parser = MagicArgumentParser("%dspipe")  # type: ignore[no-untyped-call]  # IPython has few types
    parser.add_argument("command", nargs="?", choices=list(_COMMANDS), default="cells")
    parser.add_argument("notebook", nargs="?", type=Path)
    parser.add_argument("--class", dest="class_name")
    parser.add_argument("--force", action="store_true")
    return parser


def _cells(shell: "InteractiveShell", options: Namespace) -> Answer:
    saved = find_saved(shell, options.notebook)
    report = judge_cells(
        saved.notebook, saved.folder, class_name=options.class_name, remarks=saved.remarks
    )
    return Answer(report, str(report), report._repr_html_())


def _check(shell: "InteractiveShell", options: Namespace) -> Answer:
    from dspipe.checks import check

    report = check(_find_class(shell.user_ns, options.class_name))
    lines = [f"{each.code} {each.rule.severity}: {each.message}" for each in report.findings]
    text = "\n".join([repr(report), *lines, *report.done, *report.skipped])
    return Answer(report, text, report._repr_html_())


def _convert(shell: "InteractiveShell", options: Namespace) -> Answer:
    saved = find_saved(shell, options.notebook)
    conversion = convert(_file_of(saved), class_name=options.class_name)
    was_written = conversion.write(force=options.force)
    done = "is written" if was_written else "is what the notebook gives already"
    told = f"{conversion.module} {done}: {conversion.class_name} from {conversion.notebook}."
    return Answer(conversion, "\n".join([told, *saved.remarks, *conversion.warnings]))


_COMMANDS: Mapping[str, Callable[["InteractiveShell", Namespace], Answer]] = {
    "cells": _cells,
    "check": _check,
    "convert": _convert,
}


def _file_of(saved: Saved) -> Path:
    if saved.file is None:
        raise ConfigurationError(
            "It is not known which file this notebook is, so there is nothing to convert. Name it: "
            "%dspipe convert NAME.ipynb"
        )
    return saved.file


def _find_class(names: Mapping[str, object], wanted: str | None) -> type:
    """Find the pipeline that is meant among those that this session defined."""
    found = {
        value.__name__: value
        for value in names.values()
        if isinstance(value, type)
        and issubclass(value, PredictionPipeline)
        and not getattr(value, "__abstractmethods__", None)
    }
    if wanted in found:
        return found[wanted]
    if wanted is None and len(found) == 1:
        return next(iter(found.values()))
    if wanted is not None:
        raise ConfigurationError(
            f"This session has no pipeline '{wanted}'.{suggest(wanted, found)} Run the cell that "
            "defines it first."
        )
    if not found:
        raise ConfigurationError(
            "This session has no pipeline. Run the cell that defines one first."
        )
    raise ConfigurationError(
        f"This session has {len(found)} pipelines: {quote_some(found)}. Name one: "
        f"%dspipe check --class {next(iter(found))}"
    )
