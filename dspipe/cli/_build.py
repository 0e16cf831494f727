"""The command that builds a package, and shows what is in it before anything is uploaded."""

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dspipe.cli._failures import reported


class PackageFormat(StrEnum):
    """What a package is."""

    AUTO = "auto"
    ZIP = "zip"
    IMAGE = "image"


def add_build(app: typer.Typer) -> None:
    """Add the command to those of `dspipe`."""
    app.command("build")(build)


def build(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder of the model repository.")
    ] = Path(),
    *,
    env: Annotated[
        str | None, typer.Option("--env", help="Which environment of the settings. Default: dev.")
    ] = None,
    package_format: Annotated[
        PackageFormat | None,
        typer.Option("--format", help="A zip, a container image, or a zip when it fits."),
    ] = None,
    python: Annotated[
        str | None, typer.Option("--python", help="Minor version of Lambda's Python, as 3.13.")
    ] = None,
    architecture: Annotated[
        str | None, typer.Option("--architecture", help="x86_64 or arm64.")
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the whole traceback of an error.")
    ] = False,
) -> None:
    """Build the package of a pipeline for AWS Lambda, and prove that it does the same."""
    with reported(debug=debug):
        given = {"format": package_format, "python": python, "architecture": architecture}
        _build(folder, env, {name: str(value) for name, value in given.items() if value})


def _build(folder: Path, env: str | None, options: dict[str, str]) -> None:
    from dspipe.deploy import load_settings
    from dspipe.displays import format_seconds
    from dspipe.package import build as build_package
    from dspipe.package import write_report

    settings = replace(load_settings(folder, env).to_build(), **options)  # type: ignore[arg-type] # checked by the build
    package = build_package(settings, on_step=lambda step: typer.echo(f"{step} ...", err=True))
    typer.echo(write_report(package))
    typer.echo(f"\n{package.file or package.folder}")
    typer.echo(f"Built in {format_seconds(package.n_seconds)}: {package.digest}", err=True)
