"""Deploy the flights from a clean clone to the stand-in of AWS, then again with other code.

Both times the whole command runs: git, build, proof, upload, change set, invocation of the new
version by AWS's own runtime, alias. The first one installs everything and fetches every wheel, as
on a machine that has never deployed: dspipe's cache is empty, and pip is kept from its own.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from measure import Line, save

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
REPETITIONS = 3
TARGET = 0.1


def main() -> None:
    """Measure and save."""
    with tempfile.TemporaryDirectory() as place, stand_in() as variables:
        folder = clone(Path(place) / "flights")
        first = deploy(folder, {**variables, "PIP_NO_CACHE_DIR": "1"})
        again = []
        for number in range(REPETITIONS):
            change(folder, number)
            again.append(deploy(folder, variables))
    later = sorted(again)[len(again) // 2]
    save(
        "redeploy",
        [
            Line(
                "redeploy of code only, against the stand-in",
                "first deploy",
                f"at most {TARGET}",
                first,
                later,
                "s",
                later / first,
                later / first <= TARGET,
            )
        ],
    )


@contextmanager
def stand_in() -> Iterator[dict[str, str]]:
    """Serve the stand-in, and give the environment that leads to it."""
    sys.path.insert(0, str(TESTS))
    from aws.variables import make_variables

    server = subprocess.Popen(
        [os.environ["DSPIPE_TEST_AWS_PYTHON"], "-m", "aws.stand_in"],
        env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONWARNINGS": "ignore"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    try:
        yield {**os.environ, **make_variables(server.stdout.readline().strip())}
    finally:
        server.communicate(timeout=60)


def clone(folder: Path) -> Path:
    """Copy the example into a repository of its own."""
    shutil.copytree(
        ROOT / "examples" / "flights",
        folder,
        ignore=shutil.ignore_patterns("build", "__pycache__", "test_*"),
    )
    git(folder, "init", "-q")
    commit(folder)
    return folder


def change(folder: Path, number: int) -> None:
    """Change the code, and nothing else."""
    with (folder / "flight_delay.py").open("a", encoding="utf-8") as file:
        file.write(f"\n# {number}\n")
    commit(folder)


def commit(folder: Path) -> None:
    """Commit everything."""
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "Change the code")


def git(folder: Path, *words: str) -> None:
    """Run git."""
    subprocess.run(["git", "-C", str(folder), *words], check=True)


def deploy(folder: Path, variables: dict[str, str]) -> float:
    """Deploy, and give the seconds."""
    started = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "dspipe", "deploy", str(folder)],
        env=variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return perf_counter() - started


if __name__ == "__main__":
    main()
