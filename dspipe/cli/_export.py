"""The commands that write a model in another form: `dspipe export onnx`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dspipe.cli._failures import reported

if TYPE_CHECKING:
    from dspipe.export import Export

_TOLERANCE = 1e-5


def add_export(app: typer.Typer) -> None:
    """Add the commands to those of `dspipe`."""
    group = typer.Typer(no_args_is_help=True, help="Write a model in another form.")
    group.command("onnx")(export_onnx)
    group.callback()(_export)
    app.add_typer(group, name="export")


def _export() -> None:
    """Write a model in another form."""


def export_onnx(
    model: Annotated[
        Path, typer.Argument(metavar="MODEL", help="A model folder that save_sklearn wrote.")
    ],
    *,
    rows: Annotated[
        Path | None,
        typer.Option(
            "--rows",
            help="A Parquet or CSV file of features to compare on. Default: the golden runs that "
            "were made with the model.",
        ),
    ] = None,
    golden: Annotated[
        Path | None,
        typer.Option("--golden", help="Where golden runs are. Default: golden, by the settings."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The new model folder. Default: MODEL_onnx.")
    ] = None,
    tolerance: Annotated[
        float, typer.Option("--tolerance", help="Largest difference that is accepted.")
    ] = _TOLERANCE,
    trust: Annotated[
        list[str] | None,
        typer.Option("--trust", help="A type of the model to trust, by its full name; repeatable."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say what came of it as JSON.")] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Export a model to ONNX, once it was seen to answer as the original does."""
    with reported(debug=debug):
        from dspipe.export import export_onnx as export
        from dspipe.export import find_rows
        from dspipe.predictors import SklearnPredictor

        original = SklearnPredictor(model, trust=tuple(trust or ()))
        real = find_rows(original, rows, golden=golden)
        made = export(model, out, rows=real, tolerance=tolerance, trust=tuple(trust or ()))
        _say_json(made) if as_json else _say(model, made)


def _say(model: Path, made: "Export") -> None:
    found, folder = made.comparison, made.predictor.folder
    typer.echo(f"{folder}: {made.predictor.card.estimator} of {model}, as ONNX.")
    typer.echo(
        f"Compared on {found.n_rows:,} rows ({made.n_real_rows:,} real ones): the largest "
        f"difference is {found.largest_difference:.1e}."
    )
    if found.n_refused:
        typer.echo(f"Both refuse {found.n_refused:,} made-up rows, with nulls or new categories.")
    typer.echo(f'Use it in the pipeline: predictor = OnnxPredictor("{folder.as_posix()}")')


def _say_json(made: "Export") -> None:
    card = made.predictor.card
    answer = {
        "folder": made.predictor.folder.as_posix(),
        "model_id": card.model_id,
        **(card.exported or {}),
    }
    typer.echo(json.dumps(answer, indent=2))
