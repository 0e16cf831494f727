"""Locks: what is for Lambda, and what is refused."""

from pathlib import Path

import pytest

from dspipe.errors import PackageError
from dspipe.package.distributions._lock import Lock, read_lock

CORE = "pandas==3.1.1 --hash=sha256:a\npydantic==2.14.3 --hash=sha256:b\n"
SQL = "sqlalchemy==2.1.9 --hash=sha256:c\n"
HOW = (
    "Write one with exact versions and hashes, for example: uv pip compile requirements.in "
    "--universal --generate-hashes -o requirements.lock"
)


def read(folder: Path, text: str, *, python: str = "3.13", architecture: str = "x86_64") -> Lock:
    """Write a lock and read it."""
    file = folder / "requirements.lock"
    file.write_text(text, encoding="utf-8")
    return read_lock(file, python=python, architecture=architecture)  # type: ignore[arg-type]


def test_lock_is_read_as_pip_compile_and_uv_write_it(tmp_path: Path) -> None:
    """Comments, continued lines, several hashes and spaces do not matter; the order neither."""
    lock = read(
        tmp_path,
        "# made by a tool\n" + SQL + "Pandas==3.1.1 \\\n    --hash=sha256:z \\\n    "
        "--hash=sha256:a\n"
        "    # via flights\n\npydantic==2.14.3 --hash=sha256:b  # core\n",
    )

    assert lock.lines == (
        "pandas==3.1.1 --hash=sha256:a --hash=sha256:z",
        "pydantic==2.14.3 --hash=sha256:b",
        "sqlalchemy==2.1.9 --hash=sha256:c",
    )
    assert lock.versions == {"pandas": "3.1.1", "pydantic": "2.14.3", "sqlalchemy": "2.1.9"}


@pytest.mark.parametrize(
    ("marker", "is_there"),
    [
        ("python_full_version >= '3.12'", True),
        ("python_version < '3.12'", False),
        ("sys_platform == 'linux'", True),
        ("platform_system == 'Windows'", False),
        ("platform_machine == 'aarch64'", False),
        ("implementation_name != 'pypy'", True),
        ("extra == 'docs'", False),
    ],
)
def test_lock_keeps_what_is_for_lambda(tmp_path: Path, marker: str, *, is_there: bool) -> None:
    """Markers are judged by the function's Python and system, not by those of this machine."""
    lock = read(tmp_path, f"{CORE}{SQL}numpy==2.5.5 ; {marker} --hash=sha256:d\n")

    assert ("numpy" in lock.versions) is is_there


def test_lock_knows_the_other_architecture(tmp_path: Path) -> None:
    """arm64 is called aarch64 by Linux."""
    text = f"{CORE}{SQL}numpy==2.5.5 ; platform_machine == 'aarch64' --hash=sha256:d\n"

    assert "numpy" in read(tmp_path, text, architecture="arm64").versions


def test_lock_leaves_dspipe_to_its_installation(tmp_path: Path) -> None:
    """Dspipe ships from where it is installed, whatever the lock says."""
    lock = read(tmp_path, f"{CORE}{SQL}dspipe==0.0.1 --hash=sha256:d\n")

    assert "dspipe" not in lock.versions


def test_lock_keeps_where_packages_come_from_apart(tmp_path: Path) -> None:
    """An address may hold a password: pip gets it, and neither a cache's name nor a record does."""
    lock = read(tmp_path, f"--index-url file:///ann:tulip@place\n{CORE}{SQL}")

    assert lock.places == ("--index-url file:///ann:tulip@place",)
    assert lock.digest == read(tmp_path, CORE + SQL).digest


def test_lock_refuses_all_faulty_lines_together(tmp_path: Path) -> None:
    """What could be another package tomorrow is not locked."""
    with pytest.raises(PackageError) as caught:
        read(tmp_path, "numpy>=2\nscipy==1.*\nsix==1.17.0\n-e file:///ann:tulip@place/x\n")

    assert str(caught.value) == (
        f"The lock {tmp_path / 'requirements.lock'} cannot be used. 'numpy' has no exact version. "
        "'scipy' has no exact version. 'six' has no hash. The line '-e ...' is no name with a "
        f"version. {HOW}"
    )


def test_lock_refuses_when_dspipe_lacks_something(tmp_path: Path) -> None:
    """What dspipe itself needs in Lambda is in the lock, in a version it takes."""
    with pytest.raises(PackageError) as caught:
        read(tmp_path, "pandas==2.1.0 --hash=sha256:a\npydantic==2.14.3 --hash=sha256:b\n")

    assert str(caught.value) == (
        f"The lock {tmp_path / 'requirements.lock'} lacks 2 packages that dspipe itself needs in "
        "Lambda: 'pandas>=2.2' (it has 2.1.0), 'sqlalchemy'. Add them to what the lock is made "
        "from, and make it anew."
    )


def test_lock_says_how_to_make_one_when_there_is_none(tmp_path: Path) -> None:
    """The command is in the message."""
    with pytest.raises(PackageError) as caught:
        read_lock(tmp_path / "requirements.lock", python="3.13", architecture="x86_64")

    assert str(caught.value) == (
        f"There is no lock {tmp_path / 'requirements.lock'}, so that nobody knows which packages "
        f"to ship. {HOW}"
    )


def test_lock_of_uv_says_what_is_missing_when_uv_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uv's own lock is read by uv."""
    (tmp_path / "uv.lock").write_text("version = 1\n", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PackageError) as caught:
        read_lock(tmp_path / "uv.lock", python="3.13", architecture="x86_64")

    assert str(caught.value) == (
        f"The lock {tmp_path / 'uv.lock'} is read with the program uv, which is not on the PATH. "
        "Install uv, or write requirements with hashes and set 'lock' to them."
    )


def put_uv(folder: Path, script: str) -> None:
    """Put a program in the place of uv."""
    program = folder / "uv"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)


def test_lock_of_uv_is_what_uv_exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its export is read as any lock."""
    file = tmp_path / "uv.lock"
    file.write_text("version = 1\n", encoding="utf-8")
    put_uv(tmp_path, f"printf '{CORE}{SQL}'".replace("\n", "\\n"))
    monkeypatch.setenv("PATH", str(tmp_path))

    lock = read_lock(file, python="3.13", architecture="x86_64")

    assert list(lock.versions) == ["pandas", "pydantic", "sqlalchemy"]


def test_lock_of_uv_tells_the_last_words_of_uv(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock that is out of date is refused with what uv says of it."""
    file = tmp_path / "uv.lock"
    file.write_text("version = 1\n", encoding="utf-8")
    put_uv(tmp_path, "echo 'error: the lock is stale.' >&2; exit 2")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PackageError) as caught:
        read_lock(file, python="3.13", architecture="x86_64")

    assert str(caught.value) == (
        f"uv could not export the lock {file}: error: the lock is stale. Run uv lock anew."
    )
