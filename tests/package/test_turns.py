"""Two builds in one folder, in two processes."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from package.wheelhouse import Repository

from dspipe.package import load_package
from dspipe.package._turns import one_at_a_time

BUILD = """
import json, sys
from pathlib import Path
from dspipe.package import BuildSettings, build
values = json.loads(sys.argv[1])
build(BuildSettings(**{**values, "root": Path(values["root"])}), on_step=print)
"""


def test_two_processes_build_into_one_cache_after_each_other(repository: Repository) -> None:
    """The second takes what the first has installed, and both come to the same package."""
    settings = repository.settings()
    values = {
        name: getattr(settings, name)
        for name in ("name", "pipeline", "python", "architecture", "sample", "accept_rows")
    }
    words = [sys.executable, "-c", BUILD, json.dumps({**values, "root": str(settings.root)})]

    running = [start(words), start(words)]
    told = [process.communicate() for process in running]

    assert [process.returncode for process in running] == [0, 0], told
    assert sum("Install 3 distributions" in output for output, _ in told) == 1
    package = load_package(settings.folder)
    assert package.file is not None
    with ZipFile(package.file) as archive:
        assert archive.testzip() is None
    assert [place.suffix for place in settings.cache.iterdir()] == [""]


def test_who_has_to_wait_is_told(tmp_path: Path) -> None:
    """A folder is held by one process, and free as soon as that one is gone."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    told: list[str] = []

    def tell(text: str) -> None:
        told.append(text)
        holder.kill()

    with one_at_a_time(tmp_path, tell):
        holder.communicate()

    assert told == ["Wait for another build in this folder"]


HOLD = """
import sys
from pathlib import Path
from dspipe.package._turns import one_at_a_time
with one_at_a_time(Path(sys.argv[1]), print):
    print("held", flush=True)
    sys.stdin.read()
"""


def start(words: list[str]) -> "subprocess.Popen[str]":
    """Start a process whose output is kept."""
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
