"""The Python of a minor version, wherever it is."""

import sys
from pathlib import Path

import pytest

from dspipe.errors import PackageError
from dspipe.package.distributions._interpreter import Interpreter, find_interpreter


def put_python(path: Path, version: str, *, works: bool = True) -> Path:
    """Put a program in the place of a Python."""
    path.parent.mkdir(parents=True, exist_ok=True)
    minor = version.rpartition(".")[0]
    path.write_text(f"#!/bin/sh\n{f'echo {minor} {version}' if works else 'exit 127'}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("place", "variables"),
    [
        ("bin/python3.9", {"PATH": "{}/bin"}),
        ("home/.pyenv/versions/3.9.7/bin/python3.9", {"HOME": "{}/home"}),
        ("pyenv/versions/3.9.7/bin/python3.9", {"PYENV_ROOT": "{}/pyenv"}),
        (
            "home/.local/share/uv/python/cpython-3.9.7-linux-x86_64-gnu/bin/python3.9",
            {"HOME": "{}/home"},
        ),
        ("uv/cpython-3.9.7-linux/bin/python3.9", {"UV_PYTHON_INSTALL_DIR": "{}/uv"}),
    ],
)
def test_interpreter_is_found_where_tools_put_it(
    tmp_path: Path, place: str, variables: dict[str, str]
) -> None:
    """The PATH, pyenv and uv are looked at."""
    path = put_python(tmp_path / place, "3.9.7")
    environ = {name: value.format(tmp_path) for name, value in variables.items()}

    assert find_interpreter("3.9", environ=environ) == Interpreter(path, "3.9.7")


def test_interpreter_is_this_one_when_it_fits() -> None:
    """No other is looked for."""
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"

    assert find_interpreter(minor, environ={}).path == Path(sys.executable)


def test_newest_patch_is_taken_and_broken_shims_are_passed_over(tmp_path: Path) -> None:
    """A shim on the PATH may stand for a version that is not installed."""
    put_python(tmp_path / "bin/python3.9", "3.9.1", works=False)
    put_python(tmp_path / "versions/3.9.9/bin/python3.9", "3.9.9")
    newest = put_python(tmp_path / "versions/3.9.10/bin/python3.9", "3.9.10")

    found = find_interpreter(
        "3.9", environ={"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path)}
    )

    assert found.path == newest


def test_interpreter_that_lies_about_itself_is_not_taken(tmp_path: Path) -> None:
    """A name is no proof of a version, and the message says what to do."""
    put_python(tmp_path / "bin/python3.9", "3.8.1")

    with pytest.raises(PackageError) as caught:
        find_interpreter("3.9", environ={"PATH": str(tmp_path / "bin")})

    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert str(caught.value) == (
        "There is no Python 3.9 on this machine, and bytecode for Lambda's Python 3.9 can only be "
        f"made by one. Looked at this Python ({here}), the PATH, pyenv and uv. Install it, for "
        "example with: uv python install 3.9 (or pyenv install 3.9); or set 'python' in "
        "[tool.dspipe.deploy] to a version that is here."
    )
