"""Build the command of one pipeline: the options of `run` or `preview`, and one for each argument.

The options depend on the pipeline, so a command takes its tokens as they come, finds the pipeline
among them, and only then declares a command that fits and hands it the same tokens.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dspipe.cli._failures import reported
from dspipe.cli._flags import Flag, make_flags, negate
from dspipe.cli._locate import PipelineNotFoundError, load_pipeline

if TYPE_CHECKING:
    from dspipe import PredictionPipeline

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
HELP = ("--help", "-h")

_FIELD = "pipeline_argument_"


def run_command(action: Callable[..., None], context: typer.Context) -> None:
    """Run the command of the pipeline that the tokens name.

    Parameters
    ----------
    action : callable
        Takes `place` (the pipeline as named), its own options as keywords, and after loading
        `pipeline` and `read` (which gives the arguments); typer reads its signature.
    context : typer.Context
        Holds the tokens in ``args``.

    Raises
    ------
    PipelineNotFoundError
        If the tokens name no pipeline, or none that can be found.
    """
    options = _list_options(_bind(action, None, []))
    place = find_place(context.args, options)
    pipeline = load_pipeline(place) if place is not None else None
    flags = make_flags(pipeline, {*options, *HELP}) if pipeline is not None else []
    app = _make_app(_bind(action, pipeline, flags))
    code = app(args=list(context.args), prog_name=context.command_path, standalone_mode=False)
    if isinstance(code, int):
        raise typer.Exit(code)


def find_place(tokens: Sequence[str], options: Mapping[str, bool]) -> str | None:
    """Find the pipeline among the tokens of a command.

    Parameters
    ----------
    tokens : sequence of str
        What the user wrote after the command's name.
    options : mapping of str to bool
        The command's own options; True for those that take a value.

    Returns
    -------
    str or None
        None when there is none, so that the command can say what it needs.

    Raises
    ------
    PipelineNotFoundError
        If an argument of the pipeline comes first: nobody knows yet whether it takes a value.

    Examples
    --------
    >>> find_place(["--format", "json", "late.py", "--day", "1"], {"--format": True})
    'late.py'
    """
    remaining = iter(tokens)
    for token in remaining:
        if not token.startswith("-"):
            return token
        if options.get(token):
            next(remaining, None)
        elif token.partition("=")[0] not in (*options, *HELP):
            raise PipelineNotFoundError(
                f"Name the pipeline before '{token}': dspipe run PIPELINE {token} ..."
            )
    return None


def _list_options(command: Callable[..., None]) -> dict[str, bool]:
    """List the options of a command, and whether each takes a value."""
    options: dict[str, bool] = {}
    for parameter in typer.main.get_command(_make_app(command)).params:
        takes_value = not getattr(parameter, "is_flag", False)
        names = (*parameter.opts, *parameter.secondary_opts)
        options |= {name: takes_value for name in names if name.startswith("-")}
    return options


def _make_app(command: Callable[..., None]) -> typer.Typer:
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    paragraphs = inspect.cleandoc(command.__doc__ or "").split("\n\n")
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    app.command(help=text, context_settings={"help_option_names": list(HELP)})(command)
    return app


def _bind(
    action: Callable[..., None], pipeline: "type[PredictionPipeline] | None", flags: Sequence[Flag]
) -> Callable[..., None]:
    """Make the function that typer calls: the action's own parameters and one for each flag."""

    def command(**values: Any) -> None:
        given = {flag.argument: values.pop(_field(flag)) for flag in flags}
        # Here and not outside alone: click ends the process itself when a reader has left.
        with reported(debug=values["debug"]):
            action(**values, pipeline=pipeline, read=lambda: _read(flags, given))

    own = [
        parameter
        for name, parameter in inspect.signature(action).parameters.items()
        if name not in ("pipeline", "read")
    ]
    panel = f"Arguments of {pipeline.__name__}" if pipeline is not None else ""
    parameters = [*own, *(_make_parameter(flag, panel) for flag in flags)]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__doc__ = action.__doc__
    return command


def _read(flags: Sequence[Flag], given: Mapping[str, Any]) -> dict[str, object]:
    """Read what was given; an argument that was not is left to its default."""
    return {
        flag.argument: flag.read(given[flag.argument])
        for flag in flags
        if given[flag.argument] not in (None, [], ())
    }


def _make_parameter(flag: Flag, panel: str) -> inspect.Parameter:
    help_text = flag.help.replace("[", r"\[")  # rich would take it for a style
    options = flag.options
    kind: Any = str | None
    if flag.kind == "flag":
        kind = bool | None
        options = tuple(f"{option}/{negate(option)}" for option in options)
    elif flag.kind == "list":
        kind = list[str] | None
    info = typer.Option(
        *options,
        help=help_text,
        metavar=flag.metavar or None,
        rich_help_panel=panel,
        show_default=False,
    )
    keyword = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(_field(flag), keyword, default=None, annotation=Annotated[kind, info])


def _field(flag: Flag) -> str:
    return f"{_FIELD}{flag.argument}"
