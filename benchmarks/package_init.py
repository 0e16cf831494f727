"""The init phase of built packages under AWS's own emulator, against what one packs by hand.

Needs a package index, a Python that Lambda runs, and the emulator of the tests.
"""

import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median

from measure import Line, save

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from aws.emulator import Emulator  # noqa: E402 - it stands beside the tests

from dspipe.package import BuildSettings, build  # noqa: E402 - as above
from dspipe.package.distributions._install import install  # noqa: E402 - as above
from dspipe.package.distributions._interpreter import find_interpreter  # noqa: E402 - as above
from dspipe.package.distributions._lock import read_lock  # noqa: E402 - as above

EXAMPLE = ROOT / "examples" / "flights"
PYTHON = "3.13"
ROUNDS, WARMUP = 5, 1
NEEDED = ("pandas", "psycopg", "pydantic", "sqlalchemy", "numpy", "python-dateutil", "typing",
          "annotated")  # fmt: skip
SKLEARN_BY_HAND = """
import pandas, psycopg, sqlalchemy
import skops.io
model = skops.io.load("models/flight_delay/model.skops",
    trusted=skops.io.get_untrusted_types(file="models/flight_delay/model.skops"))

def handler(event, context):
    return {}
"""
SQL_PIPELINE = '''
import pandas as pd
from dspipe import PredictionPipeline
from dspipe.predictors import MockPredictor


class Late(PredictionPipeline):
    """Will it be late?"""

    key = "id"
    predictor = MockPredictor(0.25)

    def extract(self, n: int):
        return pd.DataFrame({"id": range(n), "x": 1.0})
'''


def main() -> None:
    """Measure both pairs and save them."""
    with tempfile.TemporaryDirectory() as place:
        pairs = [*measure_sklearn(Path(place)), *measure_sql(Path(place))]
    save("package_init", pairs)


def measure_sklearn(place: Path) -> list[Line]:
    """Compare the package of the flights with the same libraries as pip installs them."""
    root = copy_example(place / "flights")
    settings = make_settings(root, "flight_delay.py:FlightDelay", {"day": "2013-10-07"})
    package = build(settings)
    lock = read_lock(settings.lock_file, python=PYTHON, architecture="x86_64")
    by_hand = place / "by-hand"
    interpreter = find_interpreter(PYTHON)
    install(lock, by_hand, interpreter=interpreter, python=PYTHON, architecture="x86_64")
    shutil.copytree(root / "models", by_hand / "models")
    (by_hand / "app.py").write_text(SKLEARN_BY_HAND, encoding="utf-8")
    ways = {"by hand": (by_hand, "app.handler"), "built": (package.folder, HANDLER)}
    return [make_line("init, scikit-learn", "packed by hand, no bytecode", ways, 0.6)]


def measure_sql(place: Path) -> list[Line]:
    """Compare a package without a model library with itself, without its bytecode."""
    root = place / "sql"
    root.mkdir()
    (root / "late.py").write_text(SQL_PIPELINE, encoding="utf-8")
    lock = read_lock(EXAMPLE / "requirements.lock", python=PYTHON, architecture="x86_64")
    lines = [line for line in lock.lines if line.startswith(NEEDED)]
    (root / "requirements.lock").write_text("\n".join(lines), encoding="utf-8")
    package = build(make_settings(root, "late.py:Late", {"n": 3}))
    bare = place / "bare"
    shutil.copytree(package.folder, bare, ignore=shutil.ignore_patterns("__pycache__"))
    ways = {"by hand": (bare, HANDLER), "built": (package.folder, HANDLER)}
    return [make_line("init, pandas and PostgreSQL", "the same without bytecode", ways, 0.35)]


HANDLER = "dspipe.aws_lambda.handler"


def copy_example(root: Path) -> Path:
    """Copy what the example's demo made."""
    shutil.copytree(EXAMPLE, root, ignore=shutil.ignore_patterns("build", "reports", "*.pyc"))
    return root


def make_settings(root: Path, pipeline: str, sample: Mapping[str, object]) -> BuildSettings:
    """Say what to build."""
    return BuildSettings(
        root=root, name="measured", pipeline=pipeline, python=PYTHON, sample=sample,
        accept_rows=True,
    )  # fmt: skip


def make_line(
    what: str, baseline: str, ways: Mapping[str, tuple[Path, str]], target: float
) -> Line:
    """Measure both ways in turn, each in a process of its own."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(WARMUP + ROUNDS):
        for name, (folder, handler) in ways.items():
            found = measure_init(folder, handler)
            if turn >= WARMUP:
                seconds[name].append(found)
    before, after = median(seconds["by hand"]), median(seconds["built"])
    ratio = after / before
    told = f"at most {target} times"
    return Line(what, baseline, told, before * 1e3, after * 1e3, "ms", ratio, ratio <= target)


def measure_init(folder: Path, handler: str) -> float:
    """Start a function once, and give what its init phase took."""
    with Emulator(folder, handler) as emulator:
        reply = emulator.invoke({"dspipe": "ping"})
        if reply.is_error:
            raise SystemExit(f"The function failed: {reply.text}\n{emulator.log}")
        return emulator.init_seconds


if __name__ == "__main__":
    main()
