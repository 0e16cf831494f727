"""Show dspipe at work on its sample."""

from pathlib import Path
from tempfile import mkdtemp

import typer

from dspipe._extras import load_extra
from dspipe.cli._locate import load_pipeline
from dspipe.cli._output import write_report, write_run
from dspipe.cli._progress import run_showing_progress, showing


def show_demo(folder: Path | None) -> None:
    """Make the sample where it is absent, run its pipeline for one day, and say what to do next.

    Parameters
    ----------
    folder : Path, optional
        Where the sample goes; a new temporary folder when not given.

    Raises
    ------
    MissingExtraError
        If DuckDB or scikit-learn is not installed.
    """
    load_extra("duckdb", extra="duckdb", needed_by="dspipe demo")
    load_extra("sklearn", extra="sklearn", needed_by="dspipe demo")
    from dspipe.demo import make_demo

    place = Path(mkdtemp(prefix="dspipe-demo-")) if folder is None else folder.absolute()
    typer.echo(f"Sample visits of a made-up shop, their model and pipeline: {place}", err=True)
    with showing("Making visits and training a model"):
        demo = make_demo(place)
    if demo.auc is not None:
        typer.echo(f"Model trained. AUC on the 30 days after training: {demo.auc:.3f}", err=True)
    run = run_showing_progress(load_pipeline(str(demo.pipeline))(), {"day": demo.day})
    write_run(run, "table", None)
    write_report(run, place / "run.html")
    typer.echo(
        f"Next: cd {place} && dspipe run pipeline.py --day {demo.day} --channel mail --format csv",
        err=True,
    )
