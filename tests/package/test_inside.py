"""The clean process: what it loads, what it says when it fails."""

import json
import platform
import sys
from pathlib import Path

import pytest

from dspipe.errors import PackageError
from dspipe.package.distributions import _compile
from dspipe.package.distributions._bytecode import compile_modules
from dspipe.package.distributions._interpreter import Interpreter
from dspipe.package.proof import _inside
from dspipe.package.proof._inside_run import InsideProcess, InsideRun, can_run
from dspipe.package.repository._sample_run import SampleRun

HERE = Interpreter(Path(sys.executable), platform.python_version())
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
RUN = SampleRun((), (), None, (), {}, None, None, {}, {})
HANDLER = """
import json
def handler(event, context=None):
    return {}
"""


def run_inside(folder: Path) -> InsideRun:
    """Run a package that has no sample."""
    with InsideProcess(folder, HERE) as process:
        return process.finish(RUN)


def make_package(folder: Path, handler: str = HANDLER) -> Path:
    """Make a package with a room of dspipe that is not ours."""
    (folder / "dspipe" / "aws_lambda").mkdir(parents=True)
    (folder / "dspipe" / "__init__.py").write_text("", encoding="utf-8")
    (folder / "dspipe" / "unused.py").write_text("", encoding="utf-8")
    (folder / "dspipe" / "aws_lambda" / "__init__.py").write_text(handler, encoding="utf-8")
    return folder


def test_process_sees_nothing_but_the_package(tmp_path: Path) -> None:
    """Neither this environment's packages nor its dspipe are there."""
    handler = f"{HANDLER}\nimport importlib.util\nassert importlib.util.find_spec('pytest') is None"

    found = run_inside(make_package(tmp_path, handler))

    assert found.modules == {"dspipe/__init__.py", "dspipe/aws_lambda/__init__.py"}
    assert found.answer is None
    assert 0 < found.init_seconds < 60
    assert "json" in {part.name for part in found.imports}


def test_missing_distribution_is_named_with_what_to_do(tmp_path: Path) -> None:
    """The lock is where it goes."""
    with pytest.raises(PackageError) as caught:
        run_inside(make_package(tmp_path, "import skops.io"))

    assert str(caught.value) == (
        "The package cannot be loaded: ModuleNotFoundError: No module named 'skops'. Add the "
        "distribution that has 'skops' to the lock; if it is a module of the repository, add its "
        "file to 'include' in [tool.dspipe.deploy]."
    )


def test_failure_is_told_with_its_last_lines(tmp_path: Path) -> None:
    """Who reads it sees where it failed."""
    with pytest.raises(PackageError) as caught:
        run_inside(make_package(tmp_path, "raise OSError('no such file')"))

    lines = str(caught.value).splitlines()
    assert lines[0] == (
        "The package does not work in a clean process, though the pipeline works here:"
    )
    assert lines[-2] == "  OSError: no such file"
    assert lines[-1].startswith("Compare the versions in the lock with those that are installed")


def test_process_that_dies_is_told(tmp_path: Path) -> None:
    """A library may end the process without an exception."""
    handler = (
        "import os, sys\nsys.stderr.write('illegal instruction')\nsys.stderr.flush()\nos._exit(4)"
    )

    with pytest.raises(PackageError) as caught:
        run_inside(make_package(tmp_path, handler))

    assert str(caught.value) == (
        "The package ended its process while it was loaded: illegal instruction. A compiled "
        "library in it may need a newer system; choose another version in the lock."
    )


def test_loaded_modules_are_those_of_the_folder(tmp_path: Path) -> None:
    """The standard library and this environment are not the package's."""
    found = _inside.iter_modules(str(Path(_inside.__file__).parent))

    assert "_inside.py" in found
    assert all(not name.startswith("/") for name in found)


def test_bytecode_says_where_it_will_lie_and_is_the_same_every_time(tmp_path: Path) -> None:
    """Tracebacks name the task folder, and no time stamp gets in."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.py").write_text("def f():\n    raise KeyError\n", encoding="utf-8")
        compile_modules(tmp_path / name, ["a.py"], interpreter=HERE, python=MINOR)

    one, two = (next((tmp_path / name / "__pycache__").iterdir()) for name in ("one", "two"))
    assert one.name == f"a.cpython-{MINOR.replace('.', '')}.pyc"
    assert one.read_bytes() == two.read_bytes()
    assert b"/var/task/a.py" in one.read_bytes()
    assert str(tmp_path).encode() not in one.read_bytes()


def test_module_that_is_no_python_is_refused(tmp_path: Path) -> None:
    """The error of the compiler is told."""
    (tmp_path / "a.py").write_text("def\n", encoding="utf-8")

    with pytest.raises(PackageError, match=r"could not compile the package: .*invalid syntax"):
        compile_modules(tmp_path, ["a.py"], interpreter=HERE, python=MINOR)


def test_compiler_program_compiles_what_it_is_told(tmp_path: Path) -> None:
    """Source, shown name and place come from its request."""
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    work = [[str(tmp_path / "a.py"), "/var/task/a.py", str(tmp_path / "a.pyc")]]
    (tmp_path / "request.json").write_text(json.dumps(work), encoding="utf-8")

    _compile.main(str(tmp_path / "request.json"))

    assert b"/var/task/a.py" in (tmp_path / "a.pyc").read_bytes()


def test_other_architecture_cannot_run_here() -> None:
    """Nothing is claimed of what this machine cannot run."""
    assert not (can_run("arm64") and can_run("x86_64"))


def test_rows_are_sent_as_they_are(tmp_path: Path) -> None:
    """A request without rows asks for no answer."""
    package = make_package(tmp_path)

    assert run_inside(package).answer is None
