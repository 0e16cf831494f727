"""Wheels made by hand, and a model repository that is packed with them: no index is asked."""

import base64
import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from dspipe.errors import PackageError
from dspipe.package import BuildSettings
from dspipe.package.distributions._interpreter import Interpreter, find_interpreter

PIPELINE = '''"""Is it large?"""

import pandas as pd

from dspipe import PredictionPipeline, sql
from dspipe.predictors import MockPredictor
from shop.prices import add_price


class Large(PredictionPipeline):
    """Is it large?"""

    key = "id"
    predictor = MockPredictor(lambda features: features["size"] / 10)

    def extract(self, n: int):
        names = open("names.txt").read().split()
        return pd.DataFrame({"id": names[:n], "size": [float(i) for i in range(n)]})

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        return add_price(data)
'''
PRICES = '''"""Prices."""


def add_price(data):
    import shop.rates

    data["price"] = data["size"] * shop.rates.RATE
    return data
'''
# What dspipe needs, as empty as can be; enough to be installed, never to be run.
CORE = {"pandas": "3.1.1", "pydantic": "2.14.3", "sqlalchemy": "2.1.9"}


@dataclass(frozen=True)
class Repository:
    """A model repository, and the wheels of its lock."""

    root: Path
    wheels: Path

    def write(self, name: str, text: str) -> Path:
        """Write a file of the repository."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def add_wheel(self, name: str, version: str, files: dict[str, bytes]) -> str:
        """Make a wheel for every machine, and give its line in a lock."""
        path = self.wheels / f"{name}-{version}-py3-none-any.whl"
        write_wheel(path, name, version, files)
        return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"

    def settings(self, **options: object) -> BuildSettings:
        """Give the settings of a build that needs no other machine to compile for."""
        defaults = {
            "root": self.root,
            "name": "large",
            "pipeline": "large.py:Large",
            "python": find_any().version.rpartition(".")[0],
            "architecture": find_foreign(),
            "sample": {"n": 3},
            "accept_rows": True,
        }
        return BuildSettings(**{**defaults, **options})  # type: ignore[arg-type]


def write_wheel(path: Path, name: str, version: str, files: dict[str, bytes]) -> None:
    """Write a wheel with its metadata and record."""
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    tags = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    content = {
        **files,
        f"{info}/METADATA": metadata.encode(),
        f"{info}/WHEEL": tags.encode(),
    }
    record = "".join(
        f"{file},sha256={hash_content(data)},{len(data)}\n" for file, data in content.items()
    )
    content[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    with ZipFile(path, "w") as wheel:
        for file, data in content.items():
            wheel.writestr(file, data)


def hash_content(data: bytes) -> str:
    """Hash as the record of a wheel does."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def find_any() -> Interpreter:
    """Find a Python of a version that Lambda runs; skip where there is none."""
    for minor in ("3.13", "3.12", "3.14"):
        try:
            return find_interpreter(minor)
        except PackageError:
            continue
    pytest.skip("No Python that Lambda runs (3.12, 3.13, 3.14) is on this machine.")


def find_foreign() -> str:
    """Name the architecture that this machine is not."""
    return "x86_64" if os.uname().machine in {"aarch64", "arm64"} else "arm64"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Make a small repository whose lock is of wheels by hand, and let pip see these alone."""
    return make_repository(tmp_path, monkeypatch)


def make_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Make a repository and its wheels in a folder."""
    made = Repository(folder / "repository", folder / "wheels")
    made.wheels.mkdir()
    made.write("large.py", PIPELINE)
    made.write("shop/__init__.py", "")
    made.write("shop/prices.py", PRICES)
    made.write("shop/rates.py", "RATE = 2.0\n")
    made.write("shop/unused.py", "raise ImportError\n")
    made.write("names.txt", "ann bob cy dan\n")
    made.write(".env", "PASSWORD=tulip\n")
    made.write("pyproject.toml", '[tool.dspipe.sources]\ndefault = "duckdb:///data/x.duckdb"\n')
    lines = [
        made.add_wheel(
            name, version, {f"{name}/__init__.py": b"x = 1\n", f"{name}/tests/test_x.py": b"#"}
        )
        for name, version in CORE.items()
    ]
    made.write("requirements.lock", "\n".join(lines))
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.wheels))
    monkeypatch.delenv("DSPIPE_COMMIT", raising=False)
    if shutil.which("git") is None:
        pytest.skip("git is not installed.")
    return made
