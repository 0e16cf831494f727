"""A container image for what no zip holds: its whole build context, made from the proven folder."""

import shutil
from pathlib import Path

from dspipe.package._records import BuildSettings
from dspipe.package.distributions._lock import Lock

HANDLER = "dspipe.aws_lambda.handler"
_BASE = "public.ecr.aws/lambda/python"  # AWS's own, with the runtime in it
_PLATFORMS = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}


def write_context(folder: Path, task: Path, lock: Lock, settings: BuildSettings) -> Path:
    """Write what ``docker build`` needs, and move the task folder into it.

    Parameters
    ----------
    folder : Path
        The context; replaced.
    task : Path
        The task folder; moved.
    lock : Lock
        Kept beside it, to say what is inside.
    settings : BuildSettings

    Returns
    -------
    Path
        Where the task folder is now.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    moved = task.rename(folder / "task")
    (folder / "Dockerfile").write_text(write_dockerfile(settings), encoding="utf-8")
    (folder / "requirements.lock").write_text("\n".join([*lock.lines, ""]), encoding="utf-8")
    return moved


def write_dockerfile(settings: BuildSettings) -> str:
    """Write the recipe: AWS's Python and the files; nothing is installed or run.

    Examples
    --------
    >>> settings = BuildSettings(root=Path("."), name="flights", pipeline="pipeline.py:Late")
    >>> print(write_dockerfile(settings))
    # docker build --platform linux/amd64 --provenance=false --tag flights .
    ARG BASE=public.ecr.aws/lambda/python:3.13-x86_64
    FROM ${BASE}
    COPY task/ ${LAMBDA_TASK_ROOT}/
    CMD ["dspipe.aws_lambda.handler"]
    <BLANKLINE>
    """
    return (
        # Lambda takes no manifest that lists attestations beside the image.
        f"# docker build --platform {_PLATFORMS[settings.architecture]} --provenance=false "
        f"--tag {settings.name} .\n"
        f"ARG BASE={_BASE}:{settings.python}-{settings.architecture}\n"
        "FROM ${BASE}\n"
        "COPY task/ ${LAMBDA_TASK_ROOT}/\n"
        f'CMD ["{HANDLER}"]\n'
    )
