"""Packages whose function is a few lines long, and their deployment."""

import time
import zipfile
from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from dspipe.deploy import DeploySettings
from dspipe.deploy._draft import Draft, make_draft
from dspipe.deploy._executor import Deployment, Executor
from dspipe.deploy.aws._artifacts import name_bucket
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._state import Target, find_target, read_state
from dspipe.package import Package, Report, Sample

MOMENT = 0.02
ROWS = [{"id": 1}, {"id": 2}]
ANSWER: dict[str, Any] = {
    "predictions": [{"id": 1, "prediction": 0.5}, {"id": 2, "prediction": 0.25}],
    "rejected": [],
}
SAMPLE = Sample(event={"rows": ROWS}, answer=ANSWER)
CODE = """
ANSWER = {answer!r}

def handler(event, context):
    if event.get("fail"):
        raise ValueError("no such thing")
    if event == {{"dspipe": "ping"}}:
        return {{"pipeline": "Late", "model": {model!r}}}
    return {{**ANSWER, "arguments": event.get("arguments"), "version": context.function_version}}
"""


@dataclass
class Listener:
    """Keeps what was told, and how long was waited."""

    said: list[str] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Note the wait, and give the stand-in, which is another process, a moment of it."""
        self.waited.append(seconds)
        time.sleep(min(seconds, MOMENT))


def ignore(_: object) -> None:
    """Hear what is told, and do nothing."""


def make_settings(root: Path, **given: Any) -> DeploySettings:
    """Make settings of the smallest kind."""
    known = {"env": "dev", "name": "late", "pipeline": "late.py:Late", "alarms": None}
    return DeploySettings(root=root, **{**known, **given})


def make_package(
    folder: Path,
    model: str = "m1",
    *,
    answer: dict[str, Any] = ANSWER,
    code: str = CODE,
    sample: Sample | None = SAMPLE,
) -> Package:
    """Write the zip of a function, where Lambda looks for dspipe's handler."""
    text = code.format(answer=answer, model=model)
    digest = sha256(text.encode()).hexdigest()
    file = folder / f"{digest}.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("dspipe/__init__.py", "")
        archive.writestr("dspipe/aws_lambda.py", text)
    return Package(
        name="late",
        folder=folder,
        file=file,
        format="zip",
        digest=digest,
        code_sha256=b64encode(sha256(file.read_bytes()).digest()).decode(),
        size_bytes=len(text),
        zip_bytes=file.stat().st_size,
        python="3.13",
        architecture="x86_64",
        commit="c0ffee",
        is_dirty=False,
        is_proven=True,
        sample=sample,
        report=Report(removed={}, proof="Proven."),
    )


def draft(
    aws: Aws, settings: DeploySettings, package: Package, *, image: str | None = None
) -> Draft:
    """Decide what a deployment takes."""
    target = find_target(settings)
    state = read_state(aws, target)
    return make_draft(settings, package, state, name_bucket(aws, target), image=image)


def make_executor(aws: Aws, wanted: Draft, listener: Listener) -> Executor:
    """Make what carries a draft out and tells a listener."""
    return Executor(
        aws,
        wanted,
        notify=listener.events.append,
        say=listener.said.append,
        sleep=listener.sleep,
    )


def deploy(aws: Aws, settings: DeploySettings, package: Package, listener: Listener) -> Deployment:
    """Deploy a package."""
    return make_executor(aws, draft(aws, settings, package), listener).run()


LATE = Target("late", "dev", "dspipe-late-dev")
