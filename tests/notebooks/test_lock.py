"""The lock of a module: its closure, with hashes from whoever knows them."""

import hashlib
from pathlib import Path

import pytest
from notebooks.conftest import make_distribution
from package.wheelhouse import write_wheel

from dspipe.errors import NotebookError
from dspipe.notebooks import Requirements, make_lock
from dspipe.notebooks._distributions import Pin

NEEDS = Requirements("3.11", {"alpha": Pin("alpha", "1.0", "alpha==1.0")})
BETA = (
    "not-installed-here",
    'beta; python_version >= "3"',
    'gamma; extra == "x"',
    'absent; sys_platform == "win32"',
)


@pytest.fixture
def wheels(tmp_path: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install alpha, which needs beta, and let pip find wheels in a folder and nowhere else."""
    make_distribution(site, "alpha", ["alpha.py"], requires=BETA)
    make_distribution(site, "beta", ["beta.py"], requires=("alpha[x]",))
    make_distribution(site, "gamma", ["gamma.py"])
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def add(wheels: Path, name: str) -> str:
    """Add a wheel, and give its hash."""
    file = wheels / f"{name}-1.0-py3-none-any.whl"
    write_wheel(file, name, "1.0", {f"{name}.py": b""})
    return hashlib.sha256(file.read_bytes()).hexdigest()


def test_lock_has_the_closure_with_the_hashes_of_pip(wheels: Path) -> None:
    """Extras that are asked for count; what another system needs does not."""
    digests = [add(wheels, name) for name in ("alpha", "beta", "gamma")]

    lock = make_lock(NEEDS, name="late.ipynb", uv=None)

    assert lock.text == (
        "# Written by dspipe from late.ipynb, for Python 3.11.\n"
        f"alpha==1.0 \\\n    --hash=sha256:{digests[0]}\n"
        f"beta==1.0 \\\n    --hash=sha256:{digests[1]}\n"
        f"gamma==1.0 \\\n    --hash=sha256:{digests[2]}\n"
    )
    assert lock.remarks == ()


def test_lock_has_versions_alone_where_nobody_knows_hashes(wheels: Path) -> None:
    """And it says what dspipe build will want."""
    lock = make_lock(NEEDS, name="late.ipynb", uv=None)

    assert lock.text.splitlines()[1:] == ["alpha==1.0", "beta==1.0", "gamma==1.0"]
    assert lock.remarks == (
        "The lock has no hashes of 'alpha', 'beta', 'gamma': no index could be asked for them. "
        "dspipe build demands hashes. Run this again where the index can be reached, or run "
        "there: uv pip compile requirements.in --universal --python-version 3.11 "
        "--generate-hashes --no-emit-index-url -o requirements.lock",
    )


def test_lock_is_that_of_uv_where_it_is_installed(wheels: Path, tmp_path: Path) -> None:
    """Uv knows every platform; it is given the versions of this environment."""
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\necho \"$@\" > {tmp_path}/words\nsed 's/$/ --hash=sha256:0/'\n")
    uv.chmod(0o755)

    lock = make_lock(NEEDS, name="late.ipynb", uv=str(uv))

    assert lock.text.splitlines()[1:] == [
        f"{name}==1.0 --hash=sha256:0" for name in ("alpha", "beta", "gamma")
    ]
    words = (tmp_path / "words").read_text()
    assert words.startswith("pip compile - --universal --python-version 3.11 --generate-hashes")
    assert "--no-emit-index-url" in words


def test_lock_asks_pip_where_uv_fails(wheels: Path, tmp_path: Path) -> None:
    """Without a word of uv, which may hold an address."""
    add(wheels, "alpha")
    add(wheels, "beta")
    add(wheels, "gamma")
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\nexit 2\n")
    uv.chmod(0o755)

    lock = make_lock(NEEDS, name="late.ipynb", uv=str(uv))

    assert lock.text.count("--hash=") == 3
    assert lock.remarks == ()


def test_lock_says_what_has_no_hash_for_good(wheels: Path, site: Path) -> None:
    """A commit has none."""
    url = '{"url": "https://x/y.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}'
    make_distribution(site, "fromgit", ["fromgit.py"], url=url)
    needs = Requirements("3.11", {"fromgit": Pin("fromgit", "1.0", "fromgit @ ...")})

    lock = make_lock(needs, name="late.ipynb", uv=None)

    assert lock.text.splitlines()[1:] == ["fromgit @ git+https://x/y.git@abc"]
    assert lock.remarks == (
        "The lock has no hashes of 'fromgit', installed from an address and not from an index. "
        "dspipe build demands hashes: put a wheel of it into an index, and install it from there.",
    )


def test_lock_refuses_what_lies_in_a_folder_of_this_machine(site: Path) -> None:
    """However far down it is needed."""
    make_distribution(site, "alpha", ["alpha.py"], requires=("mine",))
    make_distribution(site, "mine", ["mine.py"], url='{"url": "file:///x", "dir_info": {}}')

    with pytest.raises(NotebookError) as caught:
        make_lock(NEEDS, name="late.ipynb", uv=None)

    assert [problem["code"] for problem in caught.value.problems] == ["E_FOLDER"]
